"""Which block of a plan answers which part of what was wanted, read from the plan alone."""

from collections.abc import Sequence

from scheduler.planning.plan import NodePlan
from tests.scheduler.planning.oracle_facts import Part, Spot, World


def seated(world: World, node: NodePlan, parts: Sequence[Part]) -> Spot:
    """Which block answers which part, by the caps the plan sets: any way that serves every part."""
    chosen: dict[str, int] = {}

    def answers(block: str, nth: int) -> bool:
        setting, tdp = node.settings.get(block), world.facts(world.block(block)).tdp_w
        is_held_to = (setting and setting.power_cap_w) or tdp
        return parts[nth].accepts(world.block(block)) and is_held_to == min(parts[nth].cap or tdp, tdp)

    def seat(block: str, tried: set[int]) -> bool:
        for nth in (n for n in range(len(parts)) if n not in tried and answers(block, n)):
            tried.add(nth)
            mine = [other for other, at in chosen.items() if at == nth]
            if len(mine) < parts[nth].count or any(seat(other, tried) for other in mine):
                chosen[block] = nth
                return True
        return False

    for block in node.blocks:
        seat(block, set())
    return Spot(node.host, tuple(tuple(b for b, at in chosen.items() if at == nth) for nth in range(len(parts))))
