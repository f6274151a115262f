"""What is committed when: which units are busy in a span, and the worst instant of a sum over a span. Pure.

Built once a snapshot in one pass over the commitments, then asked many times. Periods are half-open, so that what
ends at an instant is gone before what starts at it.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

from fabric.topology import BlockFacts, PoolTopology
from scheduler.planning.snapshot import Commitment


@dataclass(frozen=True, slots=True)
class Link:
    """One node's use of one port of its host and one uplink of a PRU, for as long as it has devices there (rule R2)."""

    reservation: str
    node: int
    host: str
    pru: str
    busy_from: datetime
    busy_until: datetime


class Level:
    """A sum that changes at instants, such as the watts allocated in a rack."""

    def __init__(self, changes: Iterable[tuple[datetime, int]]) -> None:
        net: defaultdict[datetime, int] = defaultdict(int)
        for at, by in changes:
            net[at] += by
        self._instants = sorted(net)
        self._values = list(accumulate(net[at] for at in self._instants))

    def peak(self, begin: datetime, end: datetime) -> int:
        """The highest value at any instant of `[begin, end)`; never below zero."""
        first = bisect_right(self._instants, begin) - 1
        last = bisect_left(self._instants, end)
        return max(self._values[max(first, 0) : last], default=0) if last > 0 else 0


class Timeline:
    """Answers for any span: is this unit busy, how high does this sum get, which links are in use."""

    def __init__(self, topology: PoolTopology, commitments: Iterable[Commitment]) -> None:
        self._spans: defaultdict[tuple[bool, str], list[tuple[datetime, datetime]]] = defaultdict(list)
        self._changes: defaultdict[tuple[str, ...], list[tuple[datetime, int]]] = defaultdict(list)
        self._levels: dict[tuple[str, ...], Level] = {}
        uses: defaultdict[tuple[str, int, str, str], list[Commitment]] = defaultdict(list)
        for one in commitments:
            self._spans[one.is_host, one.unit].append((one.busy_from, one.busy_until))
            block = None if one.is_host else topology.blocks.get(one.unit)
            if block is None:
                continue
            self._count(topology, one, block)
            if block.pru is not None:
                uses[(one.reservation, one.node, one.host, block.pru)].append(one)
        self.links = tuple(_links(uses))
        for link in self.links:
            self._change(("nodes", link.pru), link.busy_from, link.busy_until, 1)

    def is_busy(self, unit: str, begin: datetime, end: datetime, *, is_host: bool = False) -> bool:
        return any(starts < end and begin < ends for starts, ends in self._spans.get((is_host, unit), ()))

    def rack_watts(self, rack: str, begin: datetime, end: datetime) -> int:
        """Worst draw of the devices allocated in a rack, without what draws always."""
        return self._peak(("rack", rack), begin, end)

    def nodes_on_pru(self, pru: str, begin: datetime, end: datetime) -> int:
        """Most nodes joined to a PRU at once; each takes one uplink."""
        return self._peak(("nodes", pru), begin, end)

    def accelerators_of(self, project: str, begin: datetime, end: datetime) -> int:
        return self._peak(("held", project), begin, end)

    def devices_of(self, project: str, device_class: str, begin: datetime, end: datetime) -> int:
        return self._peak(("held", project, device_class), begin, end)

    def _count(self, topology: PoolTopology, one: Commitment, block: BlockFacts) -> None:
        facts = topology.classes[block.device_class]
        self._change(("rack", rack_of(topology, block)), one.busy_from, one.busy_until, facts.tdp_w)
        self._change(("held", one.project, block.device_class), one.busy_from, one.busy_until, 1)
        if facts.is_accelerator:
            self._change(("held", one.project), one.busy_from, one.busy_until, 1)

    def _change(self, key: tuple[str, ...], begin: datetime, end: datetime, by: int) -> None:
        if begin < end:
            self._changes[key] += ((begin, by), (end, -by))

    def _peak(self, key: tuple[str, ...], begin: datetime, end: datetime) -> int:
        if key not in self._levels:
            self._levels[key] = Level(self._changes.get(key, ()))
        return self._levels[key].peak(begin, end)


def rack_of(topology: PoolTopology, block: BlockFacts) -> str:
    """Where a device draws its power: in the rack of its PRU, or of its own host for a fixed system."""
    if block.pru is not None:
        return topology.prus[block.pru].rack
    return topology.hosts[block.host or ""].rack


def _links(uses: Mapping[tuple[str, int, str, str], list[Commitment]]) -> Iterable[Link]:
    for (reservation, node, host, pru), ones in sorted(uses.items()):
        begin, end = min(o.busy_from for o in ones), max(o.busy_until for o in ones)
        yield Link(reservation=reservation, node=node, host=host, pru=pru, busy_from=begin, busy_until=end)
