"""R9: baseboards, nodes and racks are granted whole, or in a size their fabric can be partitioned into."""

from collections.abc import Iterator

from fabric.topology import HostFacts
from scheduler.planning.case import Case, Draft, Placed
from scheduler.planning.rules.base import PlacementRule, plural
from scheduler.refusals import Refusal, RefusalCode, Suggestion


def sizes_of(case: Case, host: HostFacts, device_class: str) -> tuple[int, ...]:
    """Sizes in which a fixed system grants this class, smallest first; the whole is always one of them."""
    total = case.index.fixed_sizes.get((host.code, device_class), 0)
    return tuple(sorted({size for size in host.fabric_partitions if 0 < size <= total} | {total}))


def _violations(case: Case, draft: Draft) -> Iterator[Refusal]:
    for placed in draft:
        for code, count in placed.wish.need.items():
            sizes = _sizes(case, placed, code, count)
            if sizes and not _is_unit(case, placed, code, count, sizes):
                yield _refusal(case, placed, code, count, sizes)


def _sizes(case: Case, placed: Placed, code: str, count: int) -> tuple[int, ...]:
    if any(block.pru is None and block.device_class == code for block in placed.blocks):
        hosts = {block.host for block in placed.blocks if block.device_class == code and block.pru is None}
        return tuple(sorted({size for host in hosts for size in sizes_of(case, case.topology.hosts[host or ""], code)}))
    unit = case.topology.classes[code].allocation_unit_devices
    return tuple(sorted({count // unit * unit, -(-count // unit) * unit} - {0})) if unit > 1 else ()


def _is_unit(case: Case, placed: Placed, code: str, count: int, sizes: tuple[int, ...]) -> bool:
    """The size is listed, and on a fixed system the cards are one of its aligned partitions."""
    if count not in sizes:
        return False
    if not placed.host.is_fixed:
        return True
    siblings = [block.code for block in case.index.by_class[code] if block.host == placed.host.code and block.pru is None]
    places = sorted(siblings.index(block.code) for block in placed.blocks if block.device_class == code and block.code in siblings)
    return bool(places) and places[0] % count == 0 and places == list(range(places[0], places[0] + count))


def _refusal(case: Case, placed: Placed, code: str, count: int, sizes: tuple[int, ...]) -> Refusal:
    nearest = max((size for size in sizes if size < count), default=min(sizes))
    listed = ", ".join(str(size) for size in sizes)
    words = f"{case.name(code)} is granted only in {'units' if len(sizes) == 1 else 'sizes'} of {listed}, not {count}."
    if count in sizes:
        words = f"No partition of {count} × {case.name(code)} is free and healthy on one system."
    field = placed.wish.fields.get(code, placed.wish.field)
    near = sorted({max((s for s in sizes if s < count), default=0), min((s for s in sizes if s > count), default=0)} - {0})
    suggestions = tuple(Suggestion("count", f"Ask for {plural(size, 'device')} a node.", size) for size in near)
    return Refusal(RefusalCode.UNIT_INDIVISIBLE, field, words, count, nearest if count not in sizes else 0, "devices", None, suggestions)


RULE = PlacementRule(RefusalCode.UNIT_INDIVISIBLE, _violations)
