"""Waiting through the API: a body in place of a window, a place with its reasons, and alerts."""

from typing import Any

import pytest

from scheduler import limits
from scheduler.models import CapacityAlert, Membership, Notice, Reservation
from scheduler.queries.waits import read_wait_key
from scheduler.services.alerts import tell_of_capacity
from scheduler.services.promote import promote
from tests.portal.cast import H100, MONDAY, Cast, searched, wish

NOON = "2030-05-13T12:00:00Z"
TEN = "2030-05-13T10:00:00Z"
EIGHT = 8  # all H100 of the lab


@pytest.fixture(autouse=True)
def _monday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: MONDAY)


def to_wait(count: int = EIGHT, **waitlist: Any) -> dict[str, Any]:
    body = {name: value for name, value in wish(count, H100).items() if name not in ("starts_at", "ends_at")}
    return {**body, "duration_minutes": 120, "waitlist": {"not_after": NOON, **waitlist}}


def fill(people: Cast) -> Any:
    """All H100 until noon, by the other project."""
    body = {**wish(EIGHT, H100), "project": "team-research", "starts_at": None, "ends_at": NOON}
    return people.caller("charlie").post("reservations/", body).json()


def test_a_request_that_waits_is_made_and_shows_its_place(people: Cast) -> None:
    fill(people)

    answer = people.caller("alice").post("reservations/", to_wait())

    made = answer.json()
    place = {name: made["waitlist"][name] for name in ("place", "of", "before", "auto_accept", "accept_minutes")}
    assert (answer.status_code, made["state"], made["verbs"]) == (201, "waitlisted", ["cancel"])
    assert place == {"place": 1, "of": 1, "before": [], "auto_accept": False, "accept_minutes": 60}
    assert (made["starts_at"], made["ends_at"]) == ("2030-05-13T08:05:00Z", NOON)
    assert (made["nodes"], made["plan"]["nodes"], made["power"]["watts"]) == (1, [], 0)
    assert made["waitlist"]["estimate"] is None


def test_a_look_adds_reasons_and_an_estimate_with_what_it_rests_on(people: Cast) -> None:
    fill(people)
    code = people.caller("alice").post("reservations/", to_wait()).json()["code"]
    promote(now=MONDAY)

    wait = people.caller("alice").get(f"reservations/{code}/").json()["waitlist"]

    assert [one["code"] for one in wait["reasons"]] == ["DEVICE_BUSY"]
    assert (wait["estimate"]["rests_on"], wait["estimate"]["in_the_way"]) == ("guard", 1)
    assert wait["estimate"]["late"] == {"ended": 0, "served": 0, "half_within_minutes": None}
    assert wait["guarded_from"] is not None


def test_the_list_is_in_order_and_shows_ones_own_projects_alone(people: Cast) -> None:
    fill(people)
    alice, charlie = people.caller("alice"), people.caller("charlie")
    first, second = (alice.post("reservations/", to_wait()).json()["code"] for _ in range(2))
    charlie.post("reservations/", {**to_wait(), "project": "team-research"})

    listed = alice.get("waitlist/").json()["results"]

    assert [(one["code"], one["place"], one["of"]) for one in listed] == [(first, 1, 3), (second, 2, 3)]
    assert listed[1]["before"] == [{"because": "longer", "count": 1}]
    assert [one["place"] for one in charlie.get("waitlist/").json()["results"]] == [3]
    assert people.caller("alice").get("waitlist/?limit=1").json()["next"] is not None


def test_reading_goes_on_where_it_was_when_the_last_one_seen_had_its_turn(people: Cast) -> None:
    fill(people)
    alice = people.caller("alice")
    codes = [alice.post("reservations/", to_wait()).json()["code"] for _ in range(4)]
    read = alice.get("waitlist/?limit=2").json()

    Reservation.objects.filter(code=codes[1]).update(state="confirmed")
    following = alice.get(read["next"]).json()

    assert [[one["code"] for one in page["results"]] for page in (read, following)] == [codes[:2], codes[2:]]


