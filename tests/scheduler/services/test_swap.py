"""A device of a booking in use is swapped when somebody asks for it, and only then."""

from collections.abc import Callable
from datetime import datetime
from itertools import count
from threading import Event, Thread

import pytest
from django.db import connection

from fabric.composing.results import NodeOutcome
from fabric.drivers.emulator.faults import FaultKind, set_fault
from fabric.models import FabricManager, Host, ResourceBlock
from scheduler import limits
from scheduler.models import Allocation, JournalEntry, Notice, Operation, Reservation
from scheduler.planning.invariants import broken
from scheduler.queries import boards
from scheduler.queries.snapshots import snapshot
from scheduler.refusals import Invalid, RefusalCode, Refused, Stale, WrongState
from scheduler.services._lease import take
from scheduler.services.release import release
from scheduler.services.run_operation import _drive, run_operation
from scheduler.services.submit import submit
from scheduler.services.swap import offer_swap, swap
from tests.scheduler.services.house import A100, H100, L40S, House, Truth

pytestmark = pytest.mark.django_db


def blocks_of(reservation: Reservation) -> list[str]:
    reservation.refresh_from_db()
    return [code for node in reservation.plan["nodes"] for code in node["blocks"]]


def held(reservation: Reservation) -> list[str]:
    rows = Allocation.objects.filter(reservation=reservation, is_holding=True, block__isnull=False)
    return sorted(rows.values_list("block__code", flat=True))


def active(house: House, mix: dict[str, int], **more: object) -> Reservation:
    reservation = house.book(mix, **more)
    house.settle()
    reservation.refresh_from_db()
    assert reservation.state == "active"
    return reservation


def ask(house: House, reservation: Reservation, block: str, **more: object) -> Reservation:
    return swap(reservation=reservation, block=block, by=house.by(house.alice), now=house.clock.now, **more)


def assert_nothing_twice(house: House) -> None:
    seen = snapshot(pool_code="lab", project_slug="team-chat", now=house.clock.now)
    assert broken(topology=seen.topology, commitments=seen.commitments) == ()


def test_the_offer_names_the_nearest_and_holds_nothing(house: House, truth: Truth) -> None:
    reservation = active(house, {L40S: 2})
    lost = blocks_of(reservation)[0]

    offer = offer_swap(reservation=reservation, block=lost, now=house.clock.now)

    assert (offer.node, offer.block, offer.needs_reboot, offer.seconds) == (0, lost, False, 20)
    assert offer.replacement not in blocks_of(reservation) and offer.given == {lost: offer.replacement}
    assert held(reservation) == blocks_of(reservation)
    assert Operation.objects.filter(kind="resize").count() == 0


def test_what_is_asked_for_is_held_at_once_and_in_use_when_it_is_proven(house: House, truth: Truth) -> None:
    reservation = active(house, {L40S: 2})
    before, price = blocks_of(reservation), reservation.price
    new = offer_swap(reservation=reservation, block=before[0], now=house.clock.now).replacement

    ask(house, reservation, before[0], reason="It fell off the bus.")

    assert (blocks_of(reservation), held(reservation)) == (before, sorted([*before, new]))
    asked = JournalEntry.objects.get(reservation=reservation, kind="device.swap_asked")
    assert (asked.actor_name, asked.message) == (
        "alice",
        f"Node 1: {new} is to take the place of {before[0]}. It fell off the bus.",
    )

    house.settle()

    assert blocks_of(reservation) == held(reservation) == sorted([before[1], new])
    assert truth.attached() == set(blocks_of(reservation))
    assert (reservation.state, reservation.price, reservation.swaps) == ("active", price, 0)
    done = JournalEntry.objects.get(reservation=reservation, kind="device.swapped")
    assert done.message == f"Node 1: {new} is attached in the place of {before[0]}."
    assert Notice.objects.filter(entry=done, user=house.alice).count() == 1
    assert ResourceBlock.objects.get(code=before[0]).state == "free"
    assert_nothing_twice(house)


