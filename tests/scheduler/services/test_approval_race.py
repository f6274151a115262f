"""Who approves at the very moment at which it runs out: one of the two is first, and the other is told so."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from scheduler.models import Allocation, Approval, Reservation
from scheduler.services.advance_due import advance_due
from scheduler.services.approve import approve
from scheduler.services.reject import reject
from tests.scheduler.services.consenting import Consent, consent_in
from tests.scheduler.services.house import MONDAY, THREAD_SECONDS_MAX, House
from tests.scheduler.services.test_extend_race import told, while_locked

pytestmark = pytest.mark.django_db(transaction=True)
LAST = MONDAY + timedelta(minutes=29, seconds=59)
OVER = MONDAY + timedelta(minutes=30)


@pytest.fixture
def consent(house: House) -> Consent:
    return consent_in(house)


@pytest.fixture
def pending(consent: Consent) -> Reservation:
    consent.rule(decide_minutes=30)
    return consent.book(2, starts_at=(MONDAY + timedelta(hours=2)).isoformat())


def approved(consent: Consent, pending: Reservation) -> Reservation:
    """By somebody whose clock says that there is a second left."""
    mine = Reservation.objects.get(pk=pending.pk)
    return approve(reservation=mine, by=consent.by(consent.house.alice), now=LAST)


def outcome(pending: Reservation) -> tuple[str, str, bool]:
    pending.refresh_from_db()
    verdict = Approval.objects.get(reservation=pending).verdict
    return pending.state, verdict, Allocation.objects.filter(reservation=pending, is_holding=True).exists()


def test_who_approves_while_it_is_given_back_is_told_so(consent: Consent, pending: Reservation) -> None:
    answer = while_locked(lambda: advance_due(now=OVER), lambda: approved(consent, pending))

    assert (answer, outcome(pending)) == ("wrong state: expired", ("expired", "expired", False))


def test_the_expiry_looks_again_when_it_has_the_lock(consent: Consent, pending: Reservation) -> None:
    def expire() -> Reservation:
        advance_due(now=OVER)
        return Reservation.objects.get(pk=pending.pk)

    answer = while_locked(lambda: approved(consent, pending), expire)

    assert (answer, outcome(pending)) == ("confirmed", ("confirmed", "approved", True))


def test_who_rejects_while_another_approves_is_told_so(consent: Consent, pending: Reservation) -> None:
    def rejected() -> Reservation:
        mine = Reservation.objects.get(pk=pending.pk)
        return reject(reservation=mine, reason="No.", by=consent.by(consent.olga), now=LAST)

    answer = while_locked(lambda: approved(consent, pending), rejected)

    assert (answer, outcome(pending)) == ("wrong state: confirmed", ("confirmed", "approved", True))


def test_both_at_once_have_one_winner(consent: Consent, pending: Reservation) -> None:
    start = Barrier(2)

    def expire() -> None:
        start.wait()
        try:
            advance_due(now=OVER)
        finally:
            connection.close()

    def consents() -> Reservation:
        start.wait()
        return approved(consent, pending)

    with ThreadPoolExecutor(2) as threads:
        other, answer = threads.submit(expire), threads.submit(told, consents)
        other.result(THREAD_SECONDS_MAX)

    outcomes = {
        "confirmed": ("confirmed", "approved", True),
        "wrong state: expired": ("expired", "expired", False),
    }
    assert outcome(pending) == outcomes[answer.result(THREAD_SECONDS_MAX)]
