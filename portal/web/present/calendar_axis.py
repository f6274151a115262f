"""The scale above a calendar: days, hours, weekends. Pure.

Labels never collide: each says how wide a calendar must be for it to be shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from portal.web.present.calendar_period import Period, Span, midnight, minutes_between

_SATURDAY = 5
_DAYS_OF_A_WEEK = 7
_HOUR_STEPS = {Span.DAY: 1, Span.WEEK: 6}  # hours between two labels of one day
_SHOWN_ALWAYS, _SHOWN_WIDE = "", "wide"


@dataclass(frozen=True, slots=True)
class Day:
    """One column: minutes of the period, and what stands above it. A quiet one has no label."""

    begin: int
    end: int
    name: str  # of the day of the week, where there is room for it
    number: str
    month: str  # where one begins, of the labels shown
    is_weekend: bool
    is_today: bool
    is_quiet: bool


@dataclass(frozen=True, slots=True)
class Hour:
    at: int
    label: str
    room: str  # "wide": only where there is room


@dataclass(frozen=True, slots=True)
class Axis:
    minutes: int
    now: int | None  # minutes since the beginning, while it is shown
    days: tuple[Day, ...]
    hours: tuple[Hour, ...]


def axis_of(period: Period, *, now: datetime) -> Axis:
    since = minutes_between(period.begin, now)
    return Axis(
        minutes=period.minutes,
        now=since if 0 <= since < period.minutes else None,
        days=tuple(_days(period, now)),
        hours=tuple(_hours(period)),
    )


def _days(period: Period, now: datetime) -> Iterator[Day]:
    today = now.astimezone(period.zone).date()
    for nth in range(period.days):
        day = period.first + timedelta(days=nth)
        yield Day(
            begin=minutes_between(period.begin, midnight(day, period.zone)),
            end=minutes_between(period.begin, midnight(day + timedelta(days=1), period.zone)),
            name=f"{day:%a}",
            number=str(day.day),
            month=f"{day:%b}" if _begins_a_month(period, nth, day) else "",
            is_weekend=day.weekday() >= _SATURDAY,
            is_today=day == today,
            is_quiet=period.span is Span.SIXTY and day.weekday() != 0,
        )


def _begins_a_month(period: Period, nth: int, day: date) -> bool:
    """By the week where only Mondays have a label."""
    step = _DAYS_OF_A_WEEK if period.span is Span.SIXTY else 1
    return nth < step or day.day <= step


def _hours(period: Period) -> Iterator[Hour]:
    """Local hours on their steps, midnights left to the days; an hour that is skipped has no label."""
    step = _HOUR_STEPS.get(period.span)
    if step is None:
        return
    at = period.begin
    while (at := at + timedelta(hours=1)) < period.end:
        local = at.astimezone(UTC).astimezone(period.zone)
        if local.hour % step == 0 and local.hour and local.minute == 0:
            is_wide = local.hour % (3 * step) != 0 if period.span is Span.DAY else local.hour % 12 != 0
            yield Hour(minutes_between(period.begin, at), f"{local:%H:%M}", _SHOWN_WIDE if is_wide else _SHOWN_ALWAYS)
