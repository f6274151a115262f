"""The price of a reservation that is to end at another time, at the rates it was booked at. Pure."""

from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from scheduler.planning.charging import counts_of, hours_between
from scheduler.planning.plan import Plan
from scheduler.planning.pricing import CENT, HOURS_STEP
from scheduler.planning.rates import Tariff, hours_by_rate
from scheduler.planning.tariffs import tariff_to_wire, tariffs_of

_NOTHING = Decimal(0)
NOTHING_IN_CENTS = "0.00"


def price_ending_at(*, price: Mapping[str, Any], plan: Plan, ends_at: datetime) -> dict[str, Any]:
    """`plan` has the window of the price. Many small steps come to as much as one great one."""
    counts = counts_of(price)
    parts: list[dict[str, Any]] = []
    before, after = _NOTHING, _NOTHING
    for code, tariff in tariffs_of(price).items():
        count = counts.get(code, 0)
        told = {Decimal(part["rate_usd_per_hour"]): part for part in price["parts"] if part["device_class"] == code}
        was = hours_by_rate(tariff, begin=plan.starts_at, end=plan.ends_at)
        will = hours_by_rate(tariff, begin=plan.starts_at, end=ends_at)
        for rate in dict.fromkeys([*was, *will]):
            part = _part(told.get(rate), code, rate, count, (was.get(rate, _NOTHING), will.get(rate, _NOTHING)))
            if not tariff.bands:
                parts.append({key: part[key] for key in part if key != "hours"})
            elif rate in will or part["usd"] != NOTHING_IN_CENTS:
                parts.append(part)
            before += rate * count * was.get(rate, _NOTHING)
            after += rate * count * will.get(rate, _NOTHING)
    hours = hours_between(plan.starts_at, plan.ends_at), hours_between(plan.starts_at, ends_at)
    found = {
        **price,
        "usd": _moved(price["usd"], before, after, CENT),
        "hours": _moved(price["hours"], *hours, HOURS_STEP),
        "parts": sorted(parts, key=lambda part: str(part["device_class"])),
    }
    return found | _tariffs(price, plan.starts_at, ends_at)


def _part(
    told: Mapping[str, Any] | None, code: str, rate: Decimal, count: int, hours: tuple[Decimal, Decimal]
) -> dict[str, Any]:
    was, will = hours
    first: dict[str, Any] = {
        "device_class": code,
        "count": count,
        "rate_usd_per_hour": str(rate),
        "usd": NOTHING_IN_CENTS,
    }
    part = dict(told) if told is not None else {**first, "usd": NOTHING_IN_CENTS}
    usd = _moved(part["usd"], rate * count * was, rate * count * will, CENT)
    return {**part, "usd": usd, "hours": str(will.quantize(HOURS_STEP, ROUND_HALF_UP))}


def _moved(told: str, before: Decimal, after: Decimal, step: Decimal) -> str:
    """What was rounded once is worked out anew of the whole length, so that no rounding is added to another; what is
    of another sum, since a device was lacking for a while, changes by what comes or goes.
    """
    is_whole = before.quantize(step, ROUND_HALF_UP) == Decimal(told)
    return str((after if is_whole else Decimal(told) + after - before).quantize(step, ROUND_HALF_UP))


def _tariffs(price: Mapping[str, Any], begin: datetime, end: datetime) -> dict[str, Any]:
    banded: dict[str, Tariff] = {code: one for code, one in tariffs_of(price).items() if one.bands}
    if not banded:
        return {}
    return {"tariffs": {code: tariff_to_wire(one, begin=begin, end=end) for code, one in sorted(banded.items())}}
