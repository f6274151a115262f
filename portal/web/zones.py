"""In which zone a person reads and types times: their own setting, else the browser's, else the pool's, else UTC."""

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpRequest

from portal.accounts.models import User

ZONE_COOKIE = "heddle_zone"
FALL_BACK = "UTC"
_NOT_PLACES = ("Etc/", "SystemV/", "US/", "posix/", "right/")


@cache
def zone_names() -> tuple[str, ...]:
    """IANA names people know, UTC first; `Etc/GMT+3` and its like mean the opposite of what they say."""
    places = (name for name in available_timezones() if "/" in name and not name.startswith(_NOT_PLACES))
    return (FALL_BACK, *sorted(places))


def known_zone(name: str) -> ZoneInfo:
    """The zone of that name, or UTC."""
    return ZoneInfo(name if name in zone_names() else FALL_BACK)


def zone_of(request: HttpRequest, *, pool_zone: str = "") -> ZoneInfo:
    own = request.user.time_zone if isinstance(request.user, User) else ""
    for name in (own, request.COOKIES.get(ZONE_COOKIE, ""), pool_zone):
        if name in zone_names():
            return ZoneInfo(name)
    return ZoneInfo(FALL_BACK)
