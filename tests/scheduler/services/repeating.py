"""What the tests of series share: a wish as a door reads it, and who makes it."""

from typing import Any

from scheduler.models import Reservation, Series
from scheduler.series_parsing import SeriesWish, parse_series
from scheduler.services.series import make_series
from tests.scheduler.services.house import L40S, WORDS, House

WEEKLY = "FREQ=WEEKLY;COUNT=4"
NINE = "2030-05-14T09:00"  # a Tuesday; the house stands on the Monday before, at 08:00 UTC


def body_of(**more: Any) -> dict[str, Any]:
    count = more.pop("count", 2)
    return {
        "project": "team-chat",
        "pool": "lab",
        "mix": [{"role": "", "nodes": 1, "lines": [{"device_class": L40S, "count": count}]}],
        "rule": WEEKLY,
        "time_zone": "Europe/Berlin",
        "starts_local": NINE,
        "duration_minutes": 120,
        **more,
    }


def wish_of(house: House, **more: Any) -> SeriesWish:
    return parse_series(body_of(**more), vocabulary=WORDS, zone="UTC", now=house.clock.now)


def make(house: House, **more: Any) -> Series:
    return make_series(wish=wish_of(house, **more), by=house.by(house.alice), now=house.clock.now)


def places(series: Series, *, state: str = "confirmed") -> list[str]:
    """Where its occurrences are, in UTC."""
    rows = Reservation.objects.filter(series=series, state=state).order_by("starts_at")
    return [f"{row.starts_at:%m-%d %H:%M}" for row in rows]
