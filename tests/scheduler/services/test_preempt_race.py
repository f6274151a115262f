"""Two who would preempt the same: one wins, and the other is told; nothing is promised twice."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from scheduler.models import Reservation, WaitlistEntry
from scheduler.queries import boards
from scheduler.services.advance_due import advance_due
from scheduler.services.release import release
from scheduler.services.submit import submit
from tests.scheduler.services.house import H100, MONDAY, THREAD_SECONDS_MAX, House
from tests.scheduler.services.test_extend_race import holding, told, while_locked
from tests.scheduler.services.test_preempt import NOTICE, over

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def low(house: House) -> Reservation:
    boards.forget()
    made = house.book({H100: 8}, project="team-research", priority="low", duration_minutes=24 * 60)
    house.settle()
    return Reservation.objects.get(pk=made.pk)


def test_two_who_want_all_of_it_have_one_winner(house: House, low: Reservation) -> None:
    start = Barrier(2)

    def book() -> Reservation:
        start.wait()
        return submit(request=over(house, 8), by=house.by(house.alice), now=MONDAY)

    with ThreadPoolExecutor(2) as threads:
        outcomes = Counter(one.result(THREAD_SECONDS_MAX) for one in [threads.submit(told, book) for _ in range(2)])

    low.refresh_from_db()
    winner = Reservation.objects.get(state="confirmed")
    assert (outcomes["confirmed"], low.preempted_for, low.preempt_at) == (1, winner, MONDAY + NOTICE)
    assert [outcome.split(",")[0] for outcome in outcomes if outcome != "confirmed"] == ["DEVICE_BUSY"]
    holding()


def test_two_who_want_half_of_it_share_what_gives_way(house: House, low: Reservation) -> None:
    """The second finds, under the lock, that it has given way already, and plans beside the first."""
    outcome = while_locked(
        lambda: submit(request=over(house), by=house.by(house.alice), now=MONDAY),
        lambda: submit(request=over(house), by=house.by(house.alice), now=MONDAY),
    )

    assert (outcome, Reservation.objects.filter(state="confirmed").count()) == ("confirmed", 2)
    assert Reservation.objects.exclude(preempted_for=None).count() == 1
    holding()


def test_the_end_of_what_gives_way_against_its_preempting(house: House, low: Reservation) -> None:
    """Its people were faster: there is nothing left to preempt, and the booking takes what is free."""
    outcome = while_locked(
        lambda: release(reservation=Reservation.objects.get(), by=house.by(house.charlie), now=MONDAY),
        lambda: submit(request=over(house), by=house.by(house.alice), now=MONDAY),
    )

    low.refresh_from_db()
    assert (low.state, low.preempted_for) == ("releasing", None)
    assert outcome.startswith("DEVICE_BUSY")
    holding()


def test_its_own_end_against_the_end_of_its_notice(house: House, low: Reservation) -> None:
    """Both at once: it is taken apart once, and waits again at most once."""
    submit(request=over(house), by=house.by(house.alice), now=MONDAY)
    start, mine = Barrier(2), Reservation.objects.get(pk=low.pk)

    def give_back() -> str:
        start.wait()
        try:
            advance_due(now=MONDAY + NOTICE)
            return ""
        finally:
            connection.close()

    def end() -> Reservation:
        start.wait()
        return release(reservation=mine, by=house.by(house.charlie), now=MONDAY + NOTICE)

    with ThreadPoolExecutor(2) as threads:
        both = threads.submit(give_back), threads.submit(told, end)
        assert [one.result(THREAD_SECONDS_MAX) for one in both] == ["", "releasing"]

    low.refresh_from_db()
    is_preempted = low.state_reason == "It gave way to a booking of higher priority."
    assert (low.state, WaitlistEntry.objects.count()) == ("releasing", 1 if is_preempted else 0)
    holding()
