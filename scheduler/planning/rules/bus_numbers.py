"""R6: every PRU a host is joined to, and every device, takes numbers of its PCI segment.

A PRU is a bridge with numbers kept free behind it for what is plugged in later; a device is a port of the switch, which
is a bridge of its own, and the device behind it. Firmware that runs out of them leaves devices unseen.
"""

from collections.abc import Iterator

from fabric.topology import HostFacts
from scheduler.planning.case import Case, Draft, Placed, Wish
from scheduler.planning.rules.base import PlacementRule, heaviest, over, plural
from scheduler.planning.rules.fanout import prus_of, reachable_prus
from scheduler.planning.rules.model import Model, Node, Sum
from scheduler.refusals import Refusal, RefusalCode, Suggestion

PRU_BUSES = 1 + 12  # its bridge, and the reserve behind it
DEVICE_BUSES = 2  # its port and itself


def buses(prus: int, devices: int) -> int:
    return prus * PRU_BUSES + devices * DEVICE_BUSES


def _excess(case: Case, wish: Wish, host: HostFacts) -> float:
    """Devices lie in one PRU at least, however they are placed; a fixed system has numbers for what is built in."""
    return 0.0 if host.is_fixed else over(_least(wish), host.bus_numbers)


def _least(wish: Wish) -> int:
    return buses(1, wish.devices) if wish.devices else 0


def _violations(case: Case, draft: Draft) -> Iterator[Refusal]:
    for placed in draft:
        host, prus = placed.host, len(prus_of(placed))
        need = max(_least(placed.wish), buses(prus, placed.wish.devices))
        if not host.is_fixed and need > host.bus_numbers:
            yield _refusal(placed, need, max(prus, 1))


def _refusal(placed: Placed, need: int, prus: int) -> Refusal:
    wish, have = placed.wish, placed.host.bus_numbers
    return Refusal(
        code=RefusalCode.BUS_EXHAUSTED,
        field=heaviest(wish, lambda code: DEVICE_BUSES),
        message=(
            f"{plural(wish.devices, 'device')} in {plural(prus, 'PRU')} need {need:,} bus numbers; a "
            f"{placed.host.template} host has {have:,}."
        ),
        need=need,
        have=have,
        unit="bus numbers",
        suggestions=tuple(_fewer(wish, -(-(need - have) // DEVICE_BUSES))),
    )


def _fewer(wish: Wish, by: int) -> Iterator[Suggestion]:
    count = max(wish.need.values()) - by
    if count > 0:
        yield Suggestion("count", f"Ask for {plural(count, 'device')} a node.", count)


def _encode(model: Model) -> None:
    for node in model.nodes:
        _encode_node(model, node)


def _encode_node(model: Model, node: Node) -> None:
    joined = Sum.total(Sum.of(model.uses(node, pru), PRU_BUSES) for pru in reachable_prus(model, node))
    need = joined + buses(0, node.wish.devices)
    model.bound(node, need, lambda host: None if host.is_fixed else host.bus_numbers)


RULE = PlacementRule(RefusalCode.BUS_EXHAUSTED, _violations, _excess, _encode)
