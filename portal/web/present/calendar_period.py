"""Which days a calendar shows: read from its address, cut at midnights of the reader's zone. Pure.

A day is as long as it is: 23 or 25 hours where the clocks change.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_YEARS = range(2000, 2200)


class Span(StrEnum):
    """How much is shown at once."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    SIXTY = "60-days"

    @property
    def label(self) -> str:
        return "60 days" if self is Span.SIXTY else self.value.capitalize()


@dataclass(frozen=True, slots=True)
class Period:
    """`days` local days from `first` on; `begin` and `end` are their midnights, in UTC."""

    span: Span
    first: date
    days: int
    zone: ZoneInfo

    @property
    def begin(self) -> datetime:
        return midnight(self.first, self.zone)

    @property
    def end(self) -> datetime:
        return midnight(self.first + timedelta(days=self.days), self.zone)

    @property
    def minutes(self) -> int:
        return minutes_between(self.begin, self.end)

    @property
    def earlier(self) -> date:
        """Where the period before this one begins."""
        last = self.first - timedelta(days=1)
        return last.replace(day=1) if self.span is Span.MONTH else self.first - timedelta(days=self.days)

    @property
    def later(self) -> date:
        return self.first + timedelta(days=self.days)

    @property
    def words(self) -> str:
        """`Mon 23 Nov 2026`, `23 – 29 Nov 2026`, `November 2026`."""
        first, last = self.first, self.first + timedelta(days=self.days - 1)
        if self.span is Span.DAY:
            return f"{first:%a} {first.day} {first:%b %Y}"
        if self.span is Span.MONTH:
            return f"{first:%B %Y}"
        if (first.year, first.month) == (last.year, last.month):
            return f"{first.day} – {last.day} {last:%b %Y}"
        year = "" if first.year == last.year else f" {first.year}"
        return f"{first.day} {first:%b}{year} – {last.day} {last:%b %Y}"


def period_of(*, span: str, first: str, now: datetime, zone: ZoneInfo) -> Period:
    """What cannot be read means: the week, and today. Only a month begins where the calendar has it begin."""
    wanted = Span(span) if span in list(Span) else Span.WEEK
    today = now.astimezone(zone).date()
    asked = _date(first)
    if wanted is not Span.MONTH:
        return Period(wanted, asked or today, _DAYS[wanted], zone)
    begin = (asked or today).replace(day=1)
    following = (begin + timedelta(days=31)).replace(day=1)
    return Period(wanted, begin, (following - begin).days, zone)


_DAYS = {Span.DAY: 1, Span.WEEK: 7, Span.SIXTY: 60}


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a local day begins; where the clocks skip midnight, at the first moment it has."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def minutes_between(begin: datetime, end: datetime) -> int:
    return round((end - begin) / MINUTE)


def _date(text: str) -> date | None:
    if not _DAY.fullmatch(text):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in _YEARS else None
