"""A fabric that picks devices itself gives others than were asked for: the books follow, and nobody is held twice."""

from datetime import timedelta

import pytest

from fabric.composing.results import NodeOutcome, NodeResult
from fabric.models import Composition, ResourceBlock
from fabric.services.units import move_blocks
from fabric.states import BlockState
from scheduler.models import Allocation, JournalEntry, Reservation
from scheduler.planning.invariants import broken
from scheduler.queries import boards
from scheduler.queries.snapshots import snapshot
from scheduler.services._lease import take
from scheduler.services._settling import settle
from scheduler.services.advance_due import advance_due
from scheduler.services.replan_stranded import replan_stranded
from scheduler.services.swap import swap
from tests.scheduler.services.house import A100, L40S, House, Truth

pytestmark = pytest.mark.django_db


def blocks_of(reservation: Reservation) -> list[str]:
    reservation.refresh_from_db()
    return [code for node in reservation.plan["nodes"] for code in node["blocks"]]


def held(reservation: Reservation) -> list[str]:
    rows = Allocation.objects.filter(reservation=reservation, is_holding=True, block__isnull=False)
    return sorted(rows.values_list("block__code", flat=True))


def composed_with(house: House, reservation: Reservation, given: dict[str, str]) -> None:
    """As the executor leaves it: the node has what was given."""
    advance_due(now=house.clock.now)
    operation = take(operation_id=house.open_operation(reservation).pk, owner="one", now=house.clock.now)
    assert operation is not None
    composition = operation.composition
    names = [given.get(code, code) for code in blocks_of(reservation)]
    composition.blocks.set(ResourceBlock.objects.filter(code__in=names))
    Composition.objects.filter(pk=composition.pk).update(state="composed")
    result = NodeResult(outcome=NodeOutcome.COMPOSED, exchanged=given)
    settle(operation=operation, result=result, now=house.clock.now)


def assert_nothing_twice(house: House) -> None:
    seen = snapshot(pool_code="lab", project_slug="team-chat", now=house.clock.now)
    assert broken(topology=seen.topology, commitments=seen.commitments) == ()


def test_plan_and_units_say_what_was_given(house: House) -> None:
    reservation = house.book({L40S: 2})
    asked, kept = blocks_of(reservation)

    composed_with(house, reservation, {asked: "pru-01-s09"})

    assert blocks_of(reservation) == held(reservation) == sorted([kept, "pru-01-s09"])
    assert reservation.state == "active"
    entry = JournalEntry.objects.get(reservation=reservation, kind="device.swapped")
    assert entry.message == f"Node 1: the fabric picked equal devices in the same place: pru-01-s09 for {asked}."
    assert_nothing_twice(house)


def test_who_was_to_have_it_takes_another(house: House) -> None:
    reservation = house.book({L40S: 2})
    asked, _ = blocks_of(reservation)
    begin = house.clock.now + timedelta(minutes=30)
    other = house.book({L40S: 2}, project="team-research", starts_at=begin.isoformat())
    got, _ = blocks_of(other)

    composed_with(house, reservation, {asked: got})

    assert got in held(reservation) and got not in held(other)
    assert (len(held(other)), held(other)) == (2, blocks_of(other))
    assert JournalEntry.objects.filter(reservation=other, kind="reservation.moved").count() == 1
    assert_nothing_twice(house)


def test_who_finds_no_other_is_told(house: House) -> None:
    """Two cards are out of service, so that the one that is left over is the only one that would do."""
    ResourceBlock.objects.filter(code__in=["pru-02-s11", "pru-02-s12"]).update(state="quarantined")
    boards.forget()  # written past the services
    reservation = house.book({A100: 1})
    (asked,) = blocks_of(reservation)
    begin = house.clock.now + timedelta(minutes=30)
    other = house.book({A100: 1}, project="team-research", starts_at=begin.isoformat())
    (got,) = blocks_of(other)
    ResourceBlock.objects.filter(code=asked).update(is_cordoned=True)
    house.pool.refresh_from_db()

    composed_with(house, reservation, {asked: got})

    assert (held(reservation), held(other), blocks_of(other)) == ([got], [], [got])
    told = JournalEntry.objects.get(reservation=other, kind="reservation.stranded")
    assert told.facts == {"units": [got]}
    assert_nothing_twice(house)


def test_who_found_no_other_gets_one_as_soon_as_there_is_one(house: House) -> None:
    spare = ResourceBlock.objects.filter(code__in=["pru-02-s11", "pru-02-s12"])
    spare.update(state="quarantined")
    boards.forget()  # written past the services
    reservation = house.book({A100: 1})
    (asked,) = blocks_of(reservation)
    begin = house.clock.now + timedelta(minutes=30)
    other = house.book({A100: 1}, project="team-research", starts_at=begin.isoformat())
    (got,) = blocks_of(other)
    ResourceBlock.objects.filter(code=asked).update(is_cordoned=True)
    composed_with(house, reservation, {asked: got})
    assert (replan_stranded(now=house.clock.now), held(other)) == (0, [])

    for pk in spare.values_list("pk", flat=True):
        move_blocks(ids=[pk], seen=BlockState.QUARANTINED, to=BlockState.FREE)

    assert replan_stranded(now=house.clock.now) == 1
    assert held(other) == blocks_of(other) != [got]
    assert held(reservation) == [got]
    assert replan_stranded(now=house.clock.now) == 0
    assert_nothing_twice(house)


def test_settled_again_it_changes_nothing(house: House) -> None:
    reservation = house.book({L40S: 1})
    (asked,) = blocks_of(reservation)
    composed_with(house, reservation, {asked: "pru-01-s09"})
    before = (version_of(reservation), held(reservation))

    operation = reservation.operations.select_related("composition", "reservation__pool").get()
    result = NodeResult(outcome=NodeOutcome.COMPOSED, exchanged={asked: "pru-01-s09"})
    settle(operation=operation, result=result, now=house.clock.now)

    assert (version_of(reservation), held(reservation)) == before


def version_of(reservation: Reservation) -> int:
    reservation.refresh_from_db()
    return reservation.version


def test_what_a_fabric_picks_for_a_node_in_use_is_followed_too(house: House, truth: Truth) -> None:
    reservation = house.book({L40S: 2})
    house.settle()
    old, kept = blocks_of(reservation)
    begin = house.clock.now + timedelta(minutes=30)
    other = house.book({L40S: 2}, project="team-research", starts_at=begin.isoformat())
    swap(reservation=reservation, block=old, by=house.by(house.alice), now=house.clock.now)
    operation = take(operation_id=house.open_operation(reservation).pk, owner="one", now=house.clock.now)
    assert operation is not None and operation.resize is not None
    (asked,) = operation.resize.adds
    got = next(code for code in blocks_of(other) if code != asked)
    operation.composition.blocks.set(ResourceBlock.objects.filter(code__in=[kept, got]))

    result = NodeResult(outcome=NodeOutcome.RESIZED, exchanged={asked: got})
    settle(operation=operation, result=result, now=house.clock.now)

    assert blocks_of(reservation) == held(reservation) == sorted([kept, got])
    assert (got in held(other), len(held(other)), held(other)) == (False, 2, blocks_of(other))
    assert_nothing_twice(house)
