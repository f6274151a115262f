"""A project's ceilings beneath its quota on one pool, and the bounds it has of its own, as its page shows them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from portal.web.present.states import Pill
from portal.web.present.words import NBSP, duration_of_minutes, plural
from scheduler.planning.hours import Period
from scheduler.planning.snapshot import QuotaFacts
from scheduler.queries.ceilings import AT_ONCE, CeilingUse
from scheduler.states import Priority

FULL_SHARE = 0.9  # of a ceiling: from here on it is told as nearly full
_PERIODS: Mapping[str, str] = {
    AT_ONCE: "at once",
    Period.DAYS_7: "in any 7 days",
    Period.DAYS_30: "in any 30 days",
    Period.AHEAD: "booked ahead",
}
_ROLLING = frozenset({Period.DAYS_7, Period.DAYS_30})


@dataclass(frozen=True, slots=True)
class CeilingView:
    """`ends_at` is the end of the fullest such period, where it is one of many."""

    what: str
    period: str
    used: str
    percent: int
    ends_at: datetime | None
    state: Pill | None


def ceiling_view(one: CeilingUse, *, names: Mapping[str, str], time_zone: str) -> CeilingView:
    word = str if one.period == AT_ONCE else hours
    return CeilingView(
        what=names.get(one.device_class, one.device_class)
        or (f"All {one.kind} devices" if one.kind else "Accelerators"),
        period=_period(one, time_zone),
        used=f"{word(one.used)} of {word(one.ceiling)}",
        percent=percent(one.used, one.ceiling),
        ends_at=one.ends_at if one.period in _ROLLING and one.used else None,
        state=fullness(one.used, one.ceiling),
    )


def bounds(quota: QuotaFacts | None) -> Iterator[str]:
    """One sentence each, only of what is not the pool's."""
    if quota is None:
        return
    if quota.near_term_hours is not None:
        soon = plural(quota.near_term_hours, "hour")
        yield f"What is idle may be booked beyond these ceilings when it begins within {soon}; it is marked so."
    if quota.horizon_days is not None:
        yield f"Bookings begin at most {plural(quota.horizon_days, 'day')} ahead."
    if quota.min_lead_minutes is not None:
        yield f"Bookings are made at least {duration_of_minutes(quota.min_lead_minutes)} ahead."
    if quota.min_duration_minutes is not None:
        yield f"A booking lasts at least {duration_of_minutes(quota.min_duration_minutes)}."
    if quota.max_duration_hours is not None:
        yield f"A booking lasts at most {duration_of_minutes(quota.max_duration_hours * 60)}."
    if quota.priority_max != Priority.PRODUCTION:
        yield f"The highest priority is {quota.priority_max}."


def hours(amount: float) -> str:
    """One decimal where it says something."""
    figure = f"{amount:,.1f}".removesuffix(".0")
    return f"{figure}{NBSP}h"


def fullness(number: float, most: int) -> Pill | None:
    """A ceiling may have been lowered beneath what was booked: that stays booked."""
    if number > most:
        return Pill("Over the ceiling", "bad")
    if number == most:
        return Pill("Booked to the ceiling" if most else "Nothing may be held", "warn")
    return Pill("Nearly at the ceiling", "warn") if number >= FULL_SHARE * most else None


def percent(number: float, most: int | None) -> int:
    return 0 if not most else min(100, round(100 * number / most))


def _kind(kind: str) -> str:
    return f"All {kind} devices" if kind else "Accelerators"


def _period(one: CeilingUse, time_zone: str) -> str:
    if one.period == Period.MONTH and one.begins_at is not None:
        return f"in {one.begins_at.astimezone(ZoneInfo(time_zone)):%B}"
    return _PERIODS[one.period]
