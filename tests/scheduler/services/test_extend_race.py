"""Extend against whoever wants the same: each interleaving has one winner, and a clear answer for the other."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction

from scheduler.models import Allocation, Reservation
from scheduler.planning.invariants import broken
from scheduler.queries import boards
from scheduler.queries.snapshots import snapshot
from scheduler.refusals import Refused, WrongState
from scheduler.services.extend import extend
from scheduler.services.release import release
from scheduler.services.submit import submit
from tests.scheduler.services.house import H100, MONDAY, THREAD_SECONDS_MAX, House

TEN, NOON, ONE, TWO = (MONDAY + timedelta(hours=hours) for hours in (2, 4, 5, 6))
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
LOOKS_MAX = 2_000


def told(act: Callable[[], Reservation]) -> str:
    """What it came to, from a connection of its own."""
    try:
        return str(act().state)
    except Refused as refused:
        return ",".join(sorted(refusal.code.value for refusal in refused.refusals))
    except WrongState as wrong:
        return f"wrong state: {wrong.state}"
    finally:
        connection.close()


def while_locked(first: Callable[[], object], second: Callable[[], Reservation]) -> str:
    """`first` is done under the pool's lock while `second`, which has looked already, stands in the queue for it."""
    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            first()
            other = threads.submit(told, second)
            wait_until_somebody_waits()
        return other.result(THREAD_SECONDS_MAX)


def wait_until_somebody_waits() -> None:
    pause = threading.Event()
    for _ in range(LOOKS_MAX):
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return
        pause.wait(0.005)
    raise AssertionError("nobody waits for the lock")


def holding() -> None:
    """Every invariant of what the rows say now."""
    boards.forget()
    seen = snapshot(pool_code="lab", project_slug="team-chat", now=MONDAY)
    assert broken(topology=seen.topology, commitments=seen.commitments, quotas=[seen.quota]) == ()


@pytest.fixture
def mine(house: House) -> Reservation:
    """All eight H100, ten to twelve."""
    boards.forget()
    return house.book({H100: 8}, starts_at=TEN.isoformat())


@pytest.mark.django_db(transaction=True)
def test_both_at_once_have_one_winner(house: House, mine: Reservation) -> None:
    start = Barrier(2)
    following = house.ask({H100: 8}, project="team-research", starts_at=ONE.isoformat())

    def lengthen() -> Reservation:
        start.wait()
        return extend(reservation=mine, ends_at=TWO, by=house.by(house.alice), now=MONDAY)

    def book() -> Reservation:
        start.wait()
        return submit(request=following, by=house.by(house.charlie), now=MONDAY)

    with ThreadPoolExecutor(2) as threads:
        outcomes = [one.result(THREAD_SECONDS_MAX) for one in [threads.submit(told, act) for act in (lengthen, book)]]

    assert outcomes.count("confirmed") == 1
    assert next(outcome for outcome in outcomes if outcome != "confirmed").startswith("DEVICE_BUSY")
    mine.refresh_from_db()
    won = outcomes[0] == "confirmed"
    assert (mine.ends_at, Reservation.objects.count()) == ((TWO, 1) if won else (NOON, 2))
    holding()


@pytest.mark.django_db(transaction=True)
def test_the_next_booking_was_faster(house: House, mine: Reservation) -> None:
    following = house.ask({H100: 8}, project="team-research", starts_at=ONE.isoformat())

    outcome = while_locked(
        lambda: submit(request=following, by=house.by(house.charlie), now=MONDAY),
        lambda: extend(reservation=mine, ends_at=TWO, by=house.by(house.alice), now=MONDAY),
    )

    assert outcome.startswith("DEVICE_BUSY")
    mine.refresh_from_db()
    assert (mine.ends_at, mine.version) == (NOON, 1)
    holding()


@pytest.mark.django_db(transaction=True)
def test_the_longer_one_was_faster(house: House, mine: Reservation) -> None:
    following = house.ask({H100: 8}, project="team-research", starts_at=ONE.isoformat())

    outcome = while_locked(
        lambda: extend(reservation=Reservation.objects.get(), ends_at=TWO, by=house.by(house.alice), now=MONDAY),
        lambda: submit(request=following, by=house.by(house.charlie), now=MONDAY),
    )

    assert outcome.startswith("DEVICE_BUSY")
    mine.refresh_from_db()
    assert (mine.ends_at, Reservation.objects.count()) == (TWO, 1)
    holding()


@pytest.mark.django_db(transaction=True)
def test_the_same_wish_sent_twice_is_done_once(house: House, mine: Reservation) -> None:
    """By two clicks on one form, which names the version it was shown at."""

    def lengthen() -> Reservation:
        one = Reservation.objects.get()
        return extend(reservation=one, ends_at=TWO, by=house.by(house.alice), now=MONDAY, expected_version=1)

    assert while_locked(lengthen, lengthen) == "confirmed"
    mine.refresh_from_db()
    assert (mine.ends_at, mine.version) == (TWO, 2)


@pytest.fixture
def active(house: House) -> Reservation:
    reservation = house.book({H100: 2})
    house.settle()
    reservation.refresh_from_db()
    return reservation


@pytest.mark.django_db(transaction=True)
def test_its_end_has_begun_first(house: House, active: Reservation) -> None:
    before, now = active.ends_at, house.clock.now

    outcome = while_locked(
        lambda: release(reservation=Reservation.objects.get(), by=house.by(house.alice), now=now),
        lambda: extend(reservation=active, ends_at=before + timedelta(hours=1), by=house.by(house.alice), now=now),
    )

    assert outcome == "wrong state: releasing"
    active.refresh_from_db()
    assert (active.state, active.ends_at) == ("releasing", before)
    assert {row.during.upper for row in Allocation.objects.filter(is_holding=True)} == {active.busy_until}


@pytest.mark.django_db(transaction=True)
def test_it_was_extended_before_its_end_began(house: House, active: Reservation) -> None:
    """Who ends it early means so, however long it was to last."""
    later, now = active.ends_at + timedelta(hours=1), house.clock.now

    outcome = while_locked(
        lambda: extend(reservation=Reservation.objects.get(), ends_at=later, by=house.by(house.alice), now=now),
        lambda: release(reservation=active, by=house.by(house.alice), now=now),
    )

    assert outcome == "releasing"
    active.refresh_from_db()
    assert (active.state, active.ends_at) == ("releasing", later)