def test_asking_again_while_it_is_under_way_changes_nothing(house: House, truth: Truth) -> None:
    reservation = active(house, {L40S: 2})
    block = blocks_of(reservation)[0]
    ask(house, reservation, block)
    version = reservation.version

    ask(house, reservation, block)

    assert (reservation.version, Operation.objects.filter(kind="resize").count()) == (version, 1)


def test_a_second_device_of_the_node_waits_for_the_first(house: House, truth: Truth) -> None:
    reservation = active(house, {L40S: 2})
    first, second = blocks_of(reservation)
    ask(house, reservation, first)

    with pytest.raises(Refused) as caught:
        ask(house, reservation, second)

    assert [one.code for one in caught.value.refusals] == [RefusalCode.POOL_BUSY]


def test_a_replacement_that_does_not_bind_is_set_aside_and_the_node_is_as_it_was(house: House, truth: Truth) -> None:
    reservation = active(house, {L40S: 2})
    before = blocks_of(reservation)
    new = offer_swap(reservation=reservation, block=before[0], now=house.clock.now).replacement
    set_fault(path=truth.path, kind=FaultKind.BIND_FAILURE, blocks=[new])

    ask(house, reservation, before[0])
    house.settle()

    assert (reservation.state, blocks_of(reservation), held(reservation)) == ("active", before, before)
    assert truth.attached() == set(before)
    assert ResourceBlock.objects.get(code=new).state == "quarantined"
    told = JournalEntry.objects.get(reservation=reservation, kind="device.failed")
    assert told.message.startswith(f"Node 1: {new} could not be attached; the node is as it was.")
    assert offer_swap(reservation=reservation, block=before[0], now=house.clock.now).replacement != new
    assert_nothing_twice(house)


def test_a_bridged_pair_is_swapped_whole(house: House, truth: Truth) -> None:
    reservation = active(house, {H100: 2})
    before = blocks_of(reservation)

    ask(house, reservation, before[0])
    house.settle()

    assert (len(blocks_of(reservation)), set(before) & set(blocks_of(reservation))) == (2, set())
    assert truth.attached() == set(blocks_of(reservation))


def test_what_is_given_up_and_cannot_be_cleaned_is_quarantined_and_the_node_goes_on(house: House, truth: Truth) -> None:
    reservation = active(house, {L40S: 2})
    old = blocks_of(reservation)[0]
    set_fault(path=truth.path, kind=FaultKind.CLEAN_FAILURE, blocks=[old])

    ask(house, reservation, old)
    house.settle()

    assert (reservation.state, len(blocks_of(reservation)), old in held(reservation)) == ("active", 2, False)
    assert ResourceBlock.objects.get(code=old).state == "quarantined"
    assert JournalEntry.objects.filter(reservation=reservation, kind="block.quarantined").count() == 1
    assert JournalEntry.objects.filter(reservation=reservation, kind="device.swapped").count() == 1
    assert_nothing_twice(house)


def test_a_host_that_must_reboot_to_see_it_is_named_with_its_time(house: House, truth: Truth) -> None:
    Host.objects.exclude(template="host-legacy").update(is_cordoned=True)
    boards.forget()  # written past the services
    reservation = active(house, {L40S: 1})

    offer = offer_swap(reservation=reservation, block=blocks_of(reservation)[0], now=house.clock.now)

    assert (offer.needs_reboot, offer.seconds) == (True, 20 + 240)


def test_without_an_equal_free_one_there_is_no_offer(house: House, truth: Truth) -> None:
    reservation = active(house, {A100: 4})

    with pytest.raises(Refused) as caught:
        offer_swap(reservation=reservation, block=blocks_of(reservation)[0], now=house.clock.now)

    assert [one.code for one in caught.value.refusals] == [RefusalCode.DEVICE_UNAVAILABLE]


def test_a_paused_fabric_changes_no_node(house: House, truth: Truth) -> None:
    reservation = active(house, {L40S: 1})
    FabricManager.objects.update(is_paused=True)

    with pytest.raises(Refused):
        ask(house, reservation, blocks_of(reservation)[0])

    assert held(reservation) == blocks_of(reservation)


