"""R14, the slot: a card draws no more than its slot may deliver; a power cap counts in place of its TDP."""

from collections.abc import Iterator
from functools import partial

from fabric.topology import BlockFacts, PoolTopology
from scheduler.planning.case import Ask, Case, Draft
from scheduler.planning.rules.base import PlacementRule
from scheduler.planning.rules.capping import cap
from scheduler.planning.rules.model import Cell, Model
from scheduler.planning.settings import drawn, draws
from scheduler.refusals import Refusal, RefusalCode


def overloads_slot(topology: PoolTopology, block: BlockFacts, *, ask: Ask | None = None) -> bool:
    """`ask` is the line it would answer, which may hold it to less than its TDP."""
    limit = slot_limit(topology, block)
    return limit is not None and drawn(topology.classes[block.device_class], ask) > limit


def slot_limit(topology: PoolTopology, block: BlockFacts) -> int | None:
    """None for a device of a fixed system, which its maker has already checked."""
    return None if block.pru is None else topology.prus[block.pru].slot_max_w.get(block.slot_kind)


def _violations(case: Case, draft: Draft) -> Iterator[Refusal]:
    for placed in draft:
        watts_of = draws(case.topology.classes, placed)
        for block in placed.blocks:
            watts, limit = watts_of[block.code], slot_limit(case.topology, block)
            if limit is not None and watts > limit:
                yield Refusal(
                    code=RefusalCode.SLOT_POWER,
                    field=placed.wish.fields.get(block.device_class, placed.wish.field),
                    message=f"{case.name(block.device_class)} draws {watts} W; its slot delivers {limit} W.",
                    need=watts,
                    have=limit,
                    unit="W",
                    suggestions=tuple(cap(case.topology.classes[block.device_class], limit)),
                )


def _encode(model: Model) -> None:
    for node in model.nodes:
        overloads = partial(_overloads, node.case.topology)
        model.at_most(model.takes(node, model.cells(node), overloads), 0)


def _overloads(topology: PoolTopology, ask: Ask, cell: Cell) -> int:
    return int(overloads_slot(topology, cell.one, ask=ask))


RULE = PlacementRule(RefusalCode.SLOT_POWER, _violations, encode=_encode)
