"""A refusal is a proof.

In worlds small enough to try everything, what is refused has no placement, and what has one is granted.
"""

from collections.abc import Iterator
from itertools import combinations
from random import Random

import pytest

from fabric.topology import BlockFacts
from scheduler.planning.attempts import attempt, case_of
from scheduler.planning.case import Case, Placed, Wish
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan
from scheduler.planning.rules.registry import PLACEMENT_RULES, PLANNED_RULES
from scheduler.refusals import RefusalCode
from scheduler.requests import ReservationRequest
from tests.scheduler.planning.drawn import a_request, a_world
from tests.worlds import commitments_of, snapshot

PLACEMENT_CODES = {rule.code for rule in PLACEMENT_RULES} | {RefusalCode.DEVICE_BUSY, RefusalCode.DEVICE_UNAVAILABLE}


@pytest.mark.parametrize("seed", range(150))
def test_the_planner_agrees_with_trying_everything(seed: int) -> None:
    chance = Random(seed)
    world = a_world(chance)
    first = attempt(request=a_request(chance, world, hours_ahead=24), index=PoolIndex(snapshot(world)))
    held = commitments_of(first) if isinstance(first, Plan) else []
    index = PoolIndex(snapshot(world, commitments=held))
    request = a_request(chance, world, hours_ahead=24)

    answer = attempt(request=request, index=index)

    assert isinstance(answer, Plan) == _has_placement(request, index)
    if not isinstance(answer, Plan):
        assert {refusal.code for refusal in answer} <= PLACEMENT_CODES  # never "not proven"


def _has_placement(request: ReservationRequest, index: PoolIndex) -> bool:
    case = case_of(request=request, index=index)
    return _place(case, list(case.wishes), [])


def _place(case: Case, wishes: list[Wish], placed: list[Placed]) -> bool:
    """Every host and every set of blocks for one node after the other.

    A rule broken by some nodes is broken by more.
    """
    if not wishes:
        return True
    for way in _ways(case, wishes[0], {block.code for other in placed for block in other.blocks}):
        draft = [*placed, way]
        if not any(refusal for rule in PLANNED_RULES for refusal in rule(case, draft)) and _place(
            case, wishes[1:], draft
        ):
            return True
    return False


def _ways(case: Case, wish: Wish, taken: set[str]) -> Iterator[Placed]:
    for host in case.index.hosts:
        for blocks in _sets(case, list(wish.need.items())):
            if taken.isdisjoint(block.code for block in blocks):
                yield Placed(wish, host, blocks)


def _sets(case: Case, need: list[tuple[str, int]]) -> Iterator[tuple[BlockFacts, ...]]:
    if not need:
        yield ()
        return
    code, count = need[0]
    for chosen in combinations(case.index.by_class.get(code, ()), count):
        for rest in _sets(case, need[1:]):
            yield (*chosen, *rest)