def test_who_may_not_be_asked(house: House, truth: Truth) -> None:
    reservation = house.book({L40S: 1})
    block = blocks_of(reservation)[0]

    with pytest.raises(WrongState):
        ask(house, reservation, block)
    house.settle()
    reservation.refresh_from_db()
    with pytest.raises(Invalid):
        ask(house, reservation, "pru-99-s99")
    with pytest.raises(Stale):
        ask(house, reservation, block, version=reservation.version - 1)


def test_the_end_beats_a_swap_that_waits(house: House, truth: Truth) -> None:
    reservation = active(house, {L40S: 2})
    ask(house, reservation, blocks_of(reservation)[0])

    release(reservation=reservation, by=house.by(house.alice), now=house.clock.now)
    house.settle()
    reservation.refresh_from_db()

    assert reservation.state == "ended"
    assert list(Operation.objects.filter(kind="resize").values_list("state", flat=True)) == ["dropped"]
    assert truth.attached() == set()
    assert set(ResourceBlock.objects.values_list("state", flat=True)) == {"free"}
    assert Allocation.objects.filter(is_holding=True).count() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("at", range(2, 40, 5))
def test_the_end_beats_a_swap_that_is_under_way_wherever_it_is(house: House, truth: Truth, at: int) -> None:
    """It is ended early from the worker's nth moment on, beside it; nothing is left attached or held."""
    reservation = active(house, {L40S: 2})
    ask(house, reservation, blocks_of(reservation)[0])
    operation_id, calls, begun = house.open_operation(reservation).pk, count(1), Event()

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
    release(reservation=reservation, by=house.by(house.alice), now=house.clock.now)
    worker.join()
    house.clock.turn(limits.LEASE_SECONDS + 1)
    house.settle()
    reservation.refresh_from_db()

    assert (reservation.state, truth.attached()) == ("ended", set())
    assert Allocation.objects.filter(is_holding=True).count() == 0
    assert set(ResourceBlock.objects.values_list("state", flat=True)) == {"free"}
    assert Operation.objects.filter(state__in=["queued", "running"]).count() == 0


def test_a_worker_that_dies_after_the_swap_is_taken_over_and_it_is_settled_once(house: House, truth: Truth) -> None:
    reservation = active(house, {L40S: 2})
    old = blocks_of(reservation)[0]
    ask(house, reservation, old)
    operation = take(operation_id=house.open_operation(reservation).pk, owner="one", now=house.clock.now)
    assert operation is not None

    assert _drive(operation, house.clock, house.clock.turn).outcome == NodeOutcome.RESIZED
    house.clock.turn(limits.LEASE_SECONDS + 1)
    house.settle()

    assert old not in blocks_of(reservation) and held(reservation) == blocks_of(reservation)
    assert truth.attached() == set(blocks_of(reservation))
    assert JournalEntry.objects.filter(reservation=reservation, kind="device.swapped").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["swap", "book"])
def test_a_swap_and_a_booking_race_for_the_last_equal_device(house: House, truth: Truth, first: str) -> None:
    """Eleven of twelve are in use; both begin together, whoever is named first a moment earlier."""
    reservation = active(house, {L40S: 11})
    request = house.ask({L40S: 1}, project="team-research")
    acts = {
        "swap": lambda: ask(house, reservation, blocks_of(reservation)[0]),
        "book": lambda: submit(request=request, by=house.by(house.charlie), now=house.clock.now),
    }
    ready, won = Event(), list[str]()

    def other() -> None:
        ready.set()
        try:
            _tried(acts, first, won)
        finally:
            connection.close()

    thread = Thread(target=other)
    thread.start()
    ready.wait()
    _tried(acts, next(name for name in acts if name != first), won)
    thread.join()

    assert len(won) == 1
    house.settle()
    assert_nothing_twice(house)


def _tried(acts: dict[str, Callable[[], object]], name: str, won: list[str]) -> None:
    try:
        acts[name]()
    except Refused:
        return
    won.append(name)
