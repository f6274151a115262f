"""R1: a host reaches the blocks of its own zone only; a fixed system reaches its own devices only."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import partial

from fabric.topology import BlockFacts, HostFacts
from scheduler.planning.case import Ask, Case, Draft, Placed
from scheduler.planning.reach import reach_of_block, reach_of_host
from scheduler.planning.rules.base import PlacementRule, plural
from scheduler.planning.rules.model import Cell, Model, Node
from scheduler.refusals import Refusal, RefusalCode


def reaches(host: HostFacts, block: BlockFacts) -> bool:
    return reach_of_host(host) == reach_of_block(block)


def _violations(case: Case, draft: Draft) -> Iterator[Refusal]:
    split = [placed for placed in draft if not all(reaches(placed.host, block) for block in placed.blocks)]
    taken = {block.code for placed in draft if placed not in split for block in placed.blocks}
    for placed in split:
        have, code = _best_zone(case, placed, taken)
        wish = placed.wish
        one = len(wish.need) == 1
        what = f"{wish.devices:,} × {case.name(code)}" if one else f"{plural(wish.devices, 'device')}"
        yield Refusal(
            code=RefusalCode.ZONE_MISMATCH,
            field=wish.fields.get(code, wish.field) if one else f"{wish.field}.lines",
            message=f"One node needs {what} that one host can reach; the best zone has {have:,} of them free.",
            need=wish.devices,
            have=have,
            unit="devices",
        )


def _best_zone(case: Case, placed: Placed, taken: set[str]) -> tuple[int, str]:
    """How much of the need the best zone could serve, and the class that is shortest there."""
    need = placed.wish.need
    counts: dict[str, Counter[str]] = {}
    for code in need:
        for block in case.free[code]:
            if block.code not in taken:
                counts.setdefault(reach_of_block(block), Counter())[code] += 1
    best = max(counts.values(), key=lambda free: sum(min(free[code], need[code]) for code in need), default=Counter())
    return sum(min(best[code], need[code]) for code in need), max(
        need, key=lambda code: (need[code] - best[code], code)
    )


def _encode(model: Model) -> None:
    """What lies within one reach is taken by a node whose host has that reach, and then every ask lies there whole."""
    for node in model.nodes:
        cells: defaultdict[str, list[Cell]] = defaultdict(list)
        for cell in model.cells(node):
            cells[reach_of_block(cell.one)].append(cell)
        for reach in sorted({reach_of_host(host) for host in node.hosts} | cells.keys()):
            _tie(model, node, reach, cells[reach])


def _tie(model: Model, node: Node, reach: str, cells: list[Cell]) -> None:
    is_there = model.on_host(node, lambda host: reach_of_host(host) == reach)
    for ask in node.wish.asks:
        model.equal(model.takes(node, cells, partial(_is_ask, ask)), is_there * ask.count)


def _is_ask(one: Ask, ask: Ask, _: Cell) -> int:
    return int(ask is one)


RULE = PlacementRule(RefusalCode.ZONE_MISMATCH, _violations, encode=_encode)
