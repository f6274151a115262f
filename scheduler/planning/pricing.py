"""What a mix costs, draws and waits for: rate × devices × hours of the window, padding never charged. Pure.

A class without a published rate is listed as not priced; it is never counted as nothing. Money is exact until the end.
Where a class has another rate at other times of day, it has one part for each, and the price keeps its tariff.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from fabric.topology import DeviceClassFacts, PoolTopology
from scheduler.planning.choices import choices, variants
from scheduler.planning.plan import NodePlan, Plan
from scheduler.planning.rates import Tariff, Terms, hours_by_rate
from scheduler.planning.tariffs import tariff_to_wire, tariffs_of
from scheduler.requests import Mix, Window

CENT, HOURS_STEP = Decimal("0.01"), Decimal("0.0001")
MICROSECONDS_PER_HOUR = 3_600_000_000


@dataclass(frozen=True, slots=True)
class PricePart:
    """`count` devices of one class for the whole window; with `hours`, for those at this rate alone."""

    device_class: str
    count: int
    rate_usd_per_hour: Decimal
    usd: Decimal
    hours: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """`usd` is the sum before rounding, rounded once; it may differ from the sum of the parts by cents."""

    usd: Decimal
    hours: Decimal
    parts: tuple[PricePart, ...]
    not_priced: tuple[str, ...]  # device classes, sorted
    devices: Mapping[str, int] = field(default_factory=dict)  # by class, priced or not
    tariffs: Mapping[str, Tariff] = field(default_factory=dict)  # of classes with other rates at other times
    window: Window | None = None


def price_of_mix(*, mix: Mix, topology: PoolTopology, window: Window, terms: Terms | None = None) -> Price:
    """What is asked for, before it has a place: of what is left open, what is preferred. Slices are whole cards."""
    choice = next(choices(mix, topology))
    wishes = next(variants(choice, topology), ())
    needs = ((code, count) for wish in wishes for code, count in wish.need.items())
    return _price(_summed(needs), topology.classes, window, terms=terms)


def price_of_devices(
    *,
    devices: Mapping[str, int],
    topology: PoolTopology,
    window: Window,
    booked: Mapping[str, Tariff] | None = None,
    terms: Terms | None = None,
) -> Price:
    """So many of each class, for the whole window."""
    return _price(devices, topology.classes, window, booked, terms)


def price_of_plan(
    *,
    plan: Plan,
    topology: PoolTopology,
    booked: Mapping[str, Tariff] | None = None,
    terms: Terms | None = None,
) -> Price:
    """`booked` is what was promised, by class: it goes before today's `terms`, and these before the catalogue."""
    window = Window(starts_at=plan.starts_at, ends_at=plan.ends_at)
    return _price(_summed((code, 1) for code in _classes(plan, topology)), topology.classes, window, booked, terms)


def price_to_wire(price: Price) -> dict[str, Any]:
    """Money as text, so that no reader turns it into a float."""
    found: dict[str, Any] = {
        "usd": str(price.usd),
        "hours": str(price.hours),
        "parts": [_part_to_wire(part) for part in price.parts],
        "not_priced": list(price.not_priced),
        "devices": dict(price.devices),
    }
    if price.tariffs and price.window is not None:
        begin, end = price.window.starts_at, price.window.ends_at
        found["tariffs"] = {
            code: tariff_to_wire(tariff, begin=begin, end=end) for code, tariff in sorted(price.tariffs.items())
        }
    return found


def _part_to_wire(part: PricePart) -> dict[str, Any]:
    found = {
        "device_class": part.device_class,
        "count": part.count,
        "rate_usd_per_hour": str(part.rate_usd_per_hour),
        "usd": str(part.usd),
    }
    return found if part.hours is None else {**found, "hours": str(part.hours)}


def watts(*, plan: Plan, topology: PoolTopology) -> int:
    """Worst draw of the plan's nodes: hosts with their local devices, and the cap or TDP of every device granted."""
    hosts = sum(topology.hosts[node.host].base_w + topology.hosts[node.host].local_w for node in plan.nodes)
    return hosts + sum(_device_watts(node, code, topology) for node in plan.nodes for code in node.blocks)


def _device_watts(node: NodePlan, block: str, topology: PoolTopology) -> int:
    setting = node.settings.get(block)
    if setting is not None and setting.power_cap_w is not None:
        return setting.power_cap_w
    return topology.classes[topology.blocks[block].device_class].tdp_w


def warm_up_seconds(*, plan: Plan, topology: PoolTopology, bind_seconds: float) -> float:
    """From the first intent to the last node.

    Nodes and binds run side by side, so the slowest counts, and its reboot.
    """
    hosts = (topology.hosts[node.host] for node in plan.nodes)
    return max((bind_seconds + (0 if host.hot_add else host.reboot_seconds) for host in hosts), default=0.0)


def booked_rates(price: Mapping[str, Any]) -> Mapping[str, Tariff]:
    """By class, of a price in its wire form."""
    return tariffs_of(price)


def _price(
    counts: Mapping[str, int],
    classes: Mapping[str, DeviceClassFacts],
    window: Window,
    booked: Mapping[str, Tariff] | None = None,
    terms: Terms | None = None,
) -> Price:
    length = window.ends_at - window.starts_at
    hours = Decimal((length.days * 86_400 + length.seconds) * 1_000_000 + length.microseconds) / MICROSECONDS_PER_HOUR
    found = {code: (booked or {}).get(code) or tariff_now(code, classes, terms) for code in sorted(counts)}
    parts: list[PricePart] = []
    total, not_priced = Decimal(0), []
    for code, tariff in found.items():
        by_rate = hours_by_rate(tariff, begin=window.starts_at, end=window.ends_at)
        if sum(by_rate.values()) != hours or not by_rate:
            not_priced.append(code)
        for rate, at_rate in by_rate.items():
            usd = rate * counts[code] * at_rate
            total += usd
            told = at_rate.quantize(HOURS_STEP) if tariff.bands else None
            parts.append(PricePart(code, counts[code], rate, in_cents(usd), told))
    return Price(
        usd=in_cents(total),
        hours=hours.quantize(HOURS_STEP),
        parts=tuple(parts),
        not_priced=tuple(not_priced),
        devices=dict(sorted(counts.items())),
        tariffs={code: tariff for code, tariff in found.items() if tariff.bands},
        window=window,
    )


def tariff_now(code: str, classes: Mapping[str, DeviceClassFacts], terms: Terms | None) -> Tariff:
    """What a class costs who books it under these terms; the catalogue's rate where there are none."""
    catalogue = classes[code].rate_usd_per_hour if code in classes else None
    return Tariff(catalogue) if terms is None else terms.tariff(device_class=code, catalogue=catalogue)


def in_cents(usd: Decimal) -> Decimal:
    """Rounded once, at the end; half a cent is a whole one, wherever money is told."""
    return usd.quantize(CENT, ROUND_HALF_UP)


def _summed(counts: Iterable[tuple[str, int]]) -> Mapping[str, int]:
    sums: dict[str, int] = {}
    for code, count in counts:
        sums[code] = sums.get(code, 0) + count
    return sums


def _classes(plan: Plan, topology: PoolTopology) -> Iterable[str]:
    return (topology.blocks[code].device_class for node in plan.nodes for code in node.blocks)
