"""R9: baseboards, nodes and racks are granted whole, or in a size their fabric can be partitioned into.

A fixed system is a host with devices of its own: a node takes one partition of it, and the host with it. Whether a size
exists at all needs no search; which aligned partition is free, and healthy throughout, is a matter of placement.
"""

from collections.abc import Iterator, Mapping

from fabric.topology import HostFacts
from scheduler.planning.case import Case, Draft, Placed, Wish
from scheduler.planning.rules.base import PlacementRule, plural
from scheduler.planning.rules.model import Cell, Model, Node, Sum
from scheduler.refusals import Refusal, RefusalCode, Suggestion


def sizes_of(case: Case, host: HostFacts, device_class: str) -> tuple[int, ...]:
    """Sizes in which a fixed system grants this class, smallest first; the whole is always one of them."""
    total = case.index.fixed_sizes.get((host.code, device_class), 0)
    return tuple(sorted({size for size in host.fabric_partitions if 0 < size <= total} | {total}))


def indivisible(case: Case) -> Iterator[Refusal]:
    """A count that no system of the pool grants to one node."""
    sizes = {code: _sizes(case, code, max(w.need.get(code, 0) for w in case.wishes)) for code in case.totals}
    for wish in case.wishes:
        for code, count in wish.need.items():
            if sizes[code] and count not in sizes[code] and not _is_pooled_multiple(case, code, count):
                yield _refusal(case, wish, code, sizes[code])


def _sizes(case: Case, code: str, most: int) -> frozenset[int]:
    """Every size that could be granted; empty where single devices are."""
    blocks = case.index.by_class.get(code, ())
    owners = case.index.layout.owners.get(code, ())
    if not blocks or (len(owners) == 0 and case.topology.classes[code].allocation_unit_devices == 1):
        return frozenset()
    sizes = {size for owner in owners for size in sizes_of(case, case.topology.hosts[owner], code)}
    if code in case.index.layout.pooled_classes:
        unit = case.topology.classes[code].allocation_unit_devices
        sizes |= set(range(unit, most + unit, unit))
    return frozenset(sizes)


def _is_pooled_multiple(case: Case, code: str, count: int) -> bool:
    return code in case.index.layout.pooled_classes and count % case.topology.classes[code].allocation_unit_devices == 0


def _refusal(case: Case, wish: Wish, code: str, sizes: frozenset[int]) -> Refusal:
    count = wish.need[code]
    below, above = max((s for s in sizes if s < count), default=0), min((s for s in sizes if s > count), default=0)
    listed = ", ".join(str(size) for size in sorted(sizes))
    return Refusal(
        code=RefusalCode.UNIT_INDIVISIBLE,
        field=wish.fields.get(code, wish.field),
        message=(
            f"One node is granted {case.name(code)} only in {'units' if len(sizes) == 1 else 'sizes'} of "
            f"{listed}, not {count:,}."
        ),
        need=count,
        have=below or above,
        unit="devices",
        suggestions=tuple(
            Suggestion("count", f"Ask for {plural(n, 'device')} a node.", n) for n in (below, above) if n
        ),
    )


def _violations(case: Case, draft: Draft) -> Iterator[Refusal]:
    for placed in draft:
        for (code, owner), slots in _taken_slots(case, placed).items():
            if not _is_partition(case, placed.wish.need[code], code, owner, slots):
                count = placed.wish.need[code]
                yield Refusal(
                    code=RefusalCode.UNIT_INDIVISIBLE,
                    field=placed.wish.fields.get(code, placed.wish.field),
                    message=(
                        f"No partition of {count:,} × {case.name(code)} is free and healthy throughout on one system."
                    ),
                    need=count,
                    have=0,
                    unit="devices",
                )


def _is_partition(case: Case, count: int, code: str, owner: str, slots: list[int]) -> bool:
    """Of a size its system knows, aligned to it, and without a gap."""
    is_run = slots == list(range(slots[0], slots[0] + count))
    return is_run and slots[0] % count == 0 and count in sizes_of(case, case.topology.hosts[owner], code)


def _taken_slots(case: Case, placed: Placed) -> Mapping[tuple[str, str], list[int]]:
    """By class and system, which of the system's devices a node has, counted from 0."""
    taken: dict[tuple[str, str], list[int]] = {}
    for block in placed.blocks:
        if block.pru is None and block.host is not None:
            siblings = [one.code for one in case.index.by_class[block.device_class] if one.host == block.host]
            taken.setdefault((block.device_class, block.host), []).append(siblings.index(block.code))
    return {key: sorted(slots) for key, slots in taken.items()}


def _encode(model: Model) -> None:
    for node in model.nodes:
        systems: dict[tuple[str, str], dict[str, Cell]] = {}
        for cell in model.cells(node):
            block = cell.one
            if block.pru is None and block.host is not None:
                systems.setdefault((block.device_class, block.host), {})[block.code] = cell
        for (code, owner), cells in systems.items():
            _partition(model, node, code, owner, cells)


def _partition(model: Model, node: Node, code: str, owner: str, cells: Mapping[str, Cell]) -> None:
    """What is taken of a system is one of its partitions, and then all that the node has of the class."""
    everything = model.takes(node, [cell for cell in model.cells(node) if cell.one.device_class == code])
    chosen: dict[str, list[Sum]] = {name: [] for name in cells}
    for run in _runs(node.case, code, owner):
        if cells.keys() >= set(run):
            choice = model.boolean()
            model.equal(everything, len(run), only_if=(choice,))
            for name in run:
                chosen[name].append(Sum.of(choice))
    for name, cell in cells.items():
        model.equal(model.takes(node, (cell,)), Sum.total(chosen[name]))


def _runs(case: Case, code: str, owner: str) -> Iterator[tuple[str, ...]]:
    siblings = [block.code for block in case.index.by_class[code] if block.host == owner]
    for size in sizes_of(case, case.topology.hosts[owner], code):
        yield from (tuple(siblings[at : at + size]) for at in range(0, len(siblings) - size + 1, size))


RULE = PlacementRule(RefusalCode.UNIT_INDIVISIBLE, _violations, encode=_encode)
