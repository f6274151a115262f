"""Priority and promise over the wire, and what a booking would preempt: said, agreed to, done."""

from datetime import timedelta
from typing import Any

import time_machine

from scheduler.models import Reservation
from scheduler.queries import boards
from scheduler.services.advance_due import advance_due
from tests.portal.cast import H100, MONDAY, Cast, wish

TOMORROW = {"starts_at": "2030-05-14T10:00:00Z", "ends_at": "2030-05-14T12:00:00Z"}


def tomorrow(count: int, **more: Any) -> dict[str, Any]:
    return {**wish(count, H100), **TOMORROW, **more}


def test_a_booking_tells_its_priority_and_what_it_may_count_on(people: Cast) -> None:
    alice = people.caller("alice")

    low = alice.post("reservations/", tomorrow(2, priority="low")).json()
    normal = alice.post("reservations/", tomorrow(2)).json()
    held = alice.post("reservations/", tomorrow(2, hold_minutes=10)).json()

    assert [(one["priority"], one["promise"], one["preempt_at"]) for one in (low, normal, held)] == [
        ("low", "preemptible", None),
        ("normal", "guaranteed", None),
        ("normal", "conditional", None),
    ]
    listed = alice.get("reservations/").json()["results"]
    assert [one["promise"] for one in listed] == ["conditional", "guaranteed", "preemptible"]


def test_what_a_booking_would_preempt_is_said_and_done_once_it_is_agreed_to(people: Cast) -> None:
    boards.forget()
    alice = people.caller("alice")
    low = alice.post("reservations/", tomorrow(8, priority="low")).json()

    refused = alice.post("reservations/", tomorrow(2))
    offered = refused.json()["alternatives"][-1]
    made = alice.post("reservations/", offered["request"])

    assert (refused.status_code, offered["kind"]) == (409, "preempt")
    assert offered["message"] == f"The same, if a reservation of low priority gives way: {low['code']}."
    assert (made.status_code, made.json()["promise"]) == (201, "guaranteed")
    given_up = alice.get(f"reservations/{low['code']}/").json()
    assert (given_up["state"], given_up["state_reason"]) == (
        "cancelled",
        "It gave way to a booking of higher priority.",
    )


def test_what_is_in_use_tells_when_it_gives_way_and_offers_no_growing(people: Cast) -> None:
    boards.forget()
    alice = people.caller("alice")
    now = {"starts_at": None, "ends_at": None, "duration_minutes": 6 * 60}
    low = alice.post("reservations/", wish(8, H100) | now | {"priority": "low"}).json()
    Reservation.objects.filter(code=low["code"]).update(state="active")

    assert alice.post("reservations/", wish(2, H100) | {"preempt": True}).status_code == 201

    told = alice.get(f"reservations/{low['code']}/").json()
    assert (told["preempt_at"], told["state"]) == ("2030-05-13T08:10:00Z", "active")
    assert set(told["verbs"]) & {"extend", "resize", "auto-extend", "move"} == set()
    with time_machine.travel(MONDAY + timedelta(minutes=10), tick=False):
        advance_due(now=MONDAY + timedelta(minutes=10))
    assert alice.get(f"reservations/{low['code']}/").json()["state"] == "ended"
