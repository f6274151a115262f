"""A pool's rates: of each class by priority and time of day, what holds now, and what will. Pure.

Rates are in US dollars for one device and hour. What has none is named as not priced, what costs nothing as free.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from portal.web.present.promises import PRIORITIES
from portal.web.present.times_of_week import minutes_between, shifted, times_in_words
from portal.web.present.words import NBSP, duration_of_minutes, rate_money
from scheduler.planning.rates import Band, RateCard, Tariff, Terms, rate_at
from scheduler.queries.rates import PricedClass
from scheduler.states import IN_ORDER, Priority

CHANGES_SHOWN_MAX = 5
CLASSES_PER_CHANGE_MAX = 12
_MOMENTS_LOOKED_AT_MAX = 40  # of changes that may have no effect
_CURRENCY = "USD"
NOT_PRICED = "not priced"

ByPriority = Mapping[Priority, Tariff]


@dataclass(frozen=True, slots=True)
class RateLine:
    """`times` on the pool's clocks, empty where it holds at any time; `hover` are they on the reader's."""

    rate: str
    times: str = ""
    hover: str = ""
    is_now: bool = False

    @property
    def is_priced(self) -> bool:
        return self.rate != NOT_PRICED


@dataclass(frozen=True, slots=True)
class RateColumn:
    priority: str
    lines: tuple[RateLine, ...]


@dataclass(frozen=True, slots=True)
class ClassRates:
    code: str
    name: str
    columns: tuple[RateColumn, ...]


@dataclass(frozen=True, slots=True)
class NewRates:
    """What a class will cost, a sentence for each of the priorities that differ."""

    name: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RateChange:
    at: datetime
    classes: tuple[NewRates, ...]
    others: int  # classes that change too and are not named


def class_rates(
    classes: Iterable[PricedClass], *, card: RateCard, now: datetime, zone: tzinfo
) -> tuple[ClassRates, ...]:
    """`zone` is the reader's."""
    ahead = minutes_between(ZoneInfo(card.time_zone), zone, at=now)
    return tuple(
        ClassRates(
            one.code,
            one.name,
            tuple(
                RateColumn(PRIORITIES[priority], _lines(tariff, now, ahead, str(zone)))
                for priority, tariff in _tariffs(one, card, now).items()
            ),
        )
        for one in classes
    )


def rate_changes(classes: Iterable[PricedClass], *, card: RateCard, now: datetime) -> tuple[RateChange, ...]:
    """The next few moments at which something costs otherwise than just before."""
    listed = tuple(classes)
    edges = {edge for row in card.rows for edge in (row.valid_from, row.valid_until) if edge is not None and edge > now}
    moments = sorted(edges)[:_MOMENTS_LOOKED_AT_MAX]
    found = (_change(listed, card, at, before) for before, at in zip([now, *moments], moments, strict=False))
    return tuple(islice((change for change in found if change.classes), CHANGES_SHOWN_MAX))


def has_prices(classes: Iterable[ClassRates]) -> bool:
    return any(line.is_priced for one in classes for column in one.columns for line in column.lines)


def price_words(policy: Mapping[str, Any]) -> tuple[str, str]:
    """How a price is made, and what ends it. `policy` as a pool file has it; the rule: `planning/settlement.py`."""
    percent, hours = policy.get("late_cancel_percent", 0), policy.get("cancel_free_until_hours", 0)
    free = "Cancelling before the start costs nothing"
    if percent and hours:
        early = duration_of_minutes(hours * 60)
        free = f"Cancelling is free until {early} before the start and costs {percent}{NBSP}% of the price after that"
    return (
        "A price is the rate of each device for the hours of its window, as rates are when it is booked: "
        "later changes of rates do not touch it, and set-up and clean-up are never charged.",
        f"{free}; hours that are given back early are credited.",
    )


def clock_of_pool(card: RateCard, *, now: datetime) -> str:
    return f"{now.astimezone(ZoneInfo(card.time_zone)):%a %H:%M}"


def _tariffs(one: PricedClass, card: RateCard, at: datetime) -> ByPriority:
    return {
        priority: Terms(card, priority, at).tariff(device_class=one.code, catalogue=one.catalogue)
        for priority in IN_ORDER
    }


def _lines(tariff: Tariff, now: datetime, ahead: int, zone: str) -> tuple[RateLine, ...]:
    if not tariff.bands:
        return (RateLine(_in_words(tariff.base)),)
    current = rate_at(tariff, at=now)
    timed = (
        RateLine(_in_words(rate), times_in_words(bands), _elsewhere(bands, ahead, zone), rate == current)
        for rate, bands in _by_rate(tariff)
    )
    return (*timed, RateLine(_in_words(tariff.base), "otherwise", is_now=tariff.base == current))


def _by_rate(tariff: Tariff) -> Iterator[tuple[Decimal | None, list[Band]]]:
    """In the order of their times."""
    found: dict[Decimal | None, list[Band]] = {}
    for band in tariff.bands:
        found.setdefault(band.rate, []).append(band)
    yield from found.items()


def _elsewhere(bands: list[Band], ahead: int, zone: str) -> str:
    return f"{times_in_words(shifted(bands, minutes=ahead))} in {zone}, as clocks are now" if ahead else ""


def _change(classes: tuple[PricedClass, ...], card: RateCard, at: datetime, before: datetime) -> RateChange:
    changed = [
        NewRates(one.name, _sentences(after))
        for one in classes
        if _rates(after := _tariffs(one, card, at)) != _rates(_tariffs(one, card, before))
    ]
    return RateChange(at, tuple(changed[:CLASSES_PER_CHANGE_MAX]), len(changed[CLASSES_PER_CHANGE_MAX:]))


def _rates(tariffs: ByPriority) -> list[tuple[Decimal | None, tuple[Band, ...]]]:
    """Without the zone, which only those have that fall apart by time."""
    return [(tariff.base, tariff.bands) for tariff in tariffs.values()]


def _sentences(tariffs: ByPriority) -> tuple[str, ...]:
    """Priorities that cost the same together; without their names where all do."""
    alike: dict[str, list[str]] = {}
    for priority, tariff in tariffs.items():
        alike.setdefault(_tariff_words(tariff), []).append(PRIORITIES[priority])
    if len(alike) == 1:
        return tuple(alike)
    return tuple(f"{', '.join(names).capitalize()}: {words}" for words, names in alike.items())


def _tariff_words(tariff: Tariff) -> str:
    if not tariff.bands:
        return _in_words(tariff.base)
    timed = [f"{_in_words(rate)} {times_in_words(bands)}" for rate, bands in _by_rate(tariff)]
    return f"{'; '.join(timed)}; {_in_words(tariff.base)} otherwise"


def _in_words(rate: Decimal | None) -> str:
    if rate is None:
        return NOT_PRICED
    return rate_money(rate, _CURRENCY) if rate else "free"
