"""Consent to a booking: asked for where a rule says so, given or declined with a reason, or run out."""

from datetime import timedelta

import pytest

from fabric.models import DeviceClass
from scheduler.models import Allocation, Approval, JournalEntry, Notice, Reservation
from scheduler.refusals import Invalid, WrongState
from scheduler.services.advance_due import advance_due
from scheduler.services.approve import approve
from scheduler.services.cancel import cancel
from scheduler.services.confirm import confirm
from scheduler.services.reject import reject
from tests.scheduler.services.consenting import Consent, consent_in
from tests.scheduler.services.house import L40S, MONDAY, House, Truth

pytestmark = pytest.mark.django_db
TEN = MONDAY + timedelta(hours=2)


@pytest.fixture
def consent(house: House) -> Consent:
    return consent_in(house)


@pytest.fixture
def pending(consent: Consent) -> Reservation:
    """Two cards from ten to noon; a lead has half an hour to decide."""
    consent.rule(devices_over=1, decide_minutes=30)
    return consent.book(2, starts_at=TEN.isoformat())


def verdicts(reservation: Reservation) -> list[str]:
    return list(Approval.objects.filter(reservation=reservation).values_list("verdict", flat=True))


def told(kind: str) -> list[str]:
    found = Notice.objects.filter(entry__kind=f"reservation.{kind}").order_by("user__username")
    return list(found.values_list("user__username", flat=True))


def held(reservation: Reservation) -> int:
    return Allocation.objects.filter(reservation=reservation, is_holding=True).count()


def test_what_no_rule_is_about_is_confirmed(consent: Consent) -> None:
    consent.rule(devices_over=2)
    consent.rule(is_enabled=False)

    assert (consent.book(2).state, Approval.objects.count()) == ("confirmed", 0)


def test_a_rule_keeps_it_waiting_with_its_devices_and_tells_who_may_decide(
    consent: Consent, pending: Reservation
) -> None:
    asked = Approval.objects.get()

    assert (pending.state, pending.next_due_at, held(pending)) == (
        "pending_approval",
        MONDAY + timedelta(minutes=30),
        3,  # two cards and their host
    )
    assert (asked.route, asked.because, asked.verdict) == ("lead", ["2 × accelerator (more than 1)"], "")
    assert told("pending_approval") == ["alice", "bob"]
    assert JournalEntry.objects.get(kind="reservation.pending_approval").message == (
        "Needs the consent of a lead of the project until 2030-05-13 08:30 UTC: 2 × accelerator (more than 1)."
    )


def test_the_strictest_rule_says_who_decides(consent: Consent) -> None:
    consent.rule(devices_over=1)
    consent.rule(hours_over=1, route="operator", decide_minutes=10)

    consent.book(2)

    asked = Approval.objects.get()
    assert (asked.route, asked.because, asked.expires_at) == (
        "operator",
        ["2 × accelerator (more than 1)", "2 hours (more than 1)"],
        MONDAY + timedelta(minutes=10),
    )
    assert told("pending_approval") == ["bob", "olga"]


def test_nobody_is_waited_for_beyond_the_window(consent: Consent) -> None:
    consent.rule(decide_minutes=24 * 60)

    reservation = consent.book(2)

    assert reservation.next_due_at == reservation.ends_at


def test_a_price_asks_too(consent: Consent) -> None:
    usd = consent.book(2).price["usd"]
    consent.rule(usd_over=usd)
    assert consent.book(2).state == "confirmed"

    consent.rule(usd_over="0.01")

    assert consent.book(2).state == "pending_approval"


def test_what_is_approved_is_confirmed_and_starts_in_time(consent: Consent, pending: Reservation, truth: Truth) -> None:
    alice = consent.house.alice

    approve(reservation=pending, reason="For the demo.", by=consent.by(alice), now=consent.now)

    asked = Approval.objects.get()
    assert (pending.state, pending.next_due_at) == ("confirmed", pending.busy_from)
    assert (asked.verdict, asked.decided_by, asked.decided_at, asked.reason) == (
        "approved",
        alice,
        consent.now,
        "For the demo.",
    )
    assert told("approved") == ["bob"]
    assert JournalEntry.objects.get(kind="reservation.approved").message == "Approved by alice: For the demo."

    consent.house.clock.now = TEN
    consent.house.settle()
    assert truth.attached() == set(pending.plan["nodes"][0]["blocks"])


