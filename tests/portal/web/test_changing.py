"""Shorten, move, extend by itself, hand over: what each comes to is said first, and both doors refuse alike."""

from datetime import timedelta
from typing import Any

import pytest

from scheduler.models import JournalEntry, Membership, Quota, Reservation
from scheduler.states import ProjectRole
from tests.portal.cast import H100, MONDAY, Cast
from tests.portal.web.world import booked

TEN, NOON = MONDAY + timedelta(hours=2), MONDAY + timedelta(hours=4)
HOUR = timedelta(hours=1)
ALL_H100 = [{"role": "", "nodes": 1, "lines": [{"device_class": H100, "count": 8}]}]
ZONE = {"zone": "UTC"}


def path(reservation: Reservation, verb: str) -> str:
    return f"/reservations/{reservation.code}/{verb}/"


def program(people: Cast, reservation: Reservation, verb: str, body: Any, **headers: str) -> Any:
    return people.caller("alice").post(f"reservations/{reservation.code}/{verb}/", body, **headers)


@pytest.fixture
def mine(people: Cast) -> Reservation:
    return booked(people.alice)


@pytest.fixture
def both(people: Cast) -> None:
    Membership.objects.create(user=people.alice, project=people.research, role=ProjectRole.MEMBER)


BOUNDS: dict[str, Any] = {
    "floor": 1,
    "ceiling": 3,
    "profile": [
        {"weekdays": "12345", "from": "09:00", "until": "17:00", "nodes": 2},
        {"weekdays": "67", "from": "10:00", "until": "12:00", "nodes": 3},
    ],
}
TYPED: dict[str, dict[str, str]] = {
    "shorten": {"ends_at": "2030-05-13T11:00"},
    "move": {"starts_at": "2030-05-13T14:00", "ends_at": "2030-05-13T16:00"},
    "auto-extend": {"until": "2030-05-13T15:00"},
    "elastic": {"floor-0": "1", "ceiling-0": "3", "profile-0": "12345 09:00-17:00 2; 67 10:00-12:00 3"},
    "hand-over": {"project": "team-chat", "user": "bob"},
}
SENT: dict[str, dict[str, Any]] = {
    "shorten": {"ends_at": "2030-05-13T11:00:00Z"},
    "move": {"starts_at": "2030-05-13T14:00:00Z"},
    "auto-extend": {"until": "2030-05-13T15:00:00Z"},
    "elastic": {"elastic": {"": BOUNDS}},
    "hand-over": {"user": "bob"},
}
BECAME: dict[str, dict[str, Any]] = {
    "shorten": {"ends_at": TEN + HOUR},
    "move": {"starts_at": TEN + 4 * HOUR, "ends_at": NOON + 4 * HOUR},
    "auto-extend": {"auto_extend_until": NOON + 3 * HOUR},
    "elastic": {"elastic": {"": BOUNDS}},
    "hand-over": {"created_by__username": "bob"},
}


@pytest.mark.parametrize("verb", TYPED)
def test_the_page_says_what_would_happen_and_the_act_does_it(people: Cast, mine: Reservation, verb: str) -> None:
    browser = people.browser("alice")

    shown = browser.get(path(mine, verb), {**TYPED[verb], **ZONE, "ask": "1"})
    assert (shown.status_code, shown.context["it"].is_possible) == (200, True)
    assert Reservation.objects.get().version == 1
    sent = {**dict(shown.context["sent"]), "version": shown.context["version"]}
    done = browser.post(path(mine, verb), sent)

    assert (done.status_code, done.headers["Location"]) == (302, f"/reservations/{mine.code}/")
    assert Reservation.objects.filter(**BECAME[verb], version=2).exists()
    assert JournalEntry.objects.order_by("-id").first().door == "web"


@pytest.mark.parametrize("verb", SENT)
def test_a_program_does_the_same_and_is_answered_the_same_again(people: Cast, mine: Reservation, verb: str) -> None:
    headers = {"If_Match": '"1"', "Idempotency_Key": "one"}

    first = program(people, mine, verb, SENT[verb], **headers)
    again = program(people, mine, verb, SENT[verb], **headers)
    anew = program(people, mine, verb, SENT[verb])

    assert (first.status_code, first.json()["version"]) == (200, 2)
    assert Reservation.objects.filter(**BECAME[verb]).exists()
    assert (again.json(), anew.json()["version"]) == (first.json(), 2)


@pytest.mark.parametrize("verb", SENT)
def test_who_saw_an_older_version_is_asked_again(people: Cast, mine: Reservation, verb: str) -> None:
    typed = people.browser("alice").post(path(mine, verb), {**TYPED[verb], **ZONE, "version": "7"})
    sent = program(people, mine, verb, SENT[verb], If_Match='"7"')

    assert (typed.status_code, sent.status_code, typed.context["version"]) == (412, 412, 1)
    assert Reservation.objects.get().version == 1


