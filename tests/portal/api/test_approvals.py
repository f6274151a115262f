"""Consent through the API: the queue, the answers, and who decides for whom."""

from typing import Any

import pytest

from scheduler.models import ApprovalRule
from tests.portal.cast import Cast, wish

pytestmark = pytest.mark.django_db


@pytest.fixture
def pending(people: Cast) -> dict[str, Any]:
    """Bob asks for two cards; more than one needs a lead's consent."""
    ApprovalRule.objects.create(pool=people.pool, devices_over=1, decide_minutes=30)
    answer = people.caller("bob").post("reservations/", wish(2))
    assert answer.status_code == 201
    return dict(answer.json())


def queue(people: Cast, name: str) -> list[str]:
    return [row["reservation"] for row in people.caller(name).get("approvals/").json()["results"]]


def test_what_needs_consent_says_whose_and_until_when(people: Cast, pending: dict[str, Any]) -> None:
    assert (pending["state"], pending["verbs"]) == ("pending_approval", ["cancel"])
    asked = pending["approval"]
    assert {**asked, "asked_at": "", "expires_at": ""} == {
        "route": "lead",
        "because": ["2 × accelerator (more than 1)"],
        "asked_at": "",
        "expires_at": "",
        "verdict": None,
        "decided_at": None,
        "decided_by": None,
        "on_behalf_of": None,
        "reason": "",
    }


def test_it_waits_in_the_queue_of_who_may_decide(people: Cast, pending: dict[str, Any]) -> None:
    code = pending["code"]

    assert [queue(people, name) for name in ("alice", "olga", "sue", "bob", "vera", "charlie")] == [
        [code],
        [code],
        [code],
        [],
        [],
        [],
    ]
    row = people.caller("alice").get("approvals/").json()["results"][0]
    assert (row["project"], row["asked_by"], row["devices"], row["usd"], row["on_behalf_of"]) == (
        "team-chat",
        "bob",
        pending["price"]["devices"],
        pending["price"]["usd"],
        None,
    )


def test_a_lead_approves_it_with_a_reason(people: Cast, pending: dict[str, Any]) -> None:
    path = f"reservations/{pending['code']}/approve/"

    answers = [people.caller("alice").post(path, {"reason": "Fine."}, if_match='"1"').json() for _ in range(2)]

    assert [answer["state"] for answer in answers] == ["confirmed", "confirmed"]
    asked = answers[1]["approval"]
    assert (asked["verdict"], asked["decided_by"], asked["reason"]) == ("approved", "alice", "Fine.")
    assert queue(people, "alice") == []


def test_a_member_cannot_approve_and_nobody_their_own(people: Cast, pending: dict[str, Any]) -> None:
    path = f"reservations/{pending['code']}/approve/"

    assert [people.caller(name).post(path).status_code for name in ("bob", "vera", "charlie")] == [403, 403, 404]


def test_rejecting_needs_a_reason_which_the_one_who_asked_reads(people: Cast, pending: dict[str, Any]) -> None:
    path = f"reservations/{pending['code']}/reject/"

    refused = people.caller("alice").post(path, {})
    answer = people.caller("alice").post(path, {"reason": "Ask for one."})

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "reason")
    assert answer.json()["state"] == "rejected"
    seen = people.caller("bob").get(f"reservations/{pending['code']}/").json()
    assert (seen["state_reason"], seen["approval"]["reason"]) == ("Rejected by alice: Ask for one.", "Ask for one.")


def test_who_is_too_late_is_told_who_decided(people: Cast, pending: dict[str, Any]) -> None:
    people.caller("alice").post(f"reservations/{pending['code']}/approve/")

    answer = people.caller("olga").post(f"reservations/{pending['code']}/reject/", {"reason": "No."})

    assert answer.status_code == 409
    assert answer.json()["detail"].endswith("alice has approved it already.")


def test_a_stand_in_decides_for_the_lead_and_it_says_so(people: Cast, pending: dict[str, Any]) -> None:
    ends_at = pending["approval"]["expires_at"]
    made = people.caller("alice").post("delegations/", {"to": "charlie", "project": "team-chat", "ends_at": ends_at})
    assert (made.status_code, made.json()["giver"], made.json()["to"]) == (201, "alice", "charlie")
    assert queue(people, "charlie") == [pending["code"]]

    answer = people.caller("charlie").post(f"reservations/{pending['code']}/approve/")

    asked = answer.json()["approval"]
    assert (asked["decided_by"], asked["on_behalf_of"]) == ("charlie", "alice")


def test_a_delegation_ends_when_either_says_so(people: Cast, pending: dict[str, Any]) -> None:
    ends_at = pending["approval"]["expires_at"]
    made = people.caller("alice").post("delegations/", {"to": "charlie", "ends_at": ends_at}).json()
    path = f"delegations/{made['id']}/"

    statuses = [people.caller(name).delete(path).status_code for name in ("bob", "charlie", "alice")]

    assert (statuses, queue(people, "charlie")) == ([404, 204, 404], [])
    assert people.caller("alice").get("delegations/").json()["results"] == []


@pytest.mark.parametrize(
    ("who", "body", "fields"),
    [
        ("bob", {"to": "vera", "ends_at": "2031-01-01T00:00:00Z"}, ["to"]),  # decides on nothing
        ("alice", {}, ["to", "ends_at"]),
        ("alice", {"to": "nobody", "ends_at": "x"}, ["to", "ends_at"]),
        ("alice", {"to": "vera", "project": "team-research", "ends_at": "2031-01-01T00:00:00Z"}, ["project"]),
        ("alice", {"to": "alice", "ends_at": "2000-01-01T00:00:00Z"}, ["to", "ends_at"]),
    ],
)
def test_a_delegation_that_cannot_be_is_refused_by_field(
    people: Cast, who: str, body: dict[str, Any], fields: list[str]
) -> None:
    answer = people.caller(who).post("delegations/", body)

    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, fields)


def test_a_token_of_one_project_decides_on_that_one_alone(people: Cast, pending: dict[str, Any]) -> None:
    path = f"reservations/{pending['code']}/approve/"

    other = people.caller("olga", project="team-research").post(path)
    scoped = people.caller("olga", scopes=("reservations:write",)).post(path)
    mine = people.caller("alice", scopes=("reservations:write",), project="team-chat").post(path)

    assert (other.status_code, scoped.status_code, mine.status_code) == (404, 404, 200)


def test_a_quote_says_who_would_be_asked(people: Cast) -> None:
    small = people.caller("bob").post("quotes/", wish(1)).json()
    ApprovalRule.objects.create(pool=people.pool, devices_over=1, route="operator")

    large = people.caller("bob").post("quotes/", wish(2)).json()
    accepted = people.caller("bob").post("reservations/", {"quote": large["id"]}).json()

    assert small["approval"] is None
    assert large["approval"] == {"route": "operator", "because": ["2 × accelerator (more than 1)"]}
    assert accepted["state"] == "pending_approval"
