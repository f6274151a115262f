"""Whoever checks in at the very moment at which it is given back: one of the two is first, and both say the same."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from scheduler.models import JournalEntry, Reservation
from scheduler.services.advance_due import advance_due
from scheduler.services.check_in import check_in
from tests.scheduler.services.house import L40S, MONDAY, THREAD_SECONDS_MAX, House
from tests.scheduler.services.test_extend_race import told, while_locked

pytestmark = pytest.mark.django_db(transaction=True)
TEN = MONDAY + timedelta(hours=2)


@pytest.fixture
def due(house: House) -> Reservation:
    """In use since ten, claimed by nobody, and its grace is over at this instant."""
    reservation = house.book({L40S: 1}, starts_at=TEN.isoformat())
    house.clock.now = TEN
    house.settle()
    reservation.refresh_from_db()
    assert reservation.check_in_due_at is not None
    house.clock.now = reservation.check_in_due_at
    return reservation


def claimed(house: House, due: Reservation) -> Reservation:
    return check_in(reservation=due, by=house.by(house.alice), now=house.clock.now)


def kinds(reservation: Reservation) -> set[str]:
    found = JournalEntry.objects.filter(reservation=reservation).values_list("kind", flat=True)
    return set(found) & {"reservation.checked_in", "reservation.unclaimed"}


def test_who_comes_while_it_is_given_back_is_told_so(house: House, due: Reservation) -> None:
    mine = Reservation.objects.get(pk=due.pk)

    answer = while_locked(lambda: advance_due(now=house.clock.now), lambda: claimed(house, mine))

    due.refresh_from_db()
    assert (answer, due.state, kinds(due)) == ("wrong state: releasing", "releasing", {"reservation.unclaimed"})


def test_the_release_looks_again_when_it_has_the_lock(house: House, due: Reservation) -> None:
    def release_due() -> Reservation:
        advance_due(now=house.clock.now)
        return Reservation.objects.get(pk=due.pk)

    answer = while_locked(lambda: claimed(house, Reservation.objects.get(pk=due.pk)), release_due)

    assert (answer, kinds(due)) == ("active", {"reservation.checked_in"})


def test_both_at_once_have_one_winner(house: House, due: Reservation) -> None:
    start, mine = Barrier(2), Reservation.objects.get(pk=due.pk)

    def give_back() -> None:
        start.wait()
        try:
            advance_due(now=house.clock.now)
        finally:
            connection.close()

    def claim() -> Reservation:
        start.wait()
        return claimed(house, mine)

    with ThreadPoolExecutor(2) as threads:
        other, answer = threads.submit(give_back), threads.submit(told, claim)
        other.result(THREAD_SECONDS_MAX)

    due.refresh_from_db()
    outcomes = {
        "active": ("active", {"reservation.checked_in"}),
        "wrong state: releasing": ("releasing", {"reservation.unclaimed"}),
    }
    assert (due.state, kinds(due)) == outcomes[answer.result(THREAD_SECONDS_MAX)]
