"""What of a pool's availability is wanted, read from the address. What makes no sense falls back calmly. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from scheduler.limits import AVAILABILITY_HOURS_MAX
from scheduler.queries.availability import PoolChoice


class Zoom(StrEnum):
    HOURS = "hours"  # a day, in half hours
    DAYS = "days"  # a week, in steps of four hours
    WEEKS = "weeks"  # sixty days, day by day


HOURS_OFFERED = (1, 2, 4, 8, 12, 24, 48, 72, 168)


@dataclass(frozen=True, slots=True)
class WantedOutlook:
    """`begin` is never before now, nor after the last instant that can be booked. Hours 0: only the step itself."""

    pool: PoolChoice
    zoom: Zoom
    begin: datetime
    until: datetime
    hours: int
    is_now: bool


def wanted_outlook(
    query: Mapping[str, str], *, pools: Sequence[PoolChoice], zone: tzinfo, now: datetime
) -> WantedOutlook:
    """Of the first pool where none is named. Times without an offset are meant in the zone."""
    pool = next((one for one in pools if one.code == query.get("pool")), pools[0])
    zoom = query.get("zoom", "")
    until = now + timedelta(days=pool.horizon_days)
    begin = _moment(query.get("from", ""), zone)
    is_now = begin is None or begin <= now
    return WantedOutlook(
        pool=pool,
        zoom=Zoom(zoom) if zoom in set(Zoom) else Zoom.HOURS,
        begin=now if begin is None else min(max(begin, now), until - timedelta(days=1)),
        until=until,
        hours=_hours(query.get("hours", "")),
        is_now=is_now,
    )


def _moment(text: str, zone: tzinfo) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))  # a plus sign that nobody quoted arrives as a space
        return found if found.tzinfo else found.replace(tzinfo=zone)
    except ValueError:
        return None


def _hours(text: str) -> int:
    return min(int(text), AVAILABILITY_HOURS_MAX) if text.isascii() and text.isdigit() and len(text) <= 4 else 0
