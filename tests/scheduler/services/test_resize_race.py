"""Resize against its end, an extension and the next booking: one winner each time, and a clear answer for the other."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from threading import Barrier, Event, Thread

import pytest
from django.db import connection

from fabric.models import ResourceBlock
from scheduler import limits
from scheduler.models import Allocation, Operation, Reservation
from scheduler.queries import boards
from scheduler.services._lease import due_operations
from scheduler.services.extend import extend
from scheduler.services.release import release
from scheduler.services.run_operation import run_operation
from scheduler.services.submit import submit
from tests.scheduler.services.house import A100, H100, L40S, THREAD_SECONDS_MAX, House, Truth
from tests.scheduler.services.resizing import (
    active,
    ask,
    assert_no_rule_broken,
    assert_whole,
    book,
    group,
    held,
    nodes_of,
)
from tests.scheduler.services.test_extend_race import NOON, TEN, told, while_locked

pytestmark = pytest.mark.django_db(transaction=True)
MORE = {"groups": [{"role": "decode", "nodes": 2}]}


def again(reservation: Reservation) -> Reservation:
    return Reservation.objects.select_related("project", "pool").get(pk=reservation.pk)


@pytest.fixture
def mine(house: House, truth: Truth) -> Reservation:
    """Two L40S in use; two more are asked for."""
    boards.forget()
    return active(house, [group(1, {L40S: 2}, "decode")])


@pytest.fixture
def booked(house: House) -> Reservation:
    """Four of the eight H100, from ten to twelve; eight are asked for."""
    boards.forget()
    return book(house, [group(1, {H100: 4})], starts_at=TEN.isoformat())


def test_its_end_was_faster(house: House, truth: Truth, mine: Reservation) -> None:
    outcome = while_locked(
        lambda: release(reservation=again(mine), by=house.by(house.alice), now=house.clock.now),
        lambda: ask(house, again(mine), MORE),
    )

    assert outcome == "wrong state: releasing"
    house.settle()
    assert (again(mine).state, held(mine), truth.attached()) == ("ended", set(), set())


def test_it_was_resized_before_its_end_began(house: House, truth: Truth, mine: Reservation) -> None:
    """What is under way is overtaken, and nothing of it stays."""
    outcome = while_locked(
        lambda: ask(house, again(mine), MORE),
        lambda: release(reservation=again(mine), by=house.by(house.alice), now=house.clock.now),
    )

    assert outcome == "releasing"
    house.settle()
    assert (again(mine).state, held(mine), truth.attached()) == ("ended", set(), set())
    assert set(ResourceBlock.objects.values_list("state", flat=True)) == {"free"}


@pytest.mark.parametrize("at", range(2, 60, 8))
def test_the_end_beats_it_wherever_it_is(house: House, truth: Truth, at: int) -> None:
    """It is ended from the worker's nth moment on, beside it: while it adds, and while it removes."""
    boards.forget()
    reservation = active(house, [group(2, {A100: 1}, "prefill"), group(1, {L40S: 1}, "decode")])
    ask(house, reservation, {"mix": [group(1, {A100: 1}, "prefill"), group(2, {L40S: 2}, "decode")]})
    calls, begun = count(1), Event()

    def clock() -> object:
        if next(calls) == at:
            begun.set()
        return house.clock.now

    def work() -> None:
        try:
            for _ in range(20):
                due = due_operations(now=house.clock.now)
                if not due or begun.is_set():
                    break
                run_operation(operation_id=due[0], owner="one", clock=clock, sleep=house.clock.turn)  # type: ignore[arg-type]
        finally:
            begun.set()
            connection.close()

    worker = Thread(target=work)
    worker.start()
    begun.wait()
    release(reservation=again(reservation), by=house.by(house.alice), now=house.clock.now)
    worker.join()
    house.clock.turn(limits.LEASE_SECONDS + 1)
    house.settle()

    assert (again(reservation).state, truth.attached()) == ("ended", set())
    assert Allocation.objects.filter(is_holding=True).count() == 0
    assert set(ResourceBlock.objects.values_list("state", flat=True)) == {"free"}
    assert Operation.objects.filter(state__in=["queued", "running"]).count() == 0


