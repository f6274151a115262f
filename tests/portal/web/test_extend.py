"""Extend from the page or by a program: what it comes to is said first, and both doors refuse with the same words."""

from datetime import timedelta
from typing import Any

import pytest

from scheduler.models import JournalEntry, Reservation
from tests.portal.cast import H100, MONDAY, Cast
from tests.portal.web.world import booked

TEN, NOON = MONDAY + timedelta(hours=2), MONDAY + timedelta(hours=4)
ALL_H100 = [{"role": "", "nodes": 1, "lines": [{"device_class": H100, "count": 8}]}]


def path(reservation: Reservation) -> str:
    return f"/reservations/{reservation.code}/extend/"


def program(people: Cast, reservation: Reservation, body: Any, **headers: str) -> Any:
    return people.caller("alice").post(f"reservations/{reservation.code}/extend/", body, **headers)


@pytest.fixture
def mine(people: Cast) -> Reservation:
    return booked(people.alice)


@pytest.fixture
def followed(people: Cast) -> Reservation:
    """All eight H100 until noon; from half past one they are Charlie's, set-up from 13:25 on."""
    reservation = booked(people.alice, mix=ALL_H100)
    following = {"starts_at": "2030-05-13T13:30:00Z", "ends_at": "2030-05-13T15:00:00Z"}
    booked(people.charlie, project="team-research", mix=ALL_H100, **following)
    return reservation


def test_the_page_offers_an_hour_four_hours_and_as_long_as_the_policy_allows(people: Cast, mine: Reservation) -> None:
    response = people.browser("alice").get(path(mine))

    it = response.context["it"]
    rate = float(mine.price["usd"]) / 2
    assert (response.status_code, it.asked) == (200, None)
    assert [(one.ends_at, one.reasons) for one in it.choices] == [
        (NOON + timedelta(hours=1), ()),
        (NOON + timedelta(hours=4), ()),
        (TEN + timedelta(hours=people.pool.policy["max_duration_hours"]), ()),
    ]
    assert [one.more for one in it.choices][:2] == [f"${rate:,.2f}", f"${rate * 4:,.2f}"]
    assert it.choices[0].total == f"${rate * 3:,.2f}"
    assert Reservation.objects.get().ends_at == NOON


def test_what_lasts_a_year_is_offered_nothing_longer(people: Cast, mine: Reservation) -> None:
    """A leap year: the most that a pool may allow, and that anybody can ask for."""
    begun = NOON - timedelta(days=366) + timedelta(hours=2)
    Reservation.objects.filter(pk=mine.pk).update(starts_at=begun, busy_from=begun - timedelta(minutes=5))

    response = people.browser("alice").get(path(mine))

    it = response.context["it"]
    assert (response.status_code, [one.ends_at for one in it.choices]) == (200, [NOON + timedelta(hours=1)])


def test_where_somebody_follows_the_latest_that_fits_is_a_choice_and_the_others_say_why_not(
    people: Cast, followed: Reservation
) -> None:
    it = people.browser("alice").get(path(followed)).context["it"]

    latest = NOON + timedelta(hours=1, minutes=20)  # clean-up takes five minutes
    assert (it.latest, [one.ends_at for one in it.choices if not one.reasons]) == (
        latest,
        [NOON + timedelta(hours=1), latest],
    )
    (clash,) = [one for one in it.choices if one.reasons]
    assert "A reservation of another project has" in clash.reasons[0]
    assert it.choices[1].label.endswith("the latest that fits")


def test_who_may_see_the_other_project_is_told_the_code(people: Cast, followed: Reservation) -> None:
    it = people.browser("olga").get(path(followed)).context["it"]

    other = Reservation.objects.exclude(pk=followed.pk).get()
    assert f"{other.code} of Research has" in it.choices[-1].reasons[0]


def test_a_choice_does_it_and_says_so_on_the_reservation(people: Cast, mine: Reservation) -> None:
    browser = people.browser("alice")

    done = browser.post(path(mine), {"ends_at": "2030-05-13T13:00:00Z", "version": "1"})

    mine.refresh_from_db()
    assert (done.status_code, done.headers["Location"], mine.ends_at) == (
        302,
        f"/reservations/{mine.code}/",
        NOON + timedelta(hours=1),
    )
    assert JournalEntry.objects.get(kind="reservation.extended").door == "web"
    assert "Extended: it ends Mon 13 May, 13:00 now." in browser.get(f"/reservations/{mine.code}/").content.decode()


def test_an_hour_more_is_an_hour_where_the_end_is_not_on_a_second(people: Cast, mine: Reservation) -> None:
    """One that began at once ends as odd as it began."""
    end = NOON + timedelta(microseconds=700_000)
    Reservation.objects.filter(pk=mine.pk).update(ends_at=end)
    browser = people.browser("alice")

    choice = browser.get(path(mine)).context["it"].choices[0]
    browser.post(path(mine), {"ends_at": choice.wire, "version": "1"})

    mine.refresh_from_db()
    assert mine.ends_at == end + timedelta(hours=1)


def test_a_typed_end_is_shown_first_and_done_with_its_button(people: Cast, mine: Reservation) -> None:
    """In the zone it was typed in: four in the afternoon in Berlin is two in London's winter time, UTC."""
    shown = people.browser("alice").get(path(mine), {"until": "2030-05-13T16:00", "zone": "Europe/Berlin"})

    asked = shown.context["it"].asked
    assert (shown.status_code, asked.ends_at, asked.reasons) == (200, NOON + timedelta(hours=2), ())
    assert 'name="ends_at" value="2030-05-13T14:00:00Z"' in shown.content.decode()


