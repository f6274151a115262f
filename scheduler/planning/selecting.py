"""Blocks for one node on one host: every way worth trying, best first. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Protocol

from fabric.topology import BlockFacts, HostFacts
from scheduler.planning.case import Case, Placed, Wish
from scheduler.planning.parts import Part
from scheduler.planning.reach import chassis_of, reach_of_host
from scheduler.planning.rules.paths import Place, is_joined, place_of
from scheduler.planning.rules.slot_power import slot_limit
from scheduler.planning.shelves import Shelf, make_shelf
from scheduler.planning.spread import Spreading
from scheduler.refusals import RefusalCode as Code
from scheduler.requests import Spread as Apart

_PLANES = frozenset({Code.NO_FABRIC_PORT, Code.HOST_FANOUT})


class Progress(Protocol):
    """What the search knows so far."""

    case: Case
    active: frozenset[Code]
    taken: set[str]
    taken_in: Counter[tuple[str, str]]

    def parts(self, wish: Wish) -> Sequence[Part]: ...
    def pass_over(self) -> None: ...
    def tick(self) -> None: ...
    def uplinks_left(self, chassis: str) -> int: ...
    def watts_left(self, rack: str) -> float: ...
    def group_mates(self, wish: Wish) -> Iterator[Placed]: ...


class Selecting:
    def __init__(self, search: Progress) -> None:
        self._search = search
        self._case = search.case
        self._active = search.active
        self._zoned = Code.ZONE_MISMATCH in search.active

    def options(self, wish: Wish, host: HostFacts) -> Iterator[tuple[BlockFacts, ...]]:
        """Blocks of distinct devices; parts that overlap may pick the same one, which is then passed over."""
        parts = self._search.parts(wish)
        if any(part.is_choosy for part in parts) or self._asks_for_more_than_counts(wish):
            self._search.pass_over()
        for place in self._places(wish, host, parts):
            for blocks in self._spreads(wish, host, parts, place):
                if len({block.code for block in blocks}) == wish.devices:
                    yield blocks

    def _asks_for_more_than_counts(self, wish: Wish) -> bool:
        asks = wish.placement
        return bool(asks.spread or asks.nic_affinity or asks.storage_affinity)

    def _places(self, wish: Wish, host: HostFacts, parts: Sequence[Part]) -> Sequence[Place | None]:
        """Where the peers could all be, the emptiest first; anywhere, if none was asked for."""
        if Code.P2P_PATH not in self._active or not is_joined(wish):
            return [None]
        counts: defaultdict[Place, Counter[str]] = defaultdict(Counter)
        for part in parts:
            if part.code in wish.peers:
                for chassis in self._chassis(part, host):
                    for block in self._blocks(part, chassis):
                        counts[place_of(wish, block)][part.code] += 1
        fitting = [place for place, free in counts.items() if all(free[c] >= wish.need[c] for c in wish.peers)]
        chassis_free = Counter(place[0] for place, free in counts.items() for _ in range(free.total()))
        return sorted(fitting, key=lambda place: (counts[place].total(), chassis_free[place[0]], place))

    def _spreads(
        self, wish: Wish, host: HostFacts, parts: Sequence[Part], place: Place | None
    ) -> Iterator[tuple[BlockFacts, ...]]:
        need = [(part.count, self._shelves(wish, host, part, place)) for part in parts]
        need.sort(key=lambda item: sum(shelf.free for shelf in item[1]) - item[0])
        fanout = Code.HOST_FANOUT in self._active
        limit = 1 if host.is_fixed else len(host.ports) if fanout else max(1, wish.devices)
        spreading = Spreading(
            need, limit, self._search.watts_left, self._search.tick, lambda chassis: self._far(host, chassis)
        )
        for spread in spreading.options():
            yield tuple(chain.from_iterable(shelf.pick(amount) for shelf, amount in spread))

    def _shelves(self, wish: Wish, host: HostFacts, part: Part, place: Place | None) -> list[Shelf]:
        return [
            shelf
            for chassis in self._chassis(part, host)
            if self._can_be_joined(host, chassis)
            and (shelf := self._shelf(wish, part, chassis, place)) is not None
            and self._is_open(wish, shelf.chassis, shelf.rack)
        ]

    def _can_be_joined(self, host: HostFacts, chassis: str) -> bool:
        """An uplink is left, and one on a plane of the host; who has more links than ports is not judged by planes."""
        if self._search.uplinks_left(chassis) <= 0:
            return Code.PRU_FANOUT not in self._active
        there = self._case.index.pru_planes.get(chassis)
        if there is None or not self._active >= _PLANES:
            return True
        planes = self._case.index.host_planes[host.code]
        return any(there.get(plane, 0) > self._case.nodes_on_plane(chassis, plane) for plane in planes)

    def _chassis(self, part: Part, host: HostFacts) -> Sequence[str]:
        reaches = self._case.index.layout.reaches(part.code)
        if self._zoned:
            return reaches.get(reach_of_host(host), ())
        return tuple(dict.fromkeys(chain.from_iterable(reaches.values())))

    def _shelf(self, wish: Wish, part: Part, chassis: str, place: Place | None) -> Shelf | None:
        """Counted without listing the blocks, where any block will do."""
        is_placed = place is not None and part.code in wish.peers
        if place is not None and is_placed and place[0] != chassis:
            return None
        if part.is_choosy or is_placed or self._slots_are_weak(part, chassis):
            blocks = [b for b in self._blocks(part, chassis) if not is_placed or place_of(wish, b) == place]
            free = len(blocks)
            load = lambda: blocks  # noqa: E731 - the other branch lists them only when asked
        else:
            free = self._case.vacancy.count_in(part.code, chassis) - self._search.taken_in[part.code, chassis]
            load = lambda: self._blocks(part, chassis)  # noqa: E731
        if free <= 0:
            return None
        return make_shelf(
            case=self._case, wish=wish, part=part, chassis=chassis, free=free, blocks=load, active=self._active
        )

    def _blocks(self, part: Part, chassis: str) -> list[BlockFacts]:
        free = self._case.vacancy.blocks(part.code, chassis)
        weak = Code.SLOT_POWER in self._active
        return [
            block
            for block in free
            if block.code not in self._search.taken
            and part.suits(block)
            and not (weak and part.watts > (slot_limit(self._case.topology, block) or part.watts))
        ]

    def _slots_are_weak(self, part: Part, chassis: str) -> bool:
        pru = self._case.topology.prus.get(chassis)
        return pru is not None and part.watts > min(pru.slot_max_w.values(), default=0)

    def _is_open(self, wish: Wish, chassis: str, rack: str) -> bool:
        """Not where a node of the same group is, if the group is to be spread."""
        apart = wish.placement.spread
        if apart is None:
            return True
        for mate in self._search.group_mates(wish):
            if apart is Apart.PRU and chassis in map(chassis_of, mate.blocks):
                return False
            if apart is Apart.RACK and rack in racks_of(self._case, mate):
                return False
        return True

    def _far(self, host: HostFacts, chassis: str) -> int:
        """While a rule is left out, what keeps it comes first all the same, so that no more is broken than must be."""
        pru = self._case.topology.prus.get(chassis)
        near = chassis == host.code or (pru is not None and pru.zone == host.zone)
        return (not near) + (self._search.uplinks_left(chassis) <= 0)


def racks_of(case: Case, placed: Placed) -> set[str]:
    """Racks a node depends on: that of its host and those of its PRUs."""
    prus = {block.pru for block in placed.blocks if block.pru is not None}
    return {placed.host.rack} | {case.topology.prus[pru].rack for pru in prus}