@pytest.mark.parametrize("first", ["extend", "resize"])
def test_both_an_extension_and_another_mix_are_had_whichever_is_first(
    house: House, truth: Truth, mine: Reservation, first: str
) -> None:
    """Neither is in the other's way: what comes is held until the later end."""
    later = again(mine).ends_at + timedelta(hours=1)
    acts = {
        "extend": lambda: extend(reservation=again(mine), ends_at=later, by=house.by(house.alice), now=house.clock.now),
        "resize": lambda: ask(house, again(mine), MORE),
    }
    second = next(name for name in acts if name != first)

    assert while_locked(acts[first], acts[second]) == "active"

    house.settle()
    row = again(mine)
    assert (row.ends_at, len(nodes_of(row))) == (later, 2)
    rows = Allocation.objects.filter(reservation=row, is_holding=True)
    assert {one.during.upper for one in rows} == {row.busy_until}
    assert_whole(house, truth, row)


@pytest.mark.parametrize("first", ["extend", "resize"])
def test_who_saw_the_version_before_the_other_is_told_so(
    house: House, truth: Truth, mine: Reservation, first: str
) -> None:
    later, version = again(mine).ends_at + timedelta(hours=1), again(mine).version
    guard = {"expected_version": version}
    acts = {
        "extend": lambda: extend(
            reservation=again(mine), ends_at=later, by=house.by(house.alice), now=house.clock.now, **guard
        ),
        "resize": lambda: ask(house, again(mine), MORE, **guard),
    }
    second = next(name for name in acts if name != first)

    with pytest.raises(Exception, match="has changed since"):
        while_locked(acts[first], acts[second])

    house.settle()
    row = again(mine)
    assert (row.ends_at == later, len(nodes_of(row))) == ((True, 1) if first == "extend" else (False, 2))


def test_the_next_booking_was_faster(house: House, booked: Reservation) -> None:
    following = house.ask({H100: 4}, project="team-research", starts_at=TEN.isoformat())

    outcome = while_locked(
        lambda: submit(request=following, by=house.by(house.charlie), now=house.clock.now),
        lambda: ask(house, again(booked), {"mix": [group(1, {H100: 8})]}),
    )

    assert outcome.startswith("DEVICE_BUSY")
    assert (again(booked).version, len(held(booked))) == (1, 4)
    assert_no_rule_broken(house)


def test_the_larger_mix_was_faster(house: House, booked: Reservation) -> None:
    following = house.ask({H100: 4}, project="team-research", starts_at=TEN.isoformat())

    outcome = while_locked(
        lambda: ask(house, again(booked), {"mix": [group(1, {H100: 8})]}),
        lambda: submit(request=following, by=house.by(house.charlie), now=house.clock.now),
    )

    assert outcome.startswith("DEVICE_BUSY")
    assert (Reservation.objects.count(), len(held(booked)), again(booked).ends_at) == (1, 8, NOON)
    assert_no_rule_broken(house)


def test_both_at_once_have_one_winner_in_use_too(house: House, truth: Truth) -> None:
    """Six of eight H100 are in use; two more of them are asked for, and two by a booking."""
    boards.forget()
    reservation = active(house, [group(1, {H100: 6}, "decode")])
    request = house.ask({H100: 2}, project="team-research")
    start = Barrier(2)

    def grow() -> Reservation:
        start.wait()
        return ask(house, again(reservation), {"mix": [group(1, {H100: 8}, "decode")]})

    def follow() -> Reservation:
        start.wait()
        return submit(request=request, by=house.by(house.charlie), now=house.clock.now)

    with ThreadPoolExecutor(2) as threads:
        outcomes = [one.result(THREAD_SECONDS_MAX) for one in [threads.submit(told, act) for act in (grow, follow)]]

    assert sorted(outcome in ("active", "confirmed") for outcome in outcomes) == [False, True]
    assert next(one for one in outcomes if one not in ("active", "confirmed")).startswith("DEVICE_BUSY")
    house.settle()
    assert_whole(house, truth, *Reservation.objects.order_by("id"))


def test_the_same_wish_sent_twice_is_done_once(house: House, truth: Truth, mine: Reservation) -> None:
    """By two clicks on one form, which names the version it was shown at."""
    version = again(mine).version

    def grow() -> Reservation:
        return ask(house, again(mine), MORE, expected_version=version)

    assert while_locked(grow, grow) == "active"
    house.settle()
    assert len(nodes_of(mine)) == 2
    assert_whole(house, truth, again(mine))


def test_two_different_wishes_have_one_winner(house: House, truth: Truth, mine: Reservation) -> None:
    outcome = while_locked(
        lambda: ask(house, again(mine), MORE),
        lambda: ask(house, again(mine), {"groups": [{"role": "decode", "nodes": 3}]}),
    )

    assert outcome == "POOL_BUSY"
    house.settle()
    assert len(nodes_of(mine)) == 2
    assert_whole(house, truth, again(mine))
