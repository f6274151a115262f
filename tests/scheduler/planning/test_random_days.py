"""Days drawn from a seed: people ask, some give back.

Whatever was granted keeps every invariant, as seen by the naive sweep.
"""

from random import Random

import pytest

from scheduler.planning.admission import decide, fits
from scheduler.planning.diagnosis import ALL
from scheduler.planning.invariants import broken
from scheduler.planning.snapshot import Commitment, QuotaFacts
from scheduler.refusals import RefusalCode, Refused
from tests.scheduler.planning.drawn import a_request, a_world, a_world_that_bears_one, shuffled
from tests.worlds import commitments_of, snapshot

PROJECTS = ("team-a", "team-b")
CEILING = 5
ACTS = 25
NEVER_MET = {  # nothing in the drawn worlds asks for these, or every slot and bus bears it
    RefusalCode.SLOT_POWER,
    RefusalCode.BUS_EXHAUSTED,
    RefusalCode.MIG_LAYOUT,
    RefusalCode.NIC_AFFINITY,
    RefusalCode.GDS_AFFINITY,
    RefusalCode.CXL_UNSUPPORTED,
    RefusalCode.RDMA_MISMATCH,
}


@pytest.mark.parametrize("seed", range(20))
def test_what_is_granted_keeps_every_invariant(seed: int) -> None:
    chance = Random(seed)
    world, held, granted = a_world_that_bears_one(chance), list[Commitment](), 0

    for act in range(ACTS):
        project = chance.choice(PROJECTS)
        now = snapshot(world, commitments=held, project=project, accelerators_max=CEILING)
        try:
            plan = decide(request=a_request(chance, world, project=project), snapshot=now)
        except Refused:
            if held and chance.random() < 0.5:
                gone = chance.choice(held).reservation
                held = [one for one in held if one.reservation != gone]
            continue
        assert fits(plan=plan, snapshot=now) == ()
        held += commitments_of(plan, reservation=f"r-{act}", project=project)
        granted += 1
        assert broken(topology=world, commitments=held, quotas=[QuotaFacts(p, CEILING) for p in PROJECTS]) == ()

    assert granted > 0


@pytest.mark.parametrize("seed", range(20))
def test_the_order_of_things_changes_nothing(seed: int) -> None:
    chance = Random(seed)
    world, held = a_world(chance), list[Commitment]()

    for act in range(8):
        request = a_request(chance, world)
        answer = _answer(snapshot(world, commitments=held), request)
        other_world, other_held = shuffled(chance, world, held)
        assert _answer(snapshot(other_world, commitments=other_held), request) == answer
        if not isinstance(answer, tuple):
            held += commitments_of(answer, reservation=f"r-{act}")


def _answer(now, request):
    try:
        return decide(request=request, snapshot=now)
    except Refused as refused:
        return refused.refusals, refused.alternatives


def test_the_days_meet_every_kind_of_refusal_the_placement_knows() -> None:
    """Else the days prove less than they seem to."""
    met: set[RefusalCode] = set()
    for seed in range(400):
        chance = Random(seed)
        world = a_world(chance)
        answer = _answer(snapshot(world), a_request(chance, world, hours_ahead=chance.choice([0.02, 24])))
        met |= {refusal.code for refusal in answer[0]} if isinstance(answer, tuple) else set()

    assert ALL - met == NEVER_MET
