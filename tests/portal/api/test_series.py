"""Windows that come again, for programs: made, looked at, changed from one on or whole, ended."""

from typing import Any

import pytest

from scheduler.models import Reservation, Series
from tests.portal.cast import L40S, Caller, Cast

BODY = {
    "project": "team-chat",
    "pool": "lab",
    "title": "nightly",
    "mix": [{"role": "", "nodes": 1, "lines": [{"device_class": L40S, "count": 2}]}],
    "rule": "FREQ=WEEKLY;COUNT=3",
    "time_zone": "Europe/Berlin",
    "starts_local": "2030-05-14T09:00",
    "duration_minutes": 120,
}
THIRD = "2030-05-28T07:00:00Z"


@pytest.fixture
def alice(people: Cast) -> Caller:
    return people.caller("alice")


def made(caller: Caller, **more: Any) -> dict[str, Any]:
    answer = caller.post("series/", {**BODY, **more})
    assert answer.status_code == 201, answer.json()
    return dict(answer.json())


def starts(series: dict[str, Any]) -> list[str]:
    return [one["starts_at"] for one in series["occurrences"] if one["state"] == "confirmed"]


def test_made_with_an_occurrence_for_each_week(alice: Caller) -> None:
    answer = alice.post("series/", BODY)

    one = answer.json()
    code = one["code"]
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"http://testserver/api/v1/series/{code}/"
    assert answer.headers["ETag"] == '"1"'
    assert starts(one) == ["2030-05-14T07:00:00Z", "2030-05-21T07:00:00Z", THIRD]
    assert {name: one[name] for name in BODY if name != "mix"} == {name: BODY[name] for name in BODY if name != "mix"}
    assert (one["ahead"], one["next_at"], one["misfits"], one["in_gap"]) == (3, "2030-05-14T07:00:00Z", [], None)
    assert alice.get(f"series/{code}/").json() == one
    (listed,) = alice.get("series/").json()["results"]
    assert listed == {name: one[name] for name in listed}


def test_each_occurrence_is_a_reservation_that_names_its_series(alice: Caller) -> None:
    one = made(alice)

    reservation = alice.get(f"reservations/{one['occurrences'][0]['reservation']}/").json()

    assert (reservation["series"], reservation["occurrence_at"]) == (one["code"], "2030-05-14T07:00:00Z")


def test_a_start_that_comes_twice_is_asked_about_with_its_answers(alice: Caller) -> None:
    wanted = {"rule": "FREQ=MONTHLY;BYMONTHDAY=27;COUNT=7", "starts_local": "2030-05-27T02:30"}

    answer = alice.post("series/", {**BODY, **wanted})

    assert answer.status_code == 409
    (asked,) = answer.json()["refusals"]
    assert (asked["code"], asked["field"]) == ("NEEDS_CHOICE", "in_fold")
    assert asked["message"] == (
        "The clocks in Europe/Berlin show twice 2030-10-27 02:30. Say in in_fold what you mean: first or second."
    )
    assert [one["value"] for one in asked["suggestions"]] == ["first", "second"]


def test_all_field_errors_at_once(alice: Caller) -> None:
    answer = alice.post("series/", {**BODY, "rule": "FREQ=HOURLY", "starts_at": "2030-05-14T09:00:00Z", "project": "x"})

    assert answer.status_code == 400
    errors = {(one["field"], one["code"]) for one in answer.json()["errors"]}
    assert errors == {("starts_at", "unknown"), ("rule", "invalid"), ("project", "unknown")}


def test_where_no_zone_is_said_it_is_the_callers_own(people: Cast, alice: Caller) -> None:
    people.alice.time_zone = "America/New_York"
    people.alice.save(update_fields=["time_zone"])
    body = {name: value for name, value in BODY.items() if name != "time_zone"}

    one = alice.post("series/", body).json()

    assert (one["time_zone"], starts(one)[0]) == ("America/New_York", "2030-05-14T13:00:00Z")


