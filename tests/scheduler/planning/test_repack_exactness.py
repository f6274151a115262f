"""Repacking against a second opinion: room is made exactly where it can be, and with no more moves than it takes."""

import pytest

from scheduler.planning.attempts import attempt
from scheduler.planning.plan import Plan
from scheduler.planning.repack import repack
from scheduler.planning.repacking import Repacked
from scheduler.planning.search import SearchLimit
from tests.scheduler.planning.calendars import Calendar, calendar, parties
from tests.scheduler.planning.oracle import Answer, placement
from tests.scheduler.planning.oracle_facts import Party, World, party, settlements
from tests.scheduler.planning.oracle_faults import faults
from tests.scheduler.planning.seating import seated
from tests.worlds import commitments_of

IN_A_BATCH = 15
BATCHES = 10
DEEP_BATCHES = 50


@pytest.mark.parametrize("batch", range(BATCHES))
def test_room_is_made_where_the_second_opinion_finds_room(batch: int) -> None:
    _agrees(batch)


@pytest.mark.deep
@pytest.mark.parametrize("batch", range(BATCHES, DEEP_BATCHES))
def test_room_is_made_where_the_second_opinion_finds_room_many_more(batch: int) -> None:
    _agrees(batch)


def test_the_instances_are_of_both_kinds() -> None:
    refused = [made for made in map(calendar, range(BATCHES * IN_A_BATCH)) if not _has_plan(made)]
    feasible = [made for made in refused if _second_opinion(made) is not None]

    assert len(feasible) > 5
    assert len(refused) - len(feasible) > 5


def _agrees(batch: int) -> None:
    wrong = [
        f"seed {made.one.seed}: {words}\n{made}"
        for made in map(calendar, range(batch * IN_A_BATCH, (batch + 1) * IN_A_BATCH))
        if not _has_plan(made)
        for words in _disagreement(made)
    ]

    assert not wrong, "\n\n".join(wrong)


def _has_plan(made: Calendar) -> bool:
    return isinstance(attempt(request=made.one.request, index=made.index), Plan)


def _disagreement(made: Calendar) -> list[str]:
    try:
        found = repack(request=made.one.request, index=made.index, movable=made.movable)
    except SearchLimit:
        return ["not proven"]
    opinion = _second_opinion(made)
    if found is None or opinion is None:
        return [] if found is None and opinion is None else ["one of the two finds room"]
    answer, who = opinion
    moves = len(answer.moved)
    more = [f"{len(found.moves)} moves where {moves} do"] if len(found.moves) != moves else []
    return [*more, *_faults(made, found, who)]


def _second_opinion(made: Calendar) -> tuple[Answer, Party] | None:
    for mix in settlements(made.one.request.mix):
        who = party(made.world, made.one.request, mix)
        answer = placement(made.world, [who, *parties(made)])
        if answer is not None:
            return answer, who
    return None


def _faults(made: Calendar, found: Repacked, who: Party) -> list[str]:
    """Every plan, the new and the moved, among all the others."""
    plans = {each.reservation: each.plan for each in made.movable} | {
        move.reservation: move.plan for move in found.moves
    }
    plans["new"] = found.plan
    wrong: list[str] = []
    for one in (who, *parties(made)):
        others = [c for name, plan in plans.items() if name != one.name for c in commitments_of(plan, reservation=name)]
        world = World(made.one.topology, [*made.one.held, *others], made.world.now, made.world.meanings)
        nodes = zip(plans[one.name].nodes, one.wants, strict=True)
        wrong += faults(world, one, [seated(world, node, want.parts) for node, want in nodes])
        wrong += [f"{one.name} has another window" for _ in [0] if plans[one.name].busy_from != one.begin]
    return wrong
