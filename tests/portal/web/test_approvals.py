"""The queue and the page on which one decides, as people see them."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.http import HttpResponse

from scheduler.models import Approval, ApprovalRule, Delegation, Reservation
from tests.portal.cast import Cast
from tests.portal.web.world import booked, typed

pytestmark = pytest.mark.django_db


@pytest.fixture
def pending(people: Cast) -> Reservation:
    ApprovalRule.objects.create(pool=people.pool, devices_over=1, decide_minutes=90)
    return booked(people.bob, title="Evaluation")


def shown(people: Cast, name: str, path: str) -> str:
    answer = people.browser(name).get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def decided(people: Cast, name: str, code: str, **fields: str) -> HttpResponse:
    return people.browser(name).post(f"/approvals/{code}/", fields)


def test_the_queue_says_what_why_how_much_who_and_until_when(people: Cast, pending: Reservation) -> None:
    page = shown(people, "alice", "/approvals/")

    questions = people.browser("alice").get("/approvals/").context["questions"]
    assert [(one.title, one.by, one.because, one.time_left, one.price) for one in questions] == [
        ("Evaluation", "bob", ("2 × accelerator (more than 1)",), "in 1\xa0h 30\xa0min", f"${pending.price['usd']}")
    ]
    assert f'id="approval-{pending.code}"' in page
    assert "Nothing waits for you." in shown(people, "bob", "/approvals/")


@pytest.mark.parametrize(
    "key", ["2030-01-01T00:00:00%2B23:00|1", "2030-01-01T00:00:00|1", "0001-01-01T00:00:00%2B01:00|1"]
)
def test_a_key_is_read_in_utc_and_what_is_none_begins_at_the_first(
    people: Cast, pending: Reservation, key: str
) -> None:
    questions = people.browser("alice").get(f"/approvals/?after={key}").context["questions"]

    assert [one.title for one in questions] == ["Evaluation"]


def test_a_lead_approves_it_and_says_why(people: Cast, pending: Reservation) -> None:
    answer = decided(people, "alice", pending.code, answer="approve", reason="For the demo.", version="1")

    pending.refresh_from_db()
    assert (answer.status_code, answer.headers["Location"], pending.state) == (302, "/approvals/", "confirmed")
    assert Approval.objects.get().reason == "For the demo."


def test_rejecting_without_a_reason_loses_nothing(people: Cast, pending: Reservation) -> None:
    answer = decided(people, "alice", pending.code, answer="reject", reason="", version="1")

    assert (answer.status_code, answer.context["trouble"]) == (400, "Say why: who asked is told.")
    assert decided(people, "alice", pending.code, answer="reject", reason="Too many.").status_code == 302
    assert "Too many." in shown(people, "bob", f"/reservations/{pending.code}/")


def test_who_was_too_late_is_told_who_decided(people: Cast, pending: Reservation) -> None:
    decided(people, "alice", pending.code, answer="approve")

    answer = decided(people, "olga", pending.code, answer="reject", reason="No.")

    assert answer.status_code == 409
    assert answer.context["trouble"].endswith("alice has approved it already.")


def test_who_may_only_look_is_led_to_the_reservation(people: Cast, pending: Reservation) -> None:
    answer = people.browser("bob").get(f"/approvals/{pending.code}/")

    assert (answer.status_code, answer.headers["Location"]) == (302, f"/reservations/{pending.code}/")


def test_its_own_page_says_who_decides_until_when(people: Cast, pending: Reservation) -> None:
    seen, asked = (shown(people, name, f"/reservations/{pending.code}/") for name in ("bob", "alice"))

    assert "It waits for the consent of a lead of the project" in seen
    assert ('id="decide"' in seen, 'id="decide"' in asked) == (False, True)

    decided(people, "alice", pending.code, answer="approve", reason="Go.")
    assert "Approved by <bdi>alice</bdi>" in shown(people, "bob", f"/reservations/{pending.code}/")


def test_a_lead_lets_another_decide_and_ends_that(people: Cast, pending: Reservation) -> None:
    alice = people.browser("alice")

    made = alice.post("/delegations/", {"to": "charlie", "project": "team-chat", "ends_at": "2030-05-20T08:00"})
    assert made.status_code == 302
    assert "you decide for <bdi>alice</bdi>" in shown(people, "charlie", "/approvals/")
    assert decided(people, "charlie", pending.code, answer="approve").status_code == 302
    assert Approval.objects.get().on_behalf_of == people.alice

    given = Delegation.objects.get()
    people.browser("charlie").post(f"/delegations/{given.pk}/end/")
    assert not Delegation.objects.exists()


def test_a_delegation_that_cannot_be_is_shown_beside_its_field(people: Cast) -> None:
    fields = {"to": "nobody", "project": "", "ends_at": "2030-05-20T08:00"}

    answer = people.browser("alice").post("/delegations/", fields)

    assert (answer.status_code, answer.context["errors"]) == (400, {"to": "There is nobody by the name “nobody”."})
    assert 'value="nobody"' in answer.content.decode()


@time_machine.travel(datetime(2030, 10, 20, 8, tzinfo=UTC), tick=False)
def test_an_end_that_the_clocks_show_twice_is_asked_about_and_can_be_answered(people: Cast) -> None:
    """On 27 October 2030 they go back in Berlin at three: the second half past two is UTC's half past one."""
    alice = people.browser("alice")
    fields = {"to": "bob", "project": "", "ends_at": "2030-10-27T02:30", "zone": "Europe/Berlin"}

    asked = alice.post("/delegations/", fields)
    page = asked.content.decode()
    answered = alice.post("/delegations/", {**fields, "ends_at_fold": "second"})

    assert (asked.status_code, page.count('name="ends_at_fold"'), answered.status_code) == (400, 2, 302)
    assert '<input type="hidden" name="zone" value="Europe/Berlin">' in page
    assert Delegation.objects.get().ends_at == datetime(2030, 10, 27, 1, 30, tzinfo=UTC)


def test_the_builder_says_who_would_be_asked(people: Cast) -> None:
    ApprovalRule.objects.create(pool=people.pool, devices_over=1)

    answer = people.browser("bob").post("/reservations/check/", typed())

    assert "Booking it asks a lead of the project for consent" in answer.content.decode()
