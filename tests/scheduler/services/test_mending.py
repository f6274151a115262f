"""A device fails while its node is composed: an equal one takes its place, or less is granted, or nothing is."""

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from threading import Event, Thread

import pytest
from django.db import connection

from fabric.composing.results import NodeOutcome
from fabric.drivers.emulator.faults import FaultKind, set_fault
from fabric.models import Composition, ResourceBlock
from scheduler import limits
from scheduler.models import Allocation, JournalEntry, Notice, Reservation
from scheduler.planning.invariants import broken
from scheduler.queries.boards import board, forget
from scheduler.queries.snapshots import snapshot
from scheduler.refusals import Refused
from scheduler.services._lease import take
from scheduler.services._settling import settle
from scheduler.services.advance_due import advance_due
from scheduler.services.run_operation import _drive, run_operation
from tests.scheduler.services.house import A100, H100, L40S, House, Truth

pytestmark = pytest.mark.django_db
TOMORROW = {"starts_at": "2030-05-14T08:00:00Z", "ends_at": "2030-05-14T10:00:00Z"}


def fails(truth: Truth, *blocks: str) -> None:
    set_fault(path=truth.path, kind=FaultKind.BIND_FAILURE, blocks=blocks)


def blocks_of(reservation: Reservation) -> list[str]:
    reservation.refresh_from_db()
    return [code for node in reservation.plan["nodes"] for code in node["blocks"]]


def held(reservation: Reservation) -> list[str]:
    rows = Allocation.objects.filter(reservation=reservation, is_holding=True, block__isnull=False)
    return sorted(rows.values_list("block__code", flat=True))


def quarantined() -> list[str]:
    return list(ResourceBlock.objects.filter(state="quarantined").order_by("code").values_list("code", flat=True))


def assert_true_to(house: House, truth: Truth, *reservations: Reservation) -> None:
    """Plan, units and fabric say the same, the kept board as one that is read anew, and nothing is held twice."""
    for reservation in reservations:
        assert blocks_of(reservation) == held(reservation)
    assert truth.attached() == {code for one in reservations for code in blocks_of(one)}
    kept = {(one.reservation, one.bits) for one in board(pool_code="lab").timeline.all_stays()}
    forget()
    assert {(one.reservation, one.bits) for one in board(pool_code="lab").timeline.all_stays()} == kept
    seen = snapshot(pool_code="lab", project_slug="team-chat", now=house.clock.now)
    assert broken(topology=seen.topology, commitments=seen.commitments) == ()


def test_an_equal_device_takes_the_place_of_one_that_does_not_bind(house: House, truth: Truth) -> None:
    reservation = house.book({L40S: 4})
    before, price, watts = blocks_of(reservation), reservation.price, reservation.watts
    fails(truth, before[1])

    house.settle()
    reservation.refresh_from_db()

    assert (reservation.state, reservation.swaps, reservation.shortfall) == ("active", 1, [])
    (new,) = set(blocks_of(reservation)) - set(before)
    assert set(before) - set(blocks_of(reservation)) == {before[1]} == set(quarantined())
    assert (reservation.price, reservation.watts) == (price, watts)
    assert [c.generation for c in Composition.objects.filter(owner=reservation.code)] == [1, 2]
    entry = JournalEntry.objects.get(reservation=reservation, kind="device.swapped")
    assert entry.facts["given"] == {before[1]: new}
    assert entry.message.startswith(f"Node 1: {new} takes the place of {before[1]} while it is composed.")
    assert Notice.objects.filter(user=house.alice, entry=entry).count() == 1
    assert_true_to(house, truth, reservation)


def test_the_evidence_is_with_what_is_quarantined(house: House, truth: Truth) -> None:
    reservation = house.book({L40S: 2})
    bad = blocks_of(reservation)[0]
    fails(truth, bad)

    house.settle()

    assert ResourceBlock.objects.get(code=bad).state_reason.startswith("Not attached")
    entry = JournalEntry.objects.get(reservation=reservation, kind="block.quarantined")
    assert entry.facts == {"blocks": [bad], "composition": f"heddle-{reservation.code}-n0-g1"}