def test_this_and_later_go_on_as_a_series_of_their_own(alice: Caller) -> None:
    one = made(alice, rule="FREQ=WEEKLY;COUNT=4")

    answer = alice.patch(f"series/{one['code']}/", {"from_occurrence": THIRD, "duration_minutes": 60})

    later = answer.json()
    assert answer.status_code == 200
    assert later["code"] != one["code"]
    assert (later["rule"], later["starts_local"]) == ("FREQ=WEEKLY;COUNT=2", "2030-05-28T09:00")
    assert starts(later) == [THIRD, "2030-06-04T07:00:00Z"]
    assert starts(alice.get(f"series/{one['code']}/").json()) == ["2030-05-14T07:00:00Z", "2030-05-21T07:00:00Z"]


def test_all_are_changed_under_the_same_code(alice: Caller) -> None:
    one = made(alice)

    changed = alice.patch(f"series/{one['code']}/", {"starts_local": "2030-05-14T10:00"}).json()

    assert (changed["code"], changed["version"], starts(changed)[0]) == (one["code"], 2, "2030-05-14T08:00:00Z")


@pytest.mark.parametrize(
    ("patch", "field"),
    [
        ({"project": "team-chat"}, "project"),
        ({"from_occurrence": "2030-05-15T07:00:00Z"}, "from_occurrence"),
        ({"from_occurrence": "2030-05-28T09:00"}, "from_occurrence"),
        ({"rule": ""}, "rule"),
    ],
)
def test_what_cannot_be_changed_so(alice: Caller, patch: dict[str, Any], field: str) -> None:
    one = made(alice)

    answer = alice.patch(f"series/{one['code']}/", patch)

    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, [field])


def test_who_saw_an_older_version_changes_nothing(alice: Caller) -> None:
    one = made(alice)
    alice.patch(f"series/{one['code']}/", {"title": "daily"}, If_Match='"1"')

    assert alice.patch(f"series/{one['code']}/", {"title": "hourly"}, If_Match='"1"').status_code == 412
    assert alice.delete(f"series/{one['code']}/", If_Match='"1"').status_code == 412


def test_the_rest_is_cancelled(alice: Caller) -> None:
    one = made(alice)

    answer = alice.delete(f"series/{one['code']}/")

    ended = answer.json()
    assert (answer.status_code, ended["ahead"], ended["next_at"]) == (200, 0, None)
    assert ended["ended_at"] is not None
    assert Reservation.objects.filter(state="cancelled").count() == 3
    assert alice.delete(f"series/{one['code']}/").json() == ended
    assert alice.patch(f"series/{one['code']}/", {"title": "again"}).status_code == 409


def test_the_same_call_makes_one_series(alice: Caller) -> None:
    first = alice.post("series/", BODY, Idempotency_Key="k1")
    second = alice.post("series/", BODY, Idempotency_Key="k1")

    assert first.json() == second.json()
    assert Series.objects.count() == 1


def test_what_is_kept_of_a_call_that_died_is_the_series(people: Cast, alice: Caller, monkeypatch: Any) -> None:
    """It committed, and its answer was lost: the same call is answered with what it made."""
    from portal.api.v1 import series as view

    shown = view._shown
    monkeypatch.setattr(view, "_shown", lambda *args, **more: 1 / 0)
    alice.client.raise_request_exception = False
    assert alice.post("series/", BODY, Idempotency_Key="k2").status_code == 500
    monkeypatch.setattr(view, "_shown", shown)

    again = alice.post("series/", BODY, Idempotency_Key="k2")

    assert (again.status_code, Series.objects.count()) == (201, 1)


@pytest.mark.parametrize("minutes", ["", [], {}, 0, False])
def test_a_length_that_is_none_is_refused_by_its_field(alice: Caller, minutes: object) -> None:
    answer = alice.post("series/", {**BODY, "duration_minutes": minutes})

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["duration_minutes"]
