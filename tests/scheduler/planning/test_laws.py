"""Laws of planning that hold in any world: more room never hurts, what is given back is as if it was never taken."""

from dataclasses import replace
from random import Random

import pytest

from fabric.topology import PoolTopology
from scheduler.planning.attempts import attempt
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan
from scheduler.planning.stays import stays_of
from tests.scheduler.planning.drawn import a_request, a_world, a_world_that_bears_one, shuffled
from tests.worlds import GPU, NVME, cards, commitments_of, host, pru, snapshot

SEEDS = range(60)


@pytest.mark.parametrize("seed", SEEDS)
def test_more_room_never_turns_a_plan_into_a_refusal(seed: int) -> None:
    chance = Random(seed)
    world = a_world(chance)
    request = a_request(chance, world, hours_ahead=24)
    before = attempt(request=request, index=PoolIndex(snapshot(world)))

    after = attempt(request=request, index=PoolIndex(snapshot(_with_more_room(world))))

    assert isinstance(after, Plan) or not isinstance(before, Plan)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_the_inventory_and_of_the_calendar_changes_nothing(seed: int) -> None:
    chance = Random(seed)
    world = a_world(chance)
    first = attempt(request=a_request(chance, world, hours_ahead=24), index=PoolIndex(snapshot(world)))
    held = commitments_of(first) if isinstance(first, Plan) else []
    request = a_request(chance, world, hours_ahead=24)
    other, turned = shuffled(chance, world, held)

    assert attempt(request=request, index=PoolIndex(snapshot(other, commitments=turned))) == attempt(
        request=request, index=PoolIndex(snapshot(world, commitments=held))
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_given_back_is_as_if_it_was_never_taken(seed: int) -> None:
    """In a calendar that is kept: taken in and given back, it answers as before, and so do those that look at it."""
    chance = Random(seed)
    world = a_world_that_bears_one(chance)
    index = PoolIndex(snapshot(world))
    request, other = (a_request(chance, world, hours_ahead=24) for _ in range(2))
    alone = attempt(request=request, index=index)
    passing = attempt(request=other, index=index)

    if isinstance(passing, Plan):
        index.timeline.add_stays(stays_of(index.shape, commitments_of(passing, reservation="r-passing")))
        assert attempt(request=request, index=index.without(["r-passing"])) == alone
        index.timeline.remove_reservation("r-passing")

    assert attempt(request=request, index=PoolIndex(index.snapshot)) == alone
    assert list(index.timeline.all_stays()) == []


def _with_more_room(world: PoolTopology) -> PoolTopology:
    """In each zone another host and another PRU, in a rack of their own, and the old racks fed and cooled for more."""
    zones = sorted({one.zone for one in world.prus.values() if one.zone})
    new_hosts = [host(f"host-new-{zone}", zone=zone, rack="rack-new") for zone in zones]
    new_prus = [pru(f"pru-new-{zone}", zone=zone, rack="rack-new") for zone in zones]
    blocks = [
        block
        for zone in zones
        for block in (
            *cards(f"pru-new-{zone}", GPU, 4, zone=zone),
            *cards(f"pru-new-{zone}", NVME, 2, zone=zone, kind="bay"),
        )
    ]
    racks = {
        code: replace(rack, budget_w=rack.budget_w + 500, cooling_w=rack.cooling_w + 500)
        for code, rack in world.racks.items()
    }
    plenty = replace(next(iter(world.racks.values())), code="rack-new", budget_w=100_000, cooling_w=100_000)
    return replace(
        world,
        hosts={**world.hosts, **{one.code: one for one in new_hosts}},
        prus={**world.prus, **{one.code: one for one in new_prus}},
        blocks={**world.blocks, **{one.code: one for one in blocks}},
        racks={**racks, "rack-new": plenty},
    )