def test_what_it_gave_up_is_nobodys_and_all_its_rows_are_of_one_generation(house: House, truth: Truth) -> None:
    reservation = house.book({L40S: 2})
    bad = blocks_of(reservation)[0]
    fails(truth, bad)

    house.settle()

    rows = Allocation.objects.filter(reservation=reservation)
    assert [one.block.code for one in rows.filter(is_holding=False) if one.block] == [bad]
    assert len(set(rows.values_list("changed_in", flat=True))) == 1


def test_a_bridged_pair_is_replaced_whole_and_only_the_failed_card_is_set_aside(house: House, truth: Truth) -> None:
    reservation = house.book({H100: 4})
    before = blocks_of(reservation)
    fails(truth, before[0])

    house.settle()

    assert set(before) - set(blocks_of(reservation)) == set(before[:2])
    assert quarantined() == [before[0]]
    assert_true_to(house, truth, reservation)


def test_two_are_replaced_and_the_third_is_one_too_many(house: House, truth: Truth) -> None:
    reservation = house.book({L40S: 3})
    well = blocks_of(reservation)[:2]
    fails(
        truth,
        *ResourceBlock.objects.filter(device_class__code=L40S).exclude(code__in=well).values_list("code", flat=True),
    )

    house.settle()
    reservation.refresh_from_db()

    assert (reservation.state, reservation.swaps, len(quarantined())) == ("failed", 2, 3)
    assert Composition.objects.filter(owner=reservation.code).count() == 3
    assert truth.attached() == set()
    assert Allocation.objects.filter(is_holding=True).count() == 0


def test_who_could_not_be_served_is_told_when_it_fits_again(house: House, truth: Truth) -> None:
    """One pair is broken and another is somebody's until ten: three are left after that."""
    other = house.book({H100: 2}, project="team-research")
    reservation = house.book({H100: 6})
    fails(truth, blocks_of(reservation)[0])

    house.settle()
    reservation.refresh_from_db()

    starts_at = other.busy_until + timedelta(minutes=5)
    failed = JournalEntry.objects.get(reservation=reservation, kind="reservation.failed")
    assert reservation.state == "failed"
    assert failed.facts == {
        "next_starts_at": starts_at.isoformat(),
        "next_ends_at": (starts_at + timedelta(hours=2)).isoformat(),
        "usd_before": "36.84",  # six at 3.07 for two hours
        "usd_due": "0.00",
        "usd_because": "not_fulfilled",
    }
    assert reservation.state_reason.endswith("It would fit again from 2030-05-13 10:15 UTC.")
    assert failed.message.endswith("10:15 UTC. Everything that was done has been undone.")


def test_nothing_is_named_where_nothing_will_fit(house: House, truth: Truth) -> None:
    """All four cards of the class are needed, and one is broken."""
    reservation = house.book({A100: 4})
    fails(truth, blocks_of(reservation)[0])

    house.settle()
    reservation.refresh_from_db()

    failed = JournalEntry.objects.get(reservation=reservation, kind="reservation.failed")
    named = [name for name in failed.facts if name.startswith("next_")]
    assert (reservation.state, named, "fit again" in reservation.state_reason) == ("failed", [], False)


def test_who_would_rather_begin_with_less_does(house: House, truth: Truth) -> None:
    reservation = house.book({A100: 4}, on_failure="degrade")
    before, usd = blocks_of(reservation), Decimal(reservation.price["usd"])
    watts = reservation.watts
    fails(truth, before[0])

    house.settle()
    reservation.refresh_from_db()

    assert (reservation.state, blocks_of(reservation), quarantined()) == ("active", before[1:], [before[0]])
    assert (Decimal(reservation.price["usd"]), reservation.price["devices"]) == (usd * 3 / 4, {A100: 3})
    assert reservation.watts == watts - 300
    (gap,) = reservation.shortfall
    assert (gap["node"], gap["block"], gap["device_class"]) == (0, before[0], A100)
    told = JournalEntry.objects.get(reservation=reservation, kind="reservation.degraded")
    assert (told.facts["lacking"], Notice.objects.filter(entry=told).count()) == ([gap], 1)
    active = JournalEntry.objects.get(reservation=reservation, kind="reservation.active")
    assert active.message == "Active: read-back proves 1 node. It goes without 1 device."
    assert_true_to(house, truth, reservation)


