"""R14, the slot: a card draws no more than its slot may deliver."""

from collections.abc import Iterator

from fabric.topology import BlockFacts, PoolTopology
from scheduler.planning.case import Case, Draft
from scheduler.planning.rules.base import PlacementRule
from scheduler.refusals import Refusal, RefusalCode


def overloads_slot(topology: PoolTopology, block: BlockFacts) -> bool:
    limit = slot_limit(topology, block)
    return limit is not None and topology.classes[block.device_class].tdp_w > limit


def slot_limit(topology: PoolTopology, block: BlockFacts) -> int | None:
    """None for a device of a fixed system, which its maker has already checked."""
    return None if block.pru is None else topology.prus[block.pru].slot_max_w.get(block.slot_kind)


def _violations(case: Case, draft: Draft) -> Iterator[Refusal]:
    for placed in draft:
        for block in placed.blocks:
            if overloads_slot(case.topology, block):
                watts, limit = case.topology.classes[block.device_class].tdp_w, slot_limit(case.topology, block)
                yield Refusal(
                    code=RefusalCode.SLOT_POWER,
                    field=placed.wish.fields.get(block.device_class, placed.wish.field),
                    message=f"{case.name(block.device_class)} draws {watts} W; its slot delivers {limit} W.",
                    need=watts,
                    have=limit,
                    unit="W",
                )


RULE = PlacementRule(RefusalCode.SLOT_POWER, _violations)