def test_only_what_is_on_the_page_is_made_ready(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = people.caller("alice")
    codes = [alice.post("reservations/", to_wait()).json()["code"] for _ in range(3)]
    made: list[str] = []
    monkeypatch.setattr("scheduler.queries.waits.asked_of", lambda one: made.append(one.code))

    alice.get("waitlist/?limit=1")

    assert made == codes[:1]


@pytest.mark.parametrize("key", ["r-1", "1|2|1|-0.5|2030-05-13T08:00:00|1", "9|2|1|-0.500000|2030-05-13T08:00:00|1"])
def test_what_is_no_key_begins_at_the_first(key: str) -> None:
    assert read_wait_key(key) is None


def test_an_offer_is_accepted_by_confirming_and_declined_by_cancelling(people: Cast) -> None:
    alice = people.caller("alice")
    taken, declined = (alice.post("reservations/", to_wait(count)).json()["code"] for count in (4, 2))
    promote(now=MONDAY)

    assert alice.post(f"reservations/{taken}/confirm/").json()["state"] == "confirmed"
    assert alice.post(f"reservations/{declined}/cancel/").json()["state"] == "cancelled"


def test_what_no_waiting_cures_is_refused_as_everywhere(people: Cast) -> None:
    answer = people.caller("alice").post("reservations/", to_wait(13))

    assert answer.status_code == 409
    assert not Reservation.objects.exists()


def test_errors_name_the_field(people: Cast) -> None:
    answer = people.caller("alice").post("reservations/", to_wait(accept_minutes=0))

    assert (answer.status_code, [one["field"] for one in answer.json()["errors"]]) == (400, ["waitlist.accept_minutes"])


def to_hear(**more: Any) -> dict[str, Any]:
    return searched(EIGHT, H100, not_after=NOON, **more)


def test_who_asked_to_hear_of_it_is_told_once_when_it_would_fit(people: Cast) -> None:
    held = fill(people)
    alice = people.caller("alice")
    made = alice.post("alerts/", to_hear())
    assert (made.status_code, made.json()["told_at"], tell_of_capacity(now=MONDAY)) == (201, None, 0)

    people.caller("charlie").post(f"reservations/{held['code']}/cancel/")
    CapacityAlert.objects.update(looked_at=None)
    told = [tell_of_capacity(now=MONDAY) for _ in range(2)]

    assert told == [1, 0]
    entry = Notice.objects.get(user=people.alice).entry
    assert (entry.kind, entry.reference) == ("capacity.freed", made.json()["code"])
    assert alice.get("alerts/").json()["results"][0]["told_at"] is not None


def test_an_alert_needs_a_last_date_and_there_is_a_most(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CAPACITY_ALERTS_PER_USER_MAX", 1)
    alice = people.caller("alice")

    endless, first, second = (alice.post("alerts/", body) for body in (searched(), to_hear(), to_hear()))

    assert [(one.status_code, one.json().get("errors", [{}])[0].get("field")) for one in (endless, first, second)] == [
        (400, "not_after"),
        (201, None),
        (400, "mix"),
    ]


def test_an_alert_is_removed_by_whose_it_is(people: Cast) -> None:
    code = people.caller("alice").post("alerts/", to_hear()).json()["code"]

    assert people.caller("bob").delete(f"alerts/{code}/").status_code == 404
    assert people.caller("alice").delete(f"alerts/{code}/").status_code == 204
    assert not CapacityAlert.objects.exists()


def test_an_alert_of_a_project_one_left_shows_its_dates_and_can_be_removed(people: Cast) -> None:
    alice = people.caller("alice")
    made = alice.post("alerts/", to_hear()).json()
    people.alice.memberships.all().delete()

    (shown,) = alice.get("alerts/").json()["results"]

    assert shown == {**made, "project": None, "pool": None, "mix": None}
    assert alice.delete(f"alerts/{made['code']}/").status_code == 204


def test_a_narrowed_token_reaches_the_alerts_of_its_project_alone(people: Cast) -> None:
    Membership.objects.create(user=people.alice, project=people.research, role="member")
    made = people.caller("alice").post("alerts/", to_hear()).json()["code"]
    narrowed = people.caller("alice", project="team-research")

    assert narrowed.get("alerts/").json()["results"] == []
    assert narrowed.delete(f"alerts/{made}/").status_code == 404


def test_who_left_the_project_is_not_told(people: Cast) -> None:
    people.caller("alice").post("alerts/", to_hear())
    people.alice.memberships.all().delete()

    assert tell_of_capacity(now=MONDAY) == 0
