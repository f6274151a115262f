"""Could a mix fit at all beside these busy units? A count that is never wrong when it says no. Pure.

What it says no to need not be asked of the planner; what it lets pass is still to be planned. Counted are the devices
that every line may be granted and the hosts that every node may have, over the whole pool and in each reach.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fabric.topology import BlockFacts, HostFacts
from scheduler.planning.case import Ask, Wish
from scheduler.planning.choices import choices, open_wishes
from scheduler.planning.index import PoolIndex
from scheduler.requests import Mix


@dataclass(frozen=True, slots=True)
class _Part:
    """So many units of one mask."""

    mask: int
    count: int


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
                self.relevant |= part.mask

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
    return all((part.mask & free).bit_count() >= part.count for part in demand.sums) and all(
        _has_room(group, free) for group in demand.groups
    )


def _has_room(group: _Group, free: int) -> bool:
    missing = group.nodes
    for parts in group.places:
        fitting = missing
        for part in parts:
            fitting = min(fitting, (part.mask & free).bit_count() // part.count)
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
    groups = [_Group(len(alike), tuple(_places(alike[0], index))) for alike in by_group.values()]
    if any(not group.places for group in groups):
        return None
    sums: defaultdict[int, int] = defaultdict(int)
    hosts = 0
    for wish, group in zip((alike[0] for alike in by_group.values()), groups, strict=True):
        for host_part, *_ in group.places:
            hosts |= host_part.mask
        for mask, count in _needs(wish, index):
            sums[mask] += count * group.nodes
    sums[hosts] += len(wishes)
    parts = tuple(_Part(mask, count) for mask, count in sums.items())
    return _Demand(parts, tuple(groups), sum(_accelerators(wish, index) for wish in wishes))


def _accelerators(wish: Wish, index: PoolIndex) -> int:
    """Lines that may be granted something else are not counted."""
    classes = index.topology.classes
    return sum(ask.count for ask in wish.asks if all(c in classes and classes[c].is_accelerator for c in ask.classes))


def _needs(wish: Wish, index: PoolIndex) -> Iterable[tuple[int, int]]:
    """What one node takes: the units that may answer an ask, and how many; equal ones once."""
    needs: defaultdict[int, int] = defaultdict(int)
    for ask in wish.asks:
        needs[_mask_of(ask, index)] += ask.count
    return needs.items()


def _mask_of(ask: Ask, index: PoolIndex) -> int:
    if ask.blocks is None and not ask.slices:
        return _any(mask for (code, _), mask in index.class_masks.items() if code in ask.classes) & index.usable
    units = (block for code in ask.classes for block in index.by_class.get(code, ()) if ask.accepts(block))
    return _bits(units, index) & index.usable


def _places(wish: Wish, index: PoolIndex) -> Iterable[tuple[_Part, ...]]:
    """Every reach that holds a whole node when nothing is booked: hosts first, they are the scarcest."""
    needs = list(_needs(wish, index))
    for reach, hosts in sorted(index.host_masks.items()):
        able = _bits((h for h in index.shape.units_in(hosts) if isinstance(h, HostFacts) and _suits(wish, h)), index)
        within = _any(mask for (_, where), mask in index.class_masks.items() if where == reach)
        parts = (_Part(able & index.usable, 1), *(_Part(mask & within, count) for mask, count in needs))
        if all(part.mask.bit_count() >= part.count for part in parts):
            yield parts


def _suits(wish: Wish, host: HostFacts) -> bool:
    """What of the host rules is cheap to ask; a node without devices is no fixed system's."""
    asks = wish.placement
    return (
        (bool(wish.asks) or not host.is_fixed)
        and (asks.host_class is None or host.template == asks.host_class)
        and host.cores >= asks.host_cores
        and host.memory_gib >= asks.host_memory_gib
    )


def _bits(units: Iterable[BlockFacts | HostFacts], index: PoolIndex) -> int:
    return _any(1 << index.bit_of[isinstance(unit, HostFacts), unit.code] for unit in units)


def _any(masks: Iterable[int]) -> int:
    whole = 0
    for mask in masks:
        whole |= mask
    return whole
