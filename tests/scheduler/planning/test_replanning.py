"""Another plan for what lost units: as near to the old one as can be, and sound among all the others."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest

from fabric.topology import PoolTopology
from scheduler.limits import SEARCH_STEPS_QUICK_MAX
from scheduler.planning.attempts import attempt
from scheduler.planning.index import PoolIndex
from scheduler.planning.invariants import broken
from scheduler.planning.plan import Plan
from scheduler.planning.repacking import Movable
from scheduler.planning.replanning import Key, another_plan, why_not, with_plan
from scheduler.planning.search import SearchLimit
from scheduler.planning.snapshot import Commitment
from scheduler.planning.stays import stay_of_maintenance
from scheduler.planning.timeline import Committed
from scheduler.refusals import RefusalCode
from tests.scheduler.planning.asking import grant
from tests.scheduler.planning.drawn import a_request, a_world_that_bears_one
from tests.worlds import GPU, ask, commitments_of, group, snapshot, two_hosts_eight_gpus, with_block

BOOKINGS = 12


def booked(world: PoolTopology, *groups: object, code: str = "r-1") -> Movable:
    request = ask(*groups)  # type: ignore[arg-type]
    return Movable(code, request, grant(world, request))


def anew(world: PoolTopology, one: Movable, gone: Sequence[Key], held: Sequence[Commitment] = ()) -> Plan | None:
    index = PoolIndex(snapshot(world, commitments=held)).leaving_out(gone)
    return another_plan(of=one, gone=gone, index=index, steps_max=SEARCH_STEPS_QUICK_MAX)


def test_a_node_that_lost_a_card_stays_on_its_host() -> None:
    world = two_hosts_eight_gpus()
    one = booked(world, group((GPU, 2)))
    node = one.plan.nodes[0]

    plan = anew(world, one, [(False, node.blocks[0])])

    assert plan is not None
    assert (plan.nodes[0].host, node.blocks[0] in plan.nodes[0].blocks) == (node.host, False)
    assert (plan.busy_from, plan.busy_until) == (one.plan.busy_from, one.plan.busy_until)


def test_the_node_that_lost_nothing_stays_as_it_is() -> None:
    two = two_hosts_eight_gpus()
    world = replace(two, hosts={**two.hosts, "host-3": replace(two.hosts["host-1"], code="host-3")})
    one = booked(world, group((GPU, 2), nodes=2))
    lost, stays = one.plan.nodes

    plan = anew(world, one, [(True, lost.host)])

    assert plan is not None
    assert plan.nodes[1] == stays
    assert plan.nodes[0].host not in {lost.host, stays.host}


def test_how_soon_and_how_much_may_be_booked_is_not_asked_again() -> None:
    """It was admitted when it was booked; what was allowed since holds for what is booked since."""
    world = two_hosts_eight_gpus()
    one = booked(world, group((GPU, 2)))
    gone = [(False, one.plan.nodes[0].blocks[0])]
    strict = replace(world, policy=replace(world.policy, min_lead_minutes=60 * 24 * 7, max_duration_hours=1))
    index = PoolIndex(snapshot(strict, accelerators_max=1)).leaving_out(gone)

    assert another_plan(of=one, gone=gone, index=index, steps_max=SEARCH_STEPS_QUICK_MAX) is not None


def test_what_has_no_other_place_is_told_why_in_the_words_of_its_request() -> None:
    world = two_hosts_eight_gpus()
    one = booked(world, group((GPU, 8)))
    lost = one.plan.nodes[0].blocks[0]
    after = with_block(world, lost, is_usable=False)

    assert anew(after, one, [(False, lost)]) is None
    told = why_not(of=one, index=PoolIndex(snapshot(after)))
    assert [(refusal.code, refusal.field, refusal.need, refusal.have) for refusal in told.refusals] == [
        (RefusalCode.DEVICE_UNAVAILABLE, "mix[0].lines[0].count", 8, 7)
    ]
    assert [one.kind for one in told.alternatives] == ["count"]


@pytest.mark.parametrize("seed", range(40))
def test_drawn_calendars_stay_sound_and_what_fits_is_found(seed: int) -> None:
    _lose_something(Random(seed))


def test_the_drawn_calendars_have_both_who_moves_and_who_cannot() -> None:
    found = [_lose_something(Random(seed)) for seed in range(40)]

    assert sum(moved for moved, _ in found) >= 10
    assert sum(stuck for _, stuck in found) >= 10


def _lose_something(chance: Random) -> tuple[int, int]:
    """A unit of somebody's is lost, or goes into maintenance; whoever had it is planned anew, the earliest first.

    How many moved and how many could not.
    """
    world = a_world_that_bears_one(chance)
    ones = _bookings(chance, world)
    victim = chance.choice(ones)
    gone = _some_units(chance, victim.plan)
    held = [c for one in ones for c in commitments_of(one.plan, reservation=one.reservation)]
    index, maintained = PoolIndex(snapshot(world, commitments=held)), list[Commitment]()
    if chance.random() < 0.5:
        index = _in_maintenance(index, gone, victim.plan)
        maintained = [one for one in Committed(index.timeline) if one.is_maintenance]
    index = index.leaving_out(gone)

    plans, moved = {one.reservation: one.plan for one in ones}, 0
    hit = [one for one in ones if _units(one.plan) & gone]
    for one in sorted(hit, key=lambda one: (one.plan.busy_from, one.reservation)):
        around = index.without([one.reservation])
        plan = _thorough(one, gone, around)
        if plan is None:
            assert not isinstance(attempt(request=one.request, index=around), Plan)
            del plans[one.reservation]  # it keeps what is gone
            continue
        assert not _units(plan) & gone
        assert (plan.starts_at, plan.ends_at) == (one.plan.starts_at, one.plan.ends_at)
        plans[one.reservation] = plan
        moved += 1
        index = with_plan(index=around, of=one, plan=plan)

    now_held = [c for code, plan in plans.items() for c in commitments_of(plan, reservation=code)]
    assert broken(topology=world, commitments=[*now_held, *maintained]) == ()
    return moved, len(hit) - moved


def _units(plan: Plan) -> set[Key]:
    return {key for node in plan.nodes for key in ((True, node.host), *((False, block) for block in node.blocks))}


def _bookings(chance: Random, world: PoolTopology) -> list[Movable]:
    ones: list[Movable] = []
    while not ones:
        for nth in range(BOOKINGS):
            held = [c for one in ones for c in commitments_of(one.plan, reservation=one.reservation)]
            request = a_request(chance, world)
            plan = attempt(request=request, index=PoolIndex(snapshot(world, commitments=held)))
            if isinstance(plan, Plan):
                ones.append(Movable(f"r-{nth}", request, plan))
    return ones


def _some_units(chance: Random, plan: Plan) -> frozenset[Key]:
    node = chance.choice(plan.nodes)
    return frozenset({chance.choice([(True, node.host), *((False, block) for block in node.blocks)])})


def _in_maintenance(index: PoolIndex, units: frozenset[Key], during: Plan) -> PoolIndex:
    """Beside who has them still."""
    other = index.without(())
    span = {"begin": during.starts_at, "end": during.ends_at}
    other.timeline.add_stays([stay_of_maintenance(other.shape, units, code="m-1", **span)])
    return other


def _thorough(one: Movable, gone: frozenset[Key], index: PoolIndex) -> Plan | None:
    try:
        return another_plan(of=one, gone=gone, index=index, steps_max=SEARCH_STEPS_QUICK_MAX, is_thorough=True)
    except SearchLimit:
        return None


def test_a_host_that_is_in_maintenance_is_nobodys_and_says_until_when() -> None:
    world = two_hosts_eight_gpus()
    one = booked(world, group((GPU, 1), nodes=2))
    index = _in_maintenance(PoolIndex(snapshot(world)), frozenset({(True, "host-1")}), one.plan)

    refusals = attempt(request=one.request, index=index)

    assert not isinstance(refusals, Plan)
    assert [(refusal.code, refusal.message) for refusal in refusals] == [
        (
            RefusalCode.NO_FREE_HOST,
            "Every node needs a free host that can bear it: 2 hosts needed, 1 free."
            " 1 is in maintenance until 2026-11-24 10:00 UTC.",
        )
    ]
