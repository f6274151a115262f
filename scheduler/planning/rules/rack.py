"""R14, the rack: draw and heat at the worst instant of the padded window stay within the feed and the cooling.

need = base draw of every host and PRU of the rack + TDP of local devices + TDP (or power cap) of devices allocated at
that instant, what is already committed included; a device that nobody has counts nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from fabric.topology import RackFacts
from scheduler.planning.case import Ask, Case, Draft
from scheduler.planning.reach import rack_of
from scheduler.planning.rules.base import PlacementRule
from scheduler.planning.rules.capping import cap
from scheduler.planning.rules.model import Cell, Model
from scheduler.planning.settings import drawn, draws
from scheduler.refusals import Refusal, RefusalCode

Line = tuple[str, str]  # its field, and the class it was granted


def power_limit(rack: RackFacts) -> int:
    return rack.budget_w


def cooling_limit(rack: RackFacts) -> int:
    return rack.cooling_w


def _rule(code: RefusalCode, limit: Callable[[RackFacts], int], words: str) -> PlacementRule:
    def violations(case: Case, draft: Draft) -> Iterator[Refusal]:
        loads, cards = _loads(case, draft)
        for rack, lines in sorted(loads.items()):
            need, have = case.rack_watts(rack) + lines.total(), limit(case.topology.racks[rack])
            if need > have:
                line, watts = max(lines.items(), key=lambda item: (item[1], item[0]))
                per_card = (have - need + watts) // cards[rack][line]
                yield Refusal(
                    code=code,
                    field=line[0],
                    message=f"{rack} {words.format(need=need, have=have)}",
                    need=need,
                    have=have,
                    unit="W",
                    suggestions=tuple(cap(case.topology.classes[line[1]], per_card)),
                )

    def encode(model: Model) -> None:
        for rack in sorted({cell.rack for node in model.nodes for cell in model.cells(node)}):
            _feed(model, rack, limit)

    return PlacementRule(code, violations, encode=encode)


def _feed(model: Model, rack: str, limit: Callable[[RackFacts], int]) -> None:
    case = model.nodes[0].case
    index, classes = case.index, case.topology.classes

    def watts(ask: Ask, cell: Cell) -> int:
        return drawn(classes[cell.one.device_class], ask)

    cells = {node: [cell for cell in model.cells(node) if cell.rack == rack] for node in model.nodes}
    draw = {node: model.takes(node, mine, watts) for node, mine in cells.items() if mine}
    rest = index.rack_rest_w.get(rack, 0)
    model.share(draw, limit(case.topology.racks[rack]) - rest, partial(index.timeline.rack_watts, rack))


def _loads(case: Case, draft: Draft) -> tuple[Mapping[str, Counter[Line]], Mapping[str, Counter[Line]]]:
    """Watts and number of the new devices, by rack and by line."""
    watts: defaultdict[str, Counter[Line]] = defaultdict(Counter)
    cards: defaultdict[str, Counter[Line]] = defaultdict(Counter)
    for placed in draft:
        drawn = draws(case.topology.classes, placed)
        for block in placed.blocks:
            line = (placed.wish.fields.get(block.device_class, placed.wish.field), block.device_class)
            rack = rack_of(case.topology, block)
            watts[rack][line] += drawn[block.code]
            cards[rack][line] += 1
    return watts, cards


POWER_RULE = _rule(RefusalCode.RACK_POWER, power_limit, "would draw {need:,} W; its feed carries {have:,} W.")
COOLING_RULE = _rule(
    RefusalCode.RACK_COOLING, cooling_limit, "would give off {need:,} W; its cooling sheds {have:,} W."
)
