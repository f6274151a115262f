"""What one chassis could give of one class: the amounts that keep units whole, and the blocks for an amount. Pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from fabric.topology import BlockFacts, HostFacts
from scheduler.planning.case import Case, Wish
from scheduler.planning.parts import Part
from scheduler.planning.rules.units import sizes_of
from scheduler.refusals import RefusalCode

Unit = tuple[BlockFacts, ...]  # blocks that are granted together or not at all


@dataclass
class Shelf:
    """The free blocks of one part in one chassis. `load` lists them as units, in order of preference, when asked."""

    chassis: str
    rack: str
    device_class: str
    watts: int  # of one device
    free: int
    load: Callable[[], tuple[Unit, ...]]
    one_unit_only: bool = False  # a fixed system grants one partition a node

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        return self.load()

    def amounts(self, most: int) -> list[int]:
        """How many devices could be taken, largest first."""
        if self.one_unit_only:
            return sorted({len(unit) for unit in self.units if len(unit) <= most}, reverse=True)
        return sorted((n for n in _sums(self.units) if 0 < n <= most), reverse=True)

    def pick(self, count: int) -> Unit:
        """Blocks for an amount that `amounts` offered: fewest switches, then those that leave least behind."""
        if self.one_unit_only:
            return next(unit for unit in self.units if len(unit) == count)
        by_switch: defaultdict[str, list[Unit]] = defaultdict(list)
        for unit in self.units:
            by_switch["+".join(sorted({block.switch for block in unit}))].append(unit)
        for switches in _fewest(by_switch):
            units = [unit for unit in self.units if any(unit in by_switch[name] for name in switches)]
            chosen = _exactly(units, count)
            if chosen is not None:
                return tuple(block for unit in chosen for block in unit)
        raise ValueError(f"{self.chassis} cannot give {count} × {self.device_class}")


def _sums(units: Iterable[Unit]) -> set[int]:
    sizes = Counter(len(unit) for unit in units)
    sums = {0}
    for size, times in sizes.items():
        sums = {total + size * n for total in sums for n in range(times + 1)}
    return sums


def _fewest(by_switch: dict[str, list[Unit]]) -> Iterator[tuple[str, ...]]:
    """Sets of switches, smallest first, and of these the emptiest, so that broken switches are used up."""
    free = {name: sum(len(unit) for unit in units) for name, units in by_switch.items()}
    for size in range(1, len(free) + 1):
        yield from sorted(
            combinations(sorted(free), size), key=lambda names: (sum(free[name] for name in names), names)
        )


def _exactly(units: Sequence[Unit], count: int) -> list[Unit] | None:
    """The first units, in order, that add up to the count; taking the later ones only where the earlier do not fit."""
    for at, unit in enumerate(units):
        if len(unit) == count:
            return [unit]
        if len(unit) < count and count - len(unit) in _sums(units[at + 1 :]):
            rest = _exactly(units[at + 1 :], count - len(unit))
            return None if rest is None else [unit, *rest]
    return None


def make_shelf(
    *,
    case: Case,
    wish: Wish,
    part: Part,
    chassis: str,
    free: int,
    blocks: Callable[[], Sequence[BlockFacts]],
    active: frozenset[RefusalCode],
) -> Shelf:
    """`blocks` lists the `free` ones; `active` says which rules are kept, since the diagnosis leaves some out."""
    host = case.index.layout.fixed_kinds.get(chassis)
    whole_units = RefusalCode.UNIT_INDIVISIBLE in active
    rack = host.sample.rack if host is not None else case.topology.prus[chassis].rack
    return Shelf(
        chassis,
        rack,
        part.code,
        part.watts,
        free,
        lambda: _units(case, wish, part.code, host.sample if host else None, blocks(), active),
        host is not None and whole_units,
    )


def _units(
    case: Case,
    wish: Wish,
    code: str,
    host: HostFacts | None,
    blocks: Sequence[BlockFacts],
    active: frozenset[RefusalCode],
) -> tuple[Unit, ...]:
    size = case.topology.classes[code].allocation_unit_devices
    whole_units = RefusalCode.UNIT_INDIVISIBLE in active
    if host is not None and whole_units:
        return _partitions(case, host, code, blocks)
    if whole_units and size > 1:
        return _chunks(blocks, size)
    return _bridged(case, wish, blocks, strict=RefusalCode.BRIDGE_SPLIT in active)


def _partitions(case: Case, host: HostFacts, device_class: str, free: Sequence[BlockFacts]) -> tuple[Unit, ...]:
    """Aligned runs of the system's devices in each size its fabric knows, where every one of them is free."""
    siblings = case.index.layout.blocks[device_class, host.code]
    usable = {block.code for block in free}
    found: list[Unit] = []
    for size in sizes_of(case, host, device_class):
        runs = (tuple(siblings[at : at + size]) for at in range(0, len(siblings) - size + 1, size))
        found += (run for run in runs if all(block.code in usable for block in run))
    return tuple(found)


def _chunks(blocks: Sequence[BlockFacts], size: int) -> tuple[Unit, ...]:
    return tuple(tuple(blocks[at : at + size]) for at in range(0, len(blocks) - size + 1, size))


def _bridged(case: Case, wish: Wish, blocks: Sequence[BlockFacts], *, strict: bool) -> tuple[Unit, ...]:
    """Whole bridge groups as units. Where the bridge is waived, single cards, those of broken groups first."""
    groups: defaultdict[str, list[BlockFacts]] = defaultdict(list)
    for block in blocks:
        groups[block.bridge_group or block.code].append(block)
    whole = [tuple(cards) for name, cards in groups.items() if len(cards) == case.index.bridge_sizes.get(name, 1)]
    broken = [cards for name, cards in groups.items() if len(cards) < case.index.bridge_sizes.get(name, 1)]
    leftovers = [(card,) for cards in broken for card in cards]
    if wish.placement.allow_bridge_split:
        return (*leftovers, *((card,) for cards in whole for card in cards))
    return tuple(whole) if strict else (*((card,) for cards in whole for card in cards), *leftovers)