WRONG: dict[str, tuple[str, dict[str, str], dict[str, str]]] = {
    "a later end": ("shorten", {"ends_at": "2030-05-13T13:00"}, {"ends_at": "2030-05-13T13:00:00Z"}),
    "an end before it begins": ("shorten", {"ends_at": "2030-05-13T09:00"}, {"ends_at": "2030-05-13T09:00:00Z"}),
    "an end before the start": (
        "move",
        {"starts_at": "2030-05-13T14:00", "ends_at": "2030-05-13T13:00"},
        {"starts_at": "2030-05-13T14:00:00Z", "ends_at": "2030-05-13T13:00:00Z"},
    ),
    "a start in the past": (
        "move",
        {"starts_at": "2030-05-12T14:00", "ends_at": "2030-05-13T13:00"},
        {"starts_at": "2030-05-12T14:00:00Z", "ends_at": "2030-05-13T13:00:00Z"},
    ),
    "a ceiling before its end": ("auto-extend", {"until": "2030-05-13T11:00"}, {"until": "2030-05-13T11:00:00Z"}),
    "nobody's name": ("hand-over", {"project": "team-chat", "user": "nobody"}, {"user": "nobody"}),
    "another's project": ("hand-over", {"project": "team-research"}, {"project": "team-research"}),
}


@pytest.mark.parametrize("case", WRONG)
def test_form_and_api_refuse_what_makes_no_sense_with_the_same_words(
    people: Cast, mine: Reservation, case: str
) -> None:
    verb, typed, sent = WRONG[case]

    shown = people.browser("alice").post(path(mine, verb), {**typed, **ZONE})
    answer = program(people, mine, verb, sent)

    (error,) = answer.json()["errors"]
    assert (shown.status_code, answer.status_code) == (400, 400)
    assert [(one.name, one.error) for one in shown.context["fields"] if one.error] == [
        (error["field"], error["message"])
    ]
    assert f'id="{error["field"]}-error"' in shown.content.decode()


@pytest.mark.parametrize("verb", SENT)
def test_a_body_without_what_is_asked_is_refused_by_name(people: Cast, mine: Reservation, verb: str) -> None:
    answer = program(people, mine, verb, {"colour": "red"})

    found = {(error["field"], error["code"]) for error in answer.json()["errors"]}
    assert answer.status_code == 400
    assert ("colour", "unknown") in found


def test_form_and_api_refuse_a_window_that_is_taken_with_the_same_words_and_other_starts(
    people: Cast,
) -> None:
    mine = booked(people.alice, mix=ALL_H100)
    taken = {"starts_at": "2030-05-13T14:00:00Z", "ends_at": "2030-05-13T16:00:00Z"}
    booked(people.charlie, project="team-research", mix=ALL_H100, **taken)

    shown = people.browser("alice").post(path(mine, "move"), {**TYPED["move"], **ZONE})
    answer = program(people, mine, "move", SENT["move"])

    told = answer.json()
    assert (shown.status_code, answer.status_code) == (409, 409)
    assert shown.context["refused"] == [refusal["message"] for refusal in told["refusals"]]
    moved = program(people, mine, "move", told["alternatives"][0]["request"])
    assert (moved.status_code, moved.json()["version"]) == (200, 2)


def test_form_and_api_refuse_what_the_taker_may_not_hold_with_the_same_words(
    people: Cast, mine: Reservation, both: None
) -> None:
    Quota.objects.filter(project=people.research).update(accelerators_max=1)

    shown = people.browser("alice").post(path(mine, "hand-over"), {"project": "team-research"})
    answer = program(people, mine, "hand-over", {"project": "team-research"})

    assert (shown.status_code, answer.status_code) == (409, 409)
    assert shown.context["refused"] == [refusal["message"] for refusal in answer.json()["refusals"]]
    assert [refusal["code"] for refusal in answer.json()["refusals"]] == ["QUOTA_DEVICES"]


def test_handed_to_another_project_it_is_that_project_s(people: Cast, mine: Reservation, both: None) -> None:
    shown = people.browser("alice").get(path(mine, "hand-over"), {"project": "team-research", "ask": "1"})
    assert ("charlie", "charlie") in shown.context["fields"][1].options

    people.browser("alice").post(path(mine, "hand-over"), {"project": "team-research", "user": "charlie"})

    assert people.browser("charlie").get(f"/reservations/{mine.code}/").status_code == 200
    assert people.browser("bob").get(f"/reservations/{mine.code}/").status_code == 404