def test_but_takes_an_equal_device_where_one_is_free(house: House, truth: Truth) -> None:
    reservation = house.book({L40S: 2}, on_failure="degrade")
    fails(truth, blocks_of(reservation)[0])

    house.settle()
    reservation.refresh_from_db()

    assert (reservation.state, len(blocks_of(reservation)), reservation.shortfall) == ("active", 2, [])


def test_nothing_goes_without_half_of_a_bridged_pair(house: House, truth: Truth) -> None:
    reservation = house.book({H100: 8}, on_failure="degrade")
    fails(truth, blocks_of(reservation)[0])

    house.settle()
    reservation.refresh_from_db()

    assert (reservation.state, reservation.shortfall) == ("failed", [])


def test_who_was_to_have_it_next_gets_another(house: House, truth: Truth) -> None:
    reservation = house.book({L40S: 2})
    later = house.book({L40S: 2}, project="team-research", **TOMORROW)
    bad = blocks_of(reservation)[0]
    assert bad in blocks_of(later)
    fails(truth, bad)

    house.settle()

    assert bad not in blocks_of(later)
    assert JournalEntry.objects.filter(reservation=later, kind="reservation.moved").count() == 1
    assert held(later) == blocks_of(later)


def test_a_worker_that_dies_before_it_could_say_so_has_changed_nothing(house: House, truth: Truth) -> None:
    """Whoever takes the operation over reads the same end, and the device is swapped once."""
    reservation = house.book({L40S: 2})
    bad = blocks_of(reservation)[0]
    fails(truth, bad)
    advance_due(now=house.clock.now)
    operation = take(operation_id=house.open_operation(reservation).pk, owner="one", now=house.clock.now)
    assert operation is not None
    first = _drive(operation, house.clock, house.clock.turn)

    house.clock.turn(limits.LEASE_SECONDS + 1)
    house.settle()
    reservation.refresh_from_db()

    assert (first.outcome, first.failed_blocks) == (NodeOutcome.UNDONE, (bad,))
    assert (reservation.state, reservation.swaps) == ("active", 1)
    assert JournalEntry.objects.filter(reservation=reservation, kind="device.swapped").count() == 1
    assert_true_to(house, truth, reservation)


def test_two_workers_that_say_the_same_swap_once(house: House, truth: Truth) -> None:
    reservation = house.book({L40S: 2})
    fails(truth, blocks_of(reservation)[0])
    advance_due(now=house.clock.now)
    operation = take(operation_id=house.open_operation(reservation).pk, owner="one", now=house.clock.now)
    assert operation is not None
    result = _drive(operation, house.clock, house.clock.turn)

    for _ in range(2):
        settle(operation=operation, result=result, now=house.clock.now)
    house.settle()
    reservation.refresh_from_db()

    assert (reservation.state, reservation.swaps) == ("active", 1)
    assert Composition.objects.filter(owner=reservation.code).count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("at", [1, 6, 12, 18, 24])
def test_the_last_equal_device_goes_to_the_swap_or_to_a_booking_and_never_to_both(
    house: House, truth: Truth, at: int
) -> None:
    """Eleven of twelve are booked; one fails while somebody books the twelfth, from the worker's nth moment on."""
    reservation = house.book({L40S: 11})
    fails(truth, blocks_of(reservation)[0])
    advance_due(now=house.clock.now)
    operation_id, calls, begun, refused = house.open_operation(reservation).pk, count(1), Event(), list[Refused]()

    def clock() -> datetime:
        if next(calls) == at:
            begun.set()
        return house.clock.now

    def work() -> None:
        try:
            run_operation(operation_id=operation_id, owner="one", clock=clock, sleep=house.clock.turn)
        finally:
            begun.set()
            connection.close()

    worker = Thread(target=work)
    worker.start()
    begun.wait()
    try:
        house.book({L40S: 1}, project="team-research")
    except Refused as reason:
        refused.append(reason)
    worker.join()
    reservation.refresh_from_db()

    assert (reservation.swaps, len(refused)) in {(1, 1), (0, 0)}
    seen = snapshot(pool_code="lab", project_slug="team-chat", now=house.clock.now)
    assert broken(topology=seen.topology, commitments=seen.commitments) == ()
