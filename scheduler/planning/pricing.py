"""What a mix costs, draws and waits for: rate × devices × hours of the window, padding never charged. Pure.

A class without a published rate is listed as not priced; it is never counted as nothing. Money is exact until the end.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from fabric.topology import DeviceClassFacts, PoolTopology
from scheduler.planning.choices import choices, variants
from scheduler.planning.plan import NodePlan, Plan
from scheduler.requests import Mix, Window

CENT = Decimal("0.01")
MICROSECONDS_PER_HOUR = 3_600_000_000


@dataclass(frozen=True, slots=True)
class PricePart:
    """`count` devices of one class for the whole window."""

    device_class: str
    count: int
    rate_usd_per_hour: Decimal
    usd: Decimal


@dataclass(frozen=True, slots=True)
class Price:
    """`usd` is the sum before rounding, rounded once; it may differ from the sum of the parts by cents."""

    usd: Decimal
    hours: Decimal
    parts: tuple[PricePart, ...]
    not_priced: tuple[str, ...]  # device classes, sorted
    devices: Mapping[str, int] = field(default_factory=dict)  # by class, priced or not


def price_of_mix(*, mix: Mix, topology: PoolTopology, window: Window) -> Price:
    """What is asked for, before it has a place: of what is left open, what is preferred. Slices are whole cards."""
    choice = next(choices(mix, topology))
    wishes = next(variants(choice, topology), ())
    needs = ((code, count) for wish in wishes for code, count in wish.need.items())
    return _price(_summed(needs), topology.classes, window)


def price_of_plan(*, plan: Plan, topology: PoolTopology, booked: Mapping[str, Decimal] | None = None) -> Price:
    """`booked` are rates that were promised, by class: they go before today's."""
    window = Window(starts_at=plan.starts_at, ends_at=plan.ends_at)
    return _price(_summed((code, 1) for code in _classes(plan, topology)), topology.classes, window, booked)


def price_to_wire(price: Price) -> dict[str, Any]:
    """Money as text, so that no reader turns it into a float."""
    parts = [
        {
            "device_class": p.device_class,
            "count": p.count,
            "rate_usd_per_hour": str(p.rate_usd_per_hour),
            "usd": str(p.usd),
        }
        for p in price.parts
    ]
    return {
        "usd": str(price.usd),
        "hours": str(price.hours),
        "parts": parts,
        "not_priced": list(price.not_priced),
        "devices": dict(price.devices),
    }


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


def booked_rates(price: Mapping[str, Any]) -> Mapping[str, Decimal]:
    """By class, of a price in its wire form."""
    return {part["device_class"]: Decimal(part["rate_usd_per_hour"]) for part in price["parts"]}


def _price(
    counts: Mapping[str, int],
    classes: Mapping[str, DeviceClassFacts],
    window: Window,
    booked: Mapping[str, Decimal] | None = None,
) -> Price:
    length = window.ends_at - window.starts_at
    hours = Decimal((length.days * 86_400 + length.seconds) * 1_000_000 + length.microseconds) / MICROSECONDS_PER_HOUR
    parts: list[PricePart] = []
    total, not_priced = Decimal(0), []
    for code, count in sorted(counts.items()):
        today = classes[code].rate_usd_per_hour if code in classes else None
        rate = (booked or {}).get(code, today)
        if rate is None:
            not_priced.append(code)
            continue
        total += rate * count * hours
        parts.append(PricePart(code, count, rate, _cents(rate * count * hours)))
    devices = dict(sorted(counts.items()))
    return Price(_cents(total), hours.quantize(Decimal("0.0001")), tuple(parts), tuple(not_priced), devices)


def _cents(usd: Decimal) -> Decimal:
    return usd.quantize(CENT, ROUND_HALF_UP)


def _summed(counts: Iterable[tuple[str, int]]) -> Mapping[str, int]:
    sums: dict[str, int] = {}
    for code, count in counts:
        sums[code] = sums.get(code, 0) + count
    return sums


def _classes(plan: Plan, topology: PoolTopology) -> Iterable[str]:
    return (topology.blocks[code].device_class for node in plan.nodes for code in node.blocks)
