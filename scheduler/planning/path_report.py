"""How the accelerators of a node reach each other and their host. Pure.

Pairs are named as NVIDIA's tools name them: PIX through one switch, PXB through several of one PRU, PHB up through the
bridge of one socket, SYS across sockets. A bridge between two cards comes on top of it. Inside a fixed system nothing
is composed and its wiring is its maker's: there is nothing to report.
"""

from collections import Counter
from collections.abc import Mapping
from itertools import combinations

from fabric.topology import PoolTopology
from scheduler.planning.case import Placed
from scheduler.planning.pcie import gbit_per_s
from scheduler.planning.plan import PathReport
from scheduler.planning.sockets import NONE_YET, sockets_of

PATHS = ("PIX", "PXB", "PHB", "SYS")  # best first


def path_report(topology: PoolTopology, placed: Placed, planes: Mapping[str, str] = NONE_YET) -> PathReport:
    """A link is as fast as the port of the host; drives and NICs share it with the accelerators.

    `planes` is PRU → plane of its link, which may decide at which socket it ends.
    """
    blocks = [block for block in placed.blocks if block.pru is not None]
    classes = [topology.classes[block.device_class] for block in blocks]
    joined, host = len({block.pru for block in blocks}), placed.host
    links = joined * gbit_per_s(host.port_generation, host.port_lanes)
    devices = sum(gbit_per_s(facts.pcie_generation, facts.pcie_lanes) for facts in classes)
    return PathReport(
        pairs=_pairs(topology, placed, planes),
        uplink_gbit_per_s=round(links, 1),
        device_gbit_per_s=round(devices, 1),
        oversubscription=round(devices / links, 2) if links else None,
    )


def _pairs(topology: PoolTopology, placed: Placed, planes: Mapping[str, str]) -> Mapping[str, int]:
    """Those there are, best first. Counted by switch, for a node may have thousands of pairs."""
    sockets = sockets_of(topology, placed, planes)
    cards = Counter(
        (block.pru, block.switch)
        for block in placed.blocks
        if block.pru is not None and topology.classes[block.device_class].is_accelerator
    )
    found: Counter[str] = Counter()
    for count in cards.values():
        found["PIX"] += count * (count - 1) // 2
    for ((pru, _), count), ((other, _), more) in combinations(sorted(cards.items()), 2):
        path = "PXB" if pru == other else "PHB" if sockets.get(pru) == sockets.get(other) else "SYS"
        found[path] += count * more
    return {path: found[path] for path in PATHS if found[path]}