def test_what_is_approved_after_its_start_begins_at_once(consent: Consent) -> None:
    consent.rule(decide_minutes=60)
    reservation = consent.book(2)
    consent.house.clock.now += timedelta(minutes=30)
    consent.house.settle()

    approve(reservation=reservation, by=consent.by(consent.house.alice), now=consent.now)
    consent.house.settle()

    reservation.refresh_from_db()
    assert (reservation.state, reservation.next_due_at is not None) == ("active", True)


def test_what_is_rejected_gives_its_devices_back_and_says_why(consent: Consent, pending: Reservation) -> None:
    reject(reservation=pending, reason="Ask for fewer.", by=consent.by(consent.house.alice), now=consent.now)

    assert (pending.state, pending.state_reason, held(pending)) == ("rejected", "Rejected by alice: Ask for fewer.", 0)
    assert (verdicts(pending), told("rejected")) == (["rejected"], ["bob"])


def test_rejecting_needs_a_reason(consent: Consent, pending: Reservation) -> None:
    with pytest.raises(Invalid) as refused:
        reject(reservation=pending, reason=" ", by=consent.by(consent.house.alice), now=consent.now)

    assert [error.field for error in refused.value.errors] == ["reason"]


def test_an_answer_given_twice_is_given_once(consent: Consent, pending: Reservation) -> None:
    for _ in range(2):
        approve(reservation=pending, by=consent.by(consent.house.alice), now=consent.now)

    assert (verdicts(pending), pending.version) == (["approved"], 2)
    assert JournalEntry.objects.filter(kind="reservation.approved").count() == 1


def test_who_comes_second_hears_who_was_first(consent: Consent, pending: Reservation) -> None:
    approve(reservation=pending, by=consent.by(consent.house.alice), now=consent.now)

    with pytest.raises(WrongState, match="alice has approved it already"):
        reject(reservation=pending, reason="No.", by=consent.by(consent.olga), now=consent.now)

    assert verdicts(pending) == ["approved"]


def test_what_nobody_decided_runs_out(consent: Consent, pending: Reservation) -> None:
    consent.house.clock.now += timedelta(minutes=30)

    assert advance_due(now=consent.now) == 1

    pending.refresh_from_db()
    assert (pending.state, pending.state_reason, held(pending)) == ("expired", "Nobody decided in time.", 0)
    assert (verdicts(pending), told("expired")) == (["expired"], ["bob"])


def test_the_moment_decides_even_where_nobody_has_given_it_back_yet(consent: Consent, pending: Reservation) -> None:
    just_before, at_the_end = consent.now + timedelta(minutes=29, seconds=59), consent.now + timedelta(minutes=30)

    with pytest.raises(WrongState, match="Nobody decided in time"):
        approve(reservation=pending, by=consent.by(consent.house.alice), now=at_the_end)

    assert approve(reservation=pending, by=consent.by(consent.house.alice), now=just_before).state == "confirmed"


def test_what_is_withdrawn_waits_for_nobody(consent: Consent, pending: Reservation) -> None:
    cancel(reservation=pending, by=consent.by(consent.bob), now=consent.now)

    assert (pending.state, verdicts(pending), held(pending)) == ("cancelled", ["withdrawn"], 0)
    with pytest.raises(WrongState, match="withdrawn before anybody decided"):
        approve(reservation=pending, by=consent.by(consent.house.alice), now=consent.now)


def test_a_hold_is_asked_about_when_it_is_confirmed(consent: Consent) -> None:
    consent.rule(devices_over=1, decide_minutes=30)
    hold = consent.book(2, hold_minutes=10)
    assert (hold.state, Approval.objects.count()) == ("held", 0)

    for _ in range(2):
        confirm(reservation=hold, by=consent.by(consent.bob), now=consent.now)

    assert (hold.state, hold.next_due_at, verdicts(hold)) == (
        "pending_approval",
        MONDAY + timedelta(minutes=30),
        [""],
    )
    assert told("pending_approval") == ["alice", "bob"]


def test_a_small_hold_is_confirmed(consent: Consent) -> None:
    consent.rule(devices_over=4)

    hold = consent.book(2, hold_minutes=10)

    assert confirm(reservation=hold, by=consent.by(consent.bob), now=consent.now).state == "confirmed"


def test_one_of_a_class_and_of_a_project_asks(consent: Consent) -> None:
    consent.rule(device_class=DeviceClass.objects.get(code=L40S), project=consent.chat)

    assert consent.book(1).state == "pending_approval"
    assert consent.house.book({L40S: 1}, project="team-research").state == "confirmed"
