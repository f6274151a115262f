"""Device-hours of a project against its ceilings: of a calendar month, of any 7 or 30 days, and booked ahead. Pure.

What is charged is added up from the reservations themselves, never counted along. The hours of a period that ends at a
moving instant change evenly between the instants at which devices come or go on either side of it, so that its worst
instant is one of those.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import accumulate
from zoneinfo import ZoneInfo

from fabric.topology import ACCELERATOR_KINDS
from scheduler.planning.snapshot import HourLimit, QuotaFacts, Stint
from scheduler.planning.stays import to_instant, to_moment

MICROSECONDS_AN_HOUR = 3_600_000_000
_MICROSECOND = timedelta(microseconds=1)
_DECEMBER = 12
NEAR_SHARE = 0.8  # of a ceiling: from here on its people are told


class Period(StrEnum):
    MONTH = "month"
    DAYS_7 = "7 days"
    DAYS_30 = "30 days"
    AHEAD = "ahead"


ROLLING = {Period.DAYS_7: timedelta(days=7), Period.DAYS_30: timedelta(days=30)}


@dataclass(frozen=True, slots=True)
class HourSum:
    """`hours` of the worst such period that the asked ones add to, with them; `most` is the ceiling."""

    limit: HourLimit
    period: Period
    hours: float
    most: int
    begins_at: datetime
    ends_at: datetime
    added: float = 0  # of `hours`: what is asked for

    @property
    def becomes_near(self) -> bool:
        """What is asked for brings it there: it was not near before."""
        near = NEAR_SHARE * self.most
        return self.hours - self.added < near <= self.hours

    @property
    def is_over(self) -> bool:
        return self.hours > self.most


def hour_sums(*, quota: QuotaFacts, asked: Sequence[Stint], now: datetime) -> Iterator[HourSum]:
    """One for every ceiling that is set and that `asked` adds to."""
    for limit in quota.hour_limits:
        mine = [one for one in asked if counts(limit, one) and one.begins_at < one.ends_at]
        if mine:
            together = [*(one for one in quota.stints if counts(limit, one)), *mine]
            yield from _of_limit(limit, together, mine, now, ZoneInfo(quota.time_zone))


def counts(limit: HourLimit, stint: Stint) -> bool:
    if limit.device_class:
        return stint.device_class == limit.device_class
    return stint.kind == limit.kind if limit.kind else stint.kind in ACCELERATOR_KINDS


def _of_limit(
    limit: HourLimit, together: Sequence[Stint], mine: Sequence[Stint], now: datetime, zone: ZoneInfo
) -> Iterator[HourSum]:
    curve, own = curve_of(together), curve_of(mine)
    begins_at, ends_at = min(one.begins_at for one in mine), max(one.ends_at for one in mine)
    if limit.per_month is not None:
        months = [(*month, curve.hours(*month)) for month in months_of(begins_at, ends_at, zone)]
        begin, end, hours = max(months, key=lambda month: month[2])
        yield HourSum(limit, Period.MONTH, hours, limit.per_month, begin, end, own.hours(begin, end))
    for period, most in ((Period.DAYS_7, limit.per_7_days), (Period.DAYS_30, limit.per_30_days)):
        if most is not None:
            end = curve.worst_end(ROLLING[period], begins_at, ends_at + ROLLING[period])
            begin = end - ROLLING[period]
            yield HourSum(limit, period, curve.hours(begin, end), most, begin, end, own.hours(begin, end))
    if limit.ahead is not None and any(one.begins_at > now for one in mine):
        ahead = [one for one in together if one.begins_at > now]
        last = max(one.ends_at for one in ahead)
        yield HourSum(limit, Period.AHEAD, hours_of(ahead), limit.ahead, now, last, hours_of(mine))


def hours_so_far(*, quota: QuotaFacts, now: datetime) -> Iterator[HourSum]:
    """Of every ceiling that is set, nothing asked for: this month, and the worst days from now on."""
    for limit in quota.hour_limits:
        mine = [one for one in quota.stints if counts(limit, one)]
        curve, last = curve_of(mine), max((one.ends_at for one in mine), default=now)
        if limit.per_month is not None:
            begin, end = next(months_of(now, now + _MICROSECOND, ZoneInfo(quota.time_zone)))
            yield HourSum(limit, Period.MONTH, curve.hours(begin, end), limit.per_month, begin, end)
        for period, most in ((Period.DAYS_7, limit.per_7_days), (Period.DAYS_30, limit.per_30_days)):
            if most is not None:
                end = curve.worst_end(ROLLING[period], now - _MICROSECOND, max(now, last), and_at=now)
                begin = end - ROLLING[period]
                yield HourSum(limit, period, curve.hours(begin, end), most, begin, end)
        if limit.ahead is not None:
            ahead = [one for one in mine if one.begins_at > now]
            yield HourSum(limit, Period.AHEAD, hours_of(ahead), limit.ahead, now, max(now, last))


def hours_of(stints: Iterable[Stint]) -> float:
    micros = sum(one.devices * (to_instant(one.ends_at) - to_instant(one.begins_at)) for one in stints)
    return micros / MICROSECONDS_AN_HOUR


def months_of(begins_at: datetime, ends_at: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """Every calendar month of the zone that has a part of the period, from its first instant to its last."""
    local = begins_at.astimezone(zone)
    year, month = local.year, local.month
    begin = datetime(year, month, 1, tzinfo=zone)
    while to_instant(begin) < to_instant(ends_at):
        year, month = (year + 1, 1) if month == _DECEMBER else (year, month + 1)
        end = datetime(year, month, 1, tzinfo=zone)
        yield to_moment(to_instant(begin)), to_moment(to_instant(end))
        begin = end


def fresh_starts(*, quota: QuotaFacts, duration: timedelta, begin: datetime, end: datetime) -> list[datetime]:
    """Starts in `[begin, end)` worth a try: with a month, or when all that one had counts in no period with them.

    Between two of them a start may fit that is not named: what one had leaves a period little by little.
    """
    starts = {month for month, _ in months_of(begin, end, ZoneInfo(quota.time_zone))}
    starts |= {one.ends_at + length - duration for one in quota.stints for length in ROLLING.values()}
    return sorted(start for start in starts if begin <= start < end)


def curve_of(stints: Iterable[Stint]) -> "Curve":
    return Curve((to_instant(one.begins_at), to_instant(one.ends_at), one.devices) for one in stints)


class Curve:
    """How much is charged until when: the sum of any period in two looks. In whole microseconds, so that it is exact.

    `spans` are begin, end and how many devices.
    """

    def __init__(self, spans: Iterable[tuple[int, int, int]]) -> None:
        changes: defaultdict[int, int] = defaultdict(int)
        for begin, end, devices in spans:
            if begin < end:
                changes[begin] += devices
                changes[end] -= devices
        self._edges = sorted(changes)
        self._levels = list(accumulate(changes[edge] for edge in self._edges))
        lengths = (later - edge for edge, later in zip(self._edges, self._edges[1:], strict=False))
        amounts = (level * length for level, length in zip(self._levels, lengths, strict=False))
        self._sums = list(accumulate(amounts, initial=0))

    def hours(self, begins_at: datetime, ends_at: datetime) -> float:
        return self._between(to_instant(begins_at), to_instant(ends_at)) / MICROSECONDS_AN_HOUR

    def worst_end(
        self, length: timedelta, after: datetime, until: datetime, *, and_at: datetime | None = None
    ) -> datetime:
        """The first end in `(after, until]` of a period so long that has most; `and_at` is looked at as well."""
        size, first, last = length // _MICROSECOND, to_instant(after), to_instant(until)
        edges = {last, to_instant(and_at or until), *self._edges, *(edge + size for edge in self._edges)}
        ends = (end for end in edges if first < end <= last)
        return to_moment(min(ends, key=lambda end: (-self._between(end - size, end), end)))

    def _between(self, begin: int, end: int) -> int:
        return self._until(end) - self._until(begin)

    def _until(self, instant: int) -> int:
        nth = bisect_right(self._edges, instant) - 1
        return self._sums[nth] + self._levels[nth] * (instant - self._edges[nth]) if nth >= 0 else 0
