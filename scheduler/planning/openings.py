"""Could a mix fit at all beside these busy units? A count that is never wrong when it says no. Pure.

What it says no to need not be asked of the planner; what it lets pass is still to be planned. Counted are the devices
that every line may be granted and the hosts that every node may have, over the whole pool and in each reach.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fabric.topology import HostFacts
from scheduler.planning.case import Ask, Wish
from scheduler.planning.choices import choices, open_wishes
from scheduler.planning.index import PoolIndex
from scheduler.planning.reach import reach_of_block
from scheduler.requests import Mix

_ByReach = Mapping[str, int]  # masks by what reaches them


@dataclass(frozen=True, slots=True)
class _Part:
    """So many units of one mask, which is kept shifted down to its first bit: units that belong together lie close."""

    shift: int
    mask: int
    count: int

    @classmethod
    def of(cls, mask: int, count: int) -> "_Part":
        shift = max((mask & -mask).bit_length() - 1, 0)
        return cls(shift, mask >> shift, count)

    def have(self, free: int) -> int:
        return (free >> self.shift & self.mask).bit_count()


@dataclass(frozen=True, slots=True)
class _Group:
    """`nodes` alike, each in one of the places: for each the hosts (one a node) and the parts of one node."""

    nodes: int
    places: tuple[tuple[_Part, ...], ...]


@dataclass(frozen=True, slots=True)
class _Demand:
    """One way to settle the mix."""

    sums: tuple[_Part, ...]
    groups: tuple[_Group, ...]
    accelerators: int  # at least


class Openings:
    """The counts of one mix in one pool. `relevant` are the units it could be granted at all."""

    def __init__(self, *, mix: Mix, index: PoolIndex) -> None:
        wishes = (open_wishes(choice, index.topology) for choice in choices(mix, index.topology))
        made = (_demand(ones, index) for ones in wishes if ones)
        self._demands = tuple(demand for demand in made if demand is not None and _allows(demand, index.usable))
        self.relevant = 0
        for demand in self._demands:
            for part in demand.sums:
                self.relevant |= part.mask << part.shift

    @property
    def is_hopeless(self) -> bool:
        """Not even with everything free."""
        return not self._demands

    @property
    def accelerators(self) -> int:
        """What the mix takes of a quota, at least."""
        return min((demand.accelerators for demand in self._demands), default=0)

    def allow(self, busy: int) -> bool:
        free = self.relevant & ~busy
        return any(_allows(demand, free) for demand in self._demands)


def _allows(demand: _Demand, free: int) -> bool:
    """Over the whole pool it has to be asked only where groups may want the same units."""
    if len(demand.groups) > 1:
        for part in demand.sums:
            if part.have(free) < part.count:
                return False
    return all(_has_room(group, free) for group in demand.groups)


def _has_room(group: _Group, free: int) -> bool:
    missing = group.nodes
    for parts in group.places:
        fitting = missing
        for part in parts:
            have = (free >> part.shift & part.mask).bit_count()
            if have < part.count * fitting:
                fitting = have // part.count
                if not fitting:
                    break
        missing -= fitting
        if missing <= 0:
            return True
    return False


def _demand(wishes: Sequence[Wish], index: PoolIndex) -> _Demand | None:
    """None where some node could never be placed, even if nothing else were."""
    by_group: defaultdict[int, list[Wish]] = defaultdict(list)
    for wish in wishes:
        by_group[wish.group].append(wish)
    groups: list[_Group] = []
    sums: defaultdict[int, int] = defaultdict(int)
    hosts = 0
    for alike in by_group.values():
        needs = _needs(alike[0], index)
        group = _Group(len(alike), tuple(_places(alike[0], needs, index)))
        if not group.places:
            return None
        groups.append(group)
        hosts |= _any(parts[0].mask << parts[0].shift for parts in group.places)
        for masks, count in needs:
            sums[_any(masks.values())] += count * group.nodes
    sums[hosts] += len(wishes)
    parts = tuple(_Part.of(mask, count) for mask, count in sums.items())
    return _Demand(parts, tuple(groups), sum(_accelerators(wish, index) for wish in wishes))


def _accelerators(wish: Wish, index: PoolIndex) -> int:
    """Lines that may be granted something else are not counted."""
    classes = index.topology.classes
    return sum(ask.count for ask in wish.asks if all(c in classes and classes[c].is_accelerator for c in ask.classes))


def _needs(wish: Wish, index: PoolIndex) -> list[tuple[_ByReach, int]]:
    """What one node takes: the units that may answer, and how many; lines that mean the same units are one."""
    counts: defaultdict[object, int] = defaultdict(int)
    asks: dict[object, Ask] = {}
    for ask in wish.asks:
        key = (ask.classes, ask.blocks, bool(ask.slices))
        counts[key] += ask.count
        asks[key] = ask
    return [(_by_reach(ask, index), counts[key]) for key, ask in asks.items()]


def _by_reach(ask: Ask, index: PoolIndex) -> _ByReach:
    masks: defaultdict[str, int] = defaultdict(int)
    if ask.blocks is None and not ask.slices:
        for (code, reach), mask in index.class_masks.items():
            if code in ask.classes:
                masks[reach] |= mask & index.usable
        return masks
    for code in ask.classes:
        for block in index.by_class.get(code, ()):
            if block.is_usable and ask.accepts(block):
                masks[reach_of_block(block)] |= 1 << index.bit_of[False, block.code]
    return masks


def _places(wish: Wish, needs: Sequence[tuple[_ByReach, int]], index: PoolIndex) -> Iterable[tuple[_Part, ...]]:
    """Every reach that holds a whole node when nothing is booked: hosts first, they are the scarcest."""
    for reach, hosts in sorted(index.host_masks.items()):
        if all(masks.get(reach, 0).bit_count() >= count for masks, count in needs):
            able = _able(wish, hosts & index.usable, index)
            if able:
                yield (_Part.of(able, 1), *(_Part.of(masks[reach], count) for masks, count in needs))


def _able(wish: Wish, hosts: int, index: PoolIndex) -> int:
    """The hosts of the mask that may be asked for at all; a node without devices is no fixed system's."""
    asks = wish.placement
    if wish.asks and asks.host_class is None and not asks.host_cores and not asks.host_memory_gib:
        return hosts
    found = 0
    for host in index.shape.units_in(hosts):
        if isinstance(host, HostFacts) and _suits(wish, host):
            found |= 1 << index.bit_of[True, host.code]
    return found


def _suits(wish: Wish, host: HostFacts) -> bool:
    asks = wish.placement
    return (
        (bool(wish.asks) or not host.is_fixed)
        and (asks.host_class is None or host.template == asks.host_class)
        and host.cores >= asks.host_cores
        and host.memory_gib >= asks.host_memory_gib
    )


def _any(masks: Iterable[int]) -> int:
    whole = 0
    for mask in masks:
        whole |= mask
    return whole
