"""What a reservation has used until now, from what was attached when: device-hours, energy at worst, price. Pure.

The facts are attachments, so that composing again, a swap, a gap and an early end count as they were. Only hours within
its window are charged for, at the rates it was booked at; energy is that of all the time devices were attached.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from scheduler.planning.charging import hours_between
from scheduler.planning.pricing import in_cents
from scheduler.planning.rates import Tariff, hours_by_rate
from scheduler.planning.tariffs import tariffs_of

WATTS_PER_KILOWATT = 1_000
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Attached:
    """One device, or with no class a host, that draws at most so many watts; `until` None: it still is."""

    device_class: str
    watts: int
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class SoFar:
    """`device_hours` are those within the window; `usd` of the classes that had a rate."""

    device_hours: Decimal
    usd: Decimal
    kwh: Decimal


def so_far(
    attached: Iterable[Attached], *, price: Mapping[str, Any], starts_at: datetime, ends_at: datetime, now: datetime
) -> SoFar:
    tariffs = tariffs_of(price)
    hours, usd, watt_hours = _NOTHING, _NOTHING, _NOTHING
    for one in attached:
        until = now if one.until is None else one.until
        watt_hours += one.watts * hours_between(one.since, until)
        if one.device_class:
            begin, end = max(one.since, starts_at), min(until, ends_at)
            hours += hours_between(begin, end)
            tariff = tariffs.get(one.device_class, Tariff(None))
            usd += sum((rate * part for rate, part in hours_by_rate(tariff, begin=begin, end=end).items()), _NOTHING)
    return SoFar(hours, in_cents(usd), watt_hours / WATTS_PER_KILOWATT)