def test_that_it_extends_itself_is_on_its_page_and_can_be_stopped(people: Cast, mine: Reservation) -> None:
    browser = people.browser("alice")
    browser.post(path(mine, "auto-extend"), {**TYPED["auto-extend"], **ZONE})

    shown = browser.get(f"/reservations/{mine.code}/").content.decode()
    assert "It extends itself, while it fits, until Mon 13 May, 15:00." in shown
    assert program(people, mine, "auto-extend", {}).json()["errors"][0]["code"] == "required"
    assert browser.get(path(mine, "auto-extend")).context["stops"] == NOON + 3 * HOUR
    browser.post(path(mine, "auto-extend"), {"stop": "1"})

    assert Reservation.objects.get().auto_extend_until is None


@pytest.mark.parametrize("verb", SENT)
def test_what_is_over_is_changed_no_more(people: Cast, mine: Reservation, verb: str) -> None:
    Reservation.objects.update(state="ended")

    shown = people.browser("alice").get(path(mine, verb))
    answer = program(people, mine, verb, SENT[verb])

    assert (shown.status_code, answer.status_code, answer.json()["code"]) == (409, 409, "WRONG_STATE")
    assert (shown.context["trouble"], shown.context["fields"]) == (answer.json()["detail"], ())


def test_a_time_that_is_no_time_there_is_asked_about(people: Cast, mine: Reservation) -> None:
    typed = {"starts_at": "2030-10-27T02:30", "ends_at": "2030-10-27T06:00", "zone": "Europe/Berlin", "ask": "1"}
    browser = people.browser("alice")

    twice = browser.get(path(mine, "move"), typed)
    skipped = browser.get(path(mine, "move"), {**typed, "starts_at": "2030-03-31T02:30"})
    second = browser.get(path(mine, "move"), {**typed, "starts_at_fold": "second"})

    assert [(one.name, one.is_fold) for one in twice.context["fields"]] == [("starts_at", True), ("ends_at", False)]
    assert "skip this time that night" in skipped.context["fields"][0].error
    assert [one.error for one in second.context["fields"]] == ["", ""]


def test_the_reservation_offers_them_under_more(people: Cast, mine: Reservation) -> None:
    shown = people.browser("alice").get(f"/reservations/{mine.code}/")

    assert [door.verb for door in shown.context["it"].more_doors] == [
        "shorten",
        "auto-extend",
        "move",
        "elastic",
        "hand-over",
    ]
    assert people.browser("vera").get(f"/reservations/{mine.code}/").context["it"].more_doors == ()


WRONG_BOUNDS: dict[str, tuple[dict[str, str], str]] = {
    "a floor above the nodes": ({"floor-0": "2", "ceiling-0": "3"}, "floor-0"),
    "no number": ({"floor-0": "one", "ceiling-0": "3"}, "floor-0"),
    "a ceiling below the floor": ({"floor-0": "3", "ceiling-0": "2"}, "ceiling-0"),
    "no ceiling": ({"floor-0": "1", "ceiling-0": ""}, "ceiling-0"),
    "a profile that is none": ({"floor-0": "1", "ceiling-0": "3", "profile-0": "weekdays"}, "profile-0"),
}


@pytest.mark.parametrize("case", WRONG_BOUNDS)
def test_bounds_that_make_no_sense_are_said_at_their_field(people: Cast, mine: Reservation, case: str) -> None:
    typed, name = WRONG_BOUNDS[case]

    shown = people.browser("alice").get(path(mine, "elastic"), {**typed, "ask": "1"})

    assert shown.status_code == 400
    assert [one.name for one in shown.context["fields"] if one.error] == [name]


def test_a_program_books_elastic_groups_and_reads_them_back(people: Cast) -> None:
    mix = [{"role": "decode", "nodes": 1, "lines": [{"device_class": H100, "count": 2}]}]
    window = {"starts_at": "2030-05-13T10:00:00Z", "ends_at": "2030-05-13T12:00:00Z"}
    body = {"project": "team-chat", "pool": "lab", "mix": mix, "elastic": {"decode": BOUNDS}, **window}

    made = people.caller("alice").post("reservations/", {**body, "auto_extend_until": "2030-05-13T14:00:00Z"})
    wrong = people.caller("alice").post("reservations/", {**body, "auto_extend_until": "2030-05-13T11:00:00Z"})

    answer = made.json()
    assert (made.status_code, answer["elastic"], answer["auto_extend_until"]) == (
        201,
        {"decode": BOUNDS},
        "2030-05-13T14:00:00Z",
    )
    assert [(error["field"], error["code"]) for error in wrong.json()["errors"]] == [("auto_extend_until", "inverted")]
    shown = people.browser("alice").get(f"/reservations/{answer['code']}/").content.decode()
    assert "Elastic: “decode” has 1 to 3 nodes." in shown