SAME: dict[str, str] = {
    "naive": "2030-05-13T13:00:00",
    "no time": "soon",
    "nothing": "",
    "earlier": "2030-05-13T11:00:00Z",
    "after a year": "2031-05-20T11:00:00Z",
}


@pytest.mark.parametrize("case", SAME)
def test_form_and_api_refuse_an_end_with_the_same_words(people: Cast, mine: Reservation, case: str) -> None:
    typed = people.browser("alice").post(path(mine), {"ends_at": SAME[case]})
    sent = program(people, mine, {"ends_at": SAME[case]})

    (error,) = sent.json()["errors"]
    assert (typed.status_code, sent.status_code, error["field"]) == (400, 400, "ends_at")
    assert (typed.context["error"].code, typed.context["error"].message) == (error["code"], error["message"])
    assert 'id="ends_at-error"' in typed.content.decode()


def test_form_and_api_refuse_what_does_not_fit_with_the_same_words(people: Cast, followed: Reservation) -> None:
    typed = people.browser("alice").post(path(followed), {"ends_at": "2030-05-13T14:00:00Z"})
    sent = program(people, followed, {"ends_at": "2030-05-13T14:00:00Z"})

    answer = sent.json()
    assert (typed.status_code, sent.status_code, answer["code"]) == (409, 409, "REFUSED")
    assert {refusal["code"] for refusal in answer["refusals"]} == {"DEVICE_BUSY", "NO_FREE_HOST"}
    assert {refusal["field"] for refusal in answer["refusals"]} == {"ends_at"}
    assert typed.context["refused"] == [refusal["message"] for refusal in answer["refusals"]]
    assert [(one["kind"], one["ends_at"]) for one in answer["alternatives"]] == [("end", "2030-05-13T13:20:00Z")]
    assert typed.context["it"].latest == NOON + timedelta(hours=1, minutes=20)
    taken = program(people, followed, answer["alternatives"][0]["request"])
    assert (taken.status_code, taken.json()["ends_at"]) == (200, "2030-05-13T13:20:00Z")


def test_a_program_is_answered_with_the_reservation_and_the_same_again(people: Cast, mine: Reservation) -> None:
    headers = {"If_Match": '"1"', "Idempotency_Key": "one"}

    first = program(people, mine, {"ends_at": "2030-05-13T15:00:00+02:00"}, **headers)
    again = program(people, mine, {"ends_at": "2030-05-13T15:00:00+02:00"}, **headers)
    anew = program(people, mine, {"ends_at": "2030-05-13T13:00:00Z"})

    assert (first.status_code, first.json()["ends_at"], first.json()["version"]) == (200, "2030-05-13T13:00:00Z", 2)
    assert again.json() == first.json()
    assert (anew.status_code, anew.json()["version"]) == (200, 2)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, ("ends_at", "required")),
        ({"ends_at": 7}, ("ends_at", "invalid")),
        ({"ends_at": "2030-05-13T13:00:00Z", "reason": "x"}, ("reason", "unknown")),
        ([], ("body", "invalid")),
    ],
)
def test_what_a_program_says_wrongly_is_refused_by_name(
    people: Cast, mine: Reservation, body: Any, error: tuple[str, str]
) -> None:
    sent = program(people, mine, body)

    found = [(one["field"], one["code"]) for one in sent.json()["errors"]]
    assert (sent.status_code, found[0]) == (400, error)


def test_who_saw_an_older_version_is_asked_again(people: Cast, mine: Reservation) -> None:
    typed = people.browser("alice").post(path(mine), {"ends_at": "2030-05-13T13:00:00Z", "version": "7"})
    sent = program(people, mine, {"ends_at": "2030-05-13T13:00:00Z"}, If_Match='"7"')

    assert (typed.status_code, sent.status_code) == (412, 412)
    assert (typed.context["version"], Reservation.objects.get().ends_at) == (1, NOON)


def test_a_hold_is_confirmed_first(people: Cast) -> None:
    held = booked(people.alice, hold_minutes=10)

    shown = people.browser("alice").get(path(held))
    sent = program(people, held, {"ends_at": "2030-05-13T13:00:00Z"})

    assert (shown.status_code, shown.context["it"], sent.status_code, sent.json()["code"]) == (
        409,
        None,
        409,
        "WRONG_STATE",
    )
    assert shown.context["trouble"] == sent.json()["detail"]


@pytest.mark.parametrize(
    ("zone", "until", "code"),
    [
        ("Europe/Berlin", "2030-03-31T02:30", "gap"),
        ("Europe/Berlin", "2030-10-27T02:30", "fold"),
        ("UTC", "x", "invalid"),
    ],
)
def test_a_time_that_is_no_time_there_is_asked_about(
    people: Cast, mine: Reservation, zone: str, until: str, code: str
) -> None:
    shown = people.browser("alice").get(path(mine), {"until": until, "zone": zone})

    assert (shown.status_code, shown.context["error"].code, len(shown.context["it"].choices)) == (400, code, 3)
    assert ('name="until_fold" value="first"' in shown.content.decode()) is (code == "fold")
