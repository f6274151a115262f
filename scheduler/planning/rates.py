"""What a device costs by class, priority and time of day, and how a window falls apart by it. Pure.

A booking keeps the rates that were in force when it was made: of these a `Tariff` is made for each class, written with
its price, and asked again when it is extended, shortened or resized. Times of day are those of the pool's clocks: at
each instant that rate holds which the wall clock says, so that the night in which clocks go back costs an hour more.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

from scheduler.states import Priority

DAY_MINUTES = 24 * 60
EVERY_DAY = "1234567"  # ISO numbers, 1 is Monday
RATE_STEP = Decimal("0.0001")
WHOLE_PERCENT = 100
MICROSECONDS_PER_HOUR = 3_600_000_000
_MICROSECOND = timedelta(microseconds=1)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateRow:
    """Sets the rate of a class (`usd_per_hour`), or scales what holds without it (`percent`)."""

    number: int
    device_class: str = ""  # empty: of every one
    priority: str = ""  # empty: of every one
    weekdays: str = EVERY_DAY
    from_minute: int = 0
    until_minute: int = DAY_MINUTES
    usd_per_hour: Decimal | None = None
    percent: int | None = None
    valid_from: datetime
    valid_until: datetime | None = None

    def is_of(self, device_class: str, priority: Priority, at: datetime) -> bool:
        return (
            self.device_class in {"", device_class}
            and self.priority in {"", priority}
            and self.valid_from <= at
            and (self.valid_until is None or at < self.valid_until)
        )

    def holds(self, weekday: str, minute: int) -> bool:
        return weekday in self.weekdays and self.from_minute <= minute < self.until_minute

    @property
    def narrowness(self) -> tuple[bool, bool, int, datetime, int]:
        """The greatest wins: of a class, of a priority, of the shortest time of the week, the latest."""
        minutes = len(self.weekdays) * (self.until_minute - self.from_minute)
        return (bool(self.device_class), bool(self.priority), -minutes, self.valid_from, self.number)


@dataclass(frozen=True, slots=True)
class RateCard:
    """Every rate of a pool, also those that are over and those to come."""

    time_zone: str = "UTC"
    rows: tuple[RateRow, ...] = ()


NO_RATES = RateCard()


@dataclass(frozen=True, slots=True)
class Band:
    """A rate on some weekdays, from one minute of the day until another. None: not priced then."""

    weekdays: str
    from_minute: int
    until_minute: int
    rate: Decimal | None


@dataclass(frozen=True, slots=True)
class Tariff:
    """`base` holds where no band does; bands do not overlap."""

    base: Decimal | None
    bands: tuple[Band, ...] = ()
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Piece:
    starts_at: datetime
    ends_at: datetime
    rate: Decimal | None


@dataclass(frozen=True, slots=True)
class Terms:
    """What who books at that moment with that priority is asked to pay."""

    card: RateCard
    priority: Priority
    at: datetime

    def tariff(self, *, device_class: str, catalogue: Decimal | None) -> Tariff:
        """`catalogue` is the rate of the class where none is set."""
        rows = [row for row in self.card.rows if row.is_of(device_class, self.priority, self.at)]
        if not rows:
            return Tariff(catalogue)
        week = [band for day in EVERY_DAY for band in _bands_of_day(day, rows, catalogue)]
        minutes: dict[Decimal | None, int] = {}
        for band in week:
            minutes[band.rate] = minutes.get(band.rate, 0) + band.until_minute - band.from_minute
        base = max(minutes, key=lambda rate: (minutes[rate], -(rate or 0)))
        return Tariff(base, _by_weekdays([band for band in week if band.rate != base]), self.card.time_zone)


def pieces(tariff: Tariff, *, begin: datetime, end: datetime) -> Iterator[Piece]:
    """The window by rate, in the order of time; neighbours differ."""
    if not tariff.bands:
        yield Piece(begin, end, tariff.base)
        return
    for rate, together in groupby(_cut(tariff, begin, end), key=lambda piece: piece.rate):
        of_rate = list(together)
        yield Piece(of_rate[0].starts_at, of_rate[-1].ends_at, rate)


def rate_at(tariff: Tariff, *, at: datetime) -> Decimal | None:
    local = at.astimezone(ZoneInfo(tariff.time_zone))
    return _rate_at(tariff, str(local.isoweekday()), local.hour * 60 + local.minute)


def hours_by_rate(tariff: Tariff, *, begin: datetime, end: datetime) -> Mapping[Decimal, Decimal]:
    """Exact hours of the window at each rate, in the order in which they come; what is not priced is left out."""
    sums: dict[Decimal, Decimal] = {}
    for piece in pieces(tariff, begin=begin, end=max(begin, end)):
        if piece.rate is not None:
            hours = Decimal((piece.ends_at - piece.starts_at) // _MICROSECOND) / MICROSECONDS_PER_HOUR
            sums[piece.rate] = sums.get(piece.rate, Decimal(0)) + hours
    return sums


def _cut(tariff: Tariff, begin: datetime, end: datetime) -> Iterator[Piece]:
    zone, at = ZoneInfo(tariff.time_zone), begin
    edges = sorted({0, DAY_MINUTES} | {edge for b in tariff.bands for edge in (b.from_minute, b.until_minute)})
    while at < end:
        local = at.astimezone(zone)
        minute = local.hour * 60 + local.minute
        edge = next(edge for edge in edges if edge > minute)
        left = timedelta(minutes=edge - minute, seconds=-local.second, microseconds=-local.microsecond)
        until = min(_before_change(at, at + left, zone), end)
        yield Piece(at, until, _rate_at(tariff, str(local.isoweekday()), minute))
        at = until


def _before_change(at: datetime, until: datetime, zone: ZoneInfo) -> datetime:
    """`until`, or where the clocks change before it, that instant: what they say then is asked anew."""
    if _offset(at, zone) == _offset(until, zone):
        return until
    low, high = 0, (until - at) // _SECOND
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(at + middle * _SECOND, zone) == _offset(at, zone) else (low, middle)
    return min((at + high * _SECOND).replace(microsecond=0), until)


def _offset(at: datetime, zone: ZoneInfo) -> timedelta | None:
    return at.astimezone(zone).utcoffset()


def _rate_at(tariff: Tariff, weekday: str, minute: int) -> Decimal | None:
    for band in tariff.bands:
        if weekday in band.weekdays and band.from_minute <= minute < band.until_minute:
            return band.rate
    return tariff.base


def _bands_of_day(day: str, rows: list[RateRow], catalogue: Decimal | None) -> Iterator[Band]:
    mine = [row for row in rows if day in row.weekdays]
    edges = sorted({0, DAY_MINUTES} | {edge for row in mine for edge in (row.from_minute, row.until_minute)})
    cut = [(begin, end, _rate(day, begin, mine, catalogue)) for begin, end in pairwise(edges)]
    for rate, together in groupby(cut, key=lambda one: one[2]):
        of_rate = list(together)
        yield Band(day, of_rate[0][0], of_rate[-1][1], rate)


def _rate(day: str, minute: int, rows: list[RateRow], catalogue: Decimal | None) -> Decimal | None:
    """The narrowest that sets it, and of those that scale it the narrowest."""
    now = [row for row in rows if row.holds(day, minute)]
    sets = max((row for row in now if row.usd_per_hour is not None), key=lambda row: row.narrowness, default=None)
    scales = max((row for row in now if row.percent is not None), key=lambda row: row.narrowness, default=None)
    rate = catalogue if sets is None else sets.usd_per_hour
    if rate is None or scales is None or scales.percent is None:
        return rate
    return (rate * scales.percent / WHOLE_PERCENT).quantize(RATE_STEP)


def _by_weekdays(bands: list[Band]) -> tuple[Band, ...]:
    """Those alike on several days as one."""
    days: dict[tuple[int, int, Decimal | None], str] = {}
    for band in bands:
        key = (band.from_minute, band.until_minute, band.rate)
        days[key] = days.get(key, "") + band.weekdays
    return tuple(Band(weekdays, *key) for key, weekdays in sorted(days.items(), key=lambda one: one[0][:2]))
