"""Leases and fences: one worker at a time, the newest fence wins, a stale one changes nothing."""

from datetime import timedelta

import pytest

from fabric.composing.run import NodeOutcome, NodeResult
from fabric.models import FabricManager
from scheduler import limits
from scheduler.models import Operation
from scheduler.services._lease import due_operations, is_mine, keep, take
from scheduler.services._settling import settle
from scheduler.services.advance_due import advance_due
from scheduler.services.hints import hint_due, untaken
from scheduler.services.release import release
from tests.scheduler.services.house import H100, L40S, House, Truth

pytestmark = pytest.mark.django_db
LEASE = timedelta(seconds=limits.LEASE_SECONDS)


def begun(house: House, **mix: int) -> Operation:
    reservation = house.book(mix or {H100: 2})
    advance_due(now=house.clock.now)
    return house.open_operation(reservation)


def test_only_one_worker_gets_it_until_its_lease_runs_out(house: House) -> None:
    operation = begun(house)
    now = house.clock.now

    first = take(operation_id=operation.pk, owner="one", now=now)
    second = take(operation_id=operation.pk, owner="two", now=now + LEASE)
    third = take(operation_id=operation.pk, owner="three", now=now + LEASE + timedelta(seconds=1))

    assert (first.fence, second, third.fence) == (1, None, 2)
    assert (is_mine(operation=first), is_mine(operation=third)) == (False, True)
    assert (keep(operation=first, now=now), keep(operation=third, now=now)) == (False, True)


def test_a_stale_worker_settles_nothing(house: House) -> None:
    operation = begun(house)
    stale = take(operation_id=operation.pk, owner="one", now=house.clock.now)
    take(operation_id=operation.pk, owner="two", now=house.clock.now + 2 * LEASE)

    settle(operation=stale, result=NodeResult(outcome=NodeOutcome.COMPOSED), now=house.clock.now)
    operation.refresh_from_db()
    operation.reservation.refresh_from_db()

    assert (operation.state, operation.fence, operation.reservation.state) == ("running", 2, "composing")


def test_a_paused_fabric_gives_no_work(house: House) -> None:
    operation = begun(house)
    FabricManager.objects.update(is_paused=True)

    assert take(operation_id=operation.pk, owner="one", now=house.clock.now) is None


def test_no_more_mutations_run_than_the_fabric_allows(house: House) -> None:
    FabricManager.objects.update(max_parallel_mutations=1)
    first, second = begun(house), begun(house, **{L40S: 1})

    taken = take(operation_id=first.pk, owner="one", now=house.clock.now)
    refused = take(operation_id=second.pk, owner="two", now=house.clock.now)

    assert (taken is not None, refused) == (True, None)


def test_releases_come_before_composes(house: House, truth: Truth) -> None:
    active = house.book({H100: 2})
    house.settle()
    waiting = begun(house, **{L40S: 1})
    house.clock.turn(1)
    release(reservation=active, by=house.by(house.alice), now=house.clock.now)

    ids = due_operations(now=house.clock.now)

    assert [Operation.objects.get(pk=pk).kind for pk in ids] == ["release", "compose"]
    assert ids[1] == waiting.pk


def test_ending_a_composing_one_waits_for_the_worker_inside_the_fabric(house: House, truth: Truth) -> None:
    """The overtaken worker may be inside a driver call: it is released when that worker stops, or its lease is over."""
    operation = begun(house)
    taken = take(operation_id=operation.pk, owner="one", now=house.clock.now)
    release(reservation=operation.reservation, by=house.by(house.alice), now=house.clock.now)
    releasing = house.open_operation(operation.reservation)

    assert releasing.due_at == house.clock.now + LEASE

    settle(operation=taken, result=NodeResult(outcome=NodeOutcome.SUPERSEDED), now=house.clock.now)
    releasing.refresh_from_db()
    assert releasing.due_at == house.clock.now

    house.settle()
    operation.reservation.refresh_from_db()
    assert (operation.reservation.state, truth.attached()) == ("ended", set())


def test_a_hint_is_not_repeated_each_second_and_beat_takes_what_nobody_took(house: House) -> None:
    operation = begun(house)
    now = house.clock.now

    hinted = [hint_due(now=now + timedelta(seconds=second)) for second in range(limits.HINT_AGAIN_SECONDS + 2)]

    assert hinted == [1, *[0] * limits.HINT_AGAIN_SECONDS, 1]
    assert untaken(now=now + timedelta(seconds=limits.HINT_UNTAKEN_SECONDS - 1)) == []
    assert untaken(now=now + timedelta(seconds=limits.HINT_UNTAKEN_SECONDS)) == [operation.pk]


def test_work_of_a_fabric_that_takes_none_hides_no_other_work(house: House) -> None:
    """Beat runs the first few of what nobody took: these must be ones that can be taken."""
    first = begun(house)
    second = begun(house, **{L40S: 1})
    other = FabricManager.objects.create(pool=house.pool, code="fab-2", driver="emulator", max_parallel_mutations=1)
    Operation.objects.filter(pk=first.pk).update(fabric_manager=other)
    now = house.clock.now

    FabricManager.objects.filter(pk=other.pk).update(is_paused=True)
    assert due_operations(now=now) == [second.pk]

    FabricManager.objects.filter(pk=other.pk).update(is_paused=False)
    assert due_operations(now=now) == [first.pk, second.pk]

    third = begun(house, **{L40S: 1})
    Operation.objects.filter(pk=third.pk).update(fabric_manager=other)
    take(operation_id=first.pk, owner="one", now=now)
    assert due_operations(now=now) == [second.pk]
    assert due_operations(now=now + LEASE + timedelta(seconds=1)) == [first.pk, second.pk, third.pk]
