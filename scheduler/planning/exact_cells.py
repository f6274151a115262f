"""Which free blocks nothing tells apart, and which hosts. Pure.

Told apart is only what a rule may ask for: where a block is wired in, its class, its bridge, which asks accept it, and
for which of the requests it is free. Order of input is forgotten.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from fabric.topology import BlockFacts, HostFacts
from scheduler.planning.case import Case
from scheduler.planning.reach import chassis_of, rack_of, reach_of_block, slot_order
from scheduler.planning.rules.model import Bundle, Cell
from scheduler.requests import Spread

Key = tuple[object, ...]


@dataclass(frozen=True)
class Stock:
    """What may be taken by one or several requests of one pool.

    `own` are units that are never interchanged, because a plan that may stay as it is has them.
    """

    cases: Sequence[Case]
    own: Collection[str] = field(default=frozenset())

    @cached_property
    def free(self) -> Mapping[str, frozenset[int]]:
        """Block → the requests for whose whole window it is free; blocks that no ask accepts are left out."""
        found: defaultdict[str, set[int]] = defaultdict(set)
        for party, case in enumerate(self.cases):
            for code in sorted({code for wish in case.wishes for ask in wish.asks for code in ask.classes}):
                for block in case.index.free(code, case.busy_from, case.busy_until):
                    found[block.code].add(party)
        return {code: frozenset(parties) for code, parties in found.items()}

    @cached_property
    def bundled(self) -> tuple[tuple[Cell, ...], tuple[Bundle, ...]]:
        """All cells, and which of them are made of bridged groups."""
        groups: defaultdict[str, list[BlockFacts]] = defaultdict(list)
        single: defaultdict[Key, list[BlockFacts]] = defaultdict(list)
        for block in self._blocks:
            if block.bridge_group is None:
                single[self._key(block)].append(block)
            else:
                groups[block.bridge_group].append(block)
        cells = [self._cell(blocks) for blocks in single.values()]
        bundles = [self._bundle(alike) for alike in self._alike(groups.values())]
        cells += [cell for bundle in bundles for cell in bundle.cards]
        return tuple(sorted(cells, key=lambda cell: slot_order(cell.one))), tuple(bundles)

    @property
    def cells(self) -> tuple[Cell, ...]:
        return self.bundled[0]

    @property
    def bundles(self) -> tuple[Bundle, ...]:
        return self.bundled[1]

    @cached_property
    def kinds(self) -> tuple[tuple[HostFacts, ...], ...]:
        """Hosts that nothing tells apart, each kind in order of code; a fixed system is one of a kind."""
        kinds: defaultdict[Key, list[HostFacts]] = defaultdict(list)
        for host in sorted(self._topology.hosts.values(), key=lambda host: host.code):
            kinds[self._host_key(host)].append(host)
        return tuple(tuple(alike) for alike in kinds.values())

    @property
    def _topology(self):  # type: ignore[no-untyped-def]
        return self.cases[0].topology

    @cached_property
    def _blocks(self) -> Sequence[BlockFacts]:
        return sorted((self._topology.blocks[code] for code in self.free), key=slot_order)

    @cached_property
    def _choosy(self) -> Sequence[frozenset[str]]:
        """What asks say of single blocks."""
        said = {ask.blocks for case in self.cases for wish in case.wishes for ask in wish.asks}
        return sorted((blocks for blocks in said if blocks is not None), key=sorted)

    @cached_property
    def _waived(self) -> bool:
        """Some node may split bridged groups that others, at other times, must have whole."""
        waivers = {wish.placement.allow_bridge_split for case in self.cases for wish in case.wishes}
        return len(self.cases) > 1 and True in waivers

    def _key(self, block: BlockFacts) -> Key:
        is_own = block.pru is None or block.code in self.own
        return (
            reach_of_block(block),
            chassis_of(block),
            block.switch,
            block.device_class,
            block.slot_kind,
            block.is_mig_capable,
            self.free[block.code],
            tuple(block.code in blocks for blocks in self._choosy),
            block.code if is_own else None,
        )

    def _alike(self, groups: Iterable[Sequence[BlockFacts]]) -> Iterable[Sequence[Sequence[BlockFacts]]]:
        alike: defaultdict[object, list[Sequence[BlockFacts]]] = defaultdict(list)
        for group in groups:
            made_of = frozenset(Counter(self._key(block) for block in group).items())
            own = group[0].bridge_group if self._waived else None
            alike[made_of, self._is_whole(group), own].append(group)
        return alike.values()

    def _is_whole(self, group: Sequence[BlockFacts]) -> bool:
        size = self.cases[0].index.bridge_sizes[group[0].bridge_group or ""]
        return len(group) == size and len({block.device_class for block in group}) == 1

    def _bundle(self, groups: Sequence[Sequence[BlockFacts]]) -> Bundle:
        by_key: defaultdict[Key, list[BlockFacts]] = defaultdict(list)
        for block in (block for group in groups for block in group):
            by_key[self._key(block)].append(block)
        cards = {self._cell(blocks): len(blocks) // len(groups) for blocks in by_key.values()}
        return Bundle(len(groups), cards, self._is_whole(groups[0]))

    def _cell(self, blocks: Sequence[BlockFacts]) -> Cell:
        one = blocks[0]
        return Cell(tuple(blocks), chassis_of(one), rack_of(self._topology, one))

    def _host_key(self, host: HostFacts) -> Key:
        if host.is_fixed or host.code in self.own:
            return (host.code,)
        planes = tuple(sorted(port.plane for port in host.ports))
        rack = host.rack if self._spreads_racks else ""
        free = tuple(host.code in case.free_hosts for case in self.cases)
        return (replace(host, code="", rack=rack, ports=()), planes, free)

    @cached_property
    def _spreads_racks(self) -> bool:
        return any(wish.placement.spread == Spread.RACK for case in self.cases for wish in case.wishes)
