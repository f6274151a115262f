"""Series on pages: from the builder or a reservation to a form, checked, booked once, changed and cancelled there."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from scheduler.models import Reservation, Series
from tests.portal.cast import Cast, repeated, wish

FORM = {
    "wish": json.dumps({name: value for name, value in wish(2).items() if name not in ("starts_at", "ends_at")}),
    "zone": "Europe/Berlin",
    "starts_local": "2030-05-14T09:00",
    "minutes": "120",
    "every": "weekly",
    "count": "3",
    "until": "",
    "rule": "",
    "in_gap": "",
    "in_fold": "",
}


@pytest.fixture
def alice(people: Cast) -> Client:
    return people.browser("alice")


def send(browser: Client, action: str, **more: str) -> Any:
    return browser.post("/series/new/", {**FORM, "action": action, **more})


def starts(code: str) -> list[str]:
    rows = Reservation.objects.filter(series__code=code, state="confirmed").order_by("starts_at")
    return [f"{row.starts_at:%m-%d %H:%M}" for row in rows]


def test_what_is_typed_in_the_builder_is_repeated(alice: Client) -> None:
    typed = {
        "project": "team-chat",
        "pool": "lab",
        "zone": "Europe/Berlin",
        "start": "at",
        "starts_at": "2030-05-14T09:00",
        "end": "for",
        "duration": "3",
        "duration_unit": "hours",
        "group-0-nodes": "1",
        "group-0-line-0-device_class": "nvidia-l40s-48gb",
        "group-0-line-0-count": "2",
        "action": "repeat",
    }

    page = alice.post("/series/new/", typed).content.decode()

    assert "1 node: 2 × NVIDIA L40S 48GB" in page
    assert 'value="2030-05-14T09:00"' in page
    assert re.search(r'name="minutes"[^>]*value="180"', page)


def test_a_reservation_is_repeated_a_week_later(people: Cast, alice: Client) -> None:
    code = people.caller("alice").post("reservations/", wish(2)).json()["code"]

    page = alice.get(f"/series/new/?copy={code}").content.decode()

    assert 'value="2030-05-20T' in page
    assert "1 node: 2 × NVIDIA L40S 48GB" in page


def test_a_check_says_how_many_fit_and_books_nothing(alice: Client) -> None:
    page = send(alice, "check")

    assert page.status_code == 200
    assert "All 3 fit" in page.content.decode()
    assert Series.objects.count() == 0


def test_booked_it_is_shown_with_its_occurrences(alice: Client) -> None:
    answer = send(alice, "book")

    series = Series.objects.get()
    assert (answer.status_code, answer.url) == (302, f"/series/{series.code}/")
    assert starts(series.code) == ["05-14 07:00", "05-21 07:00", "05-28 07:00"]
    page = alice.get(answer.url).content.decode()
    assert "Every week, 3 times, at 09:00 in Europe/Berlin" in page
    assert page.count('id="occurrence-') == 3


def test_the_same_form_sent_twice_is_one_series(alice: Client) -> None:
    key = "0" * 32
    first, second = send(alice, "book", form_key=key), send(alice, "book", form_key=key)

    assert first.url == second.url
    assert Series.objects.count() == 1


def test_what_does_not_fit_is_told_by_its_day_and_nothing_is_lost(alice: Client) -> None:
    page = send(alice, "book", wish=FORM["wish"].replace('"count": 2', '"count": 13'))

    text = page.content.decode()
    assert page.status_code == 409
    assert "2030-05-14 09:00:" in text
    assert 'value="2030-05-14T09:00"' in text
    assert Series.objects.count() == 0


def test_a_start_that_comes_twice_is_asked_about_where_it_is_answered(alice: Client) -> None:
    typed = {"starts_local": "2030-05-27T02:30", "every": "rule", "rule": "FREQ=MONTHLY;BYMONTHDAY=27;COUNT=7"}

    text = send(alice, "check", **typed).content.decode()

    assert "show twice 2030-10-27 02:30" in text
    assert re.search(r'<select id="in_fold"[^>]* aria-invalid="true"', text)


def test_what_cannot_be_read_is_said_beside_its_field(alice: Client) -> None:
    page = send(alice, "book", minutes="x", every="rule", rule="FREQ=HOURLY")

    assert page.status_code == 400
    assert re.search(r'id="minutes-error">Give a whole number', page.content.decode())
    assert re.search(r'id="every-error">Begin the rule with FREQ=', page.content.decode())


def test_all_that_is_ahead_is_changed_on_its_page(people: Cast, alice: Client) -> None:
    made = people.caller("alice").post("series/", repeated()).json()
    change = {**FORM, "zone": "UTC", "starts_local": "2030-05-14T12:00", "count": "2", "version": "1", "since": ""}

    answer = alice.post(f"/series/{made['code']}/", {**change, "action": "change"})

    assert (answer.status_code, answer.url) == (302, f"/series/{made['code']}/")
    assert starts(made["code"]) == ["05-14 12:00", "05-21 12:00"]
    again = alice.post(f"/series/{made['code']}/", {**change, "action": "change"})
    assert again.status_code == 412


def test_this_and_later_go_on_at_another_time_as_a_series_of_their_own(people: Cast, alice: Client) -> None:
    made = people.caller("alice").post("series/", repeated(rule="FREQ=WEEKLY;COUNT=3")).json()
    since = made["occurrences"][1]["occurrence_at"]
    change = {**FORM, "zone": "UTC", "starts_local": "2030-05-14T15:00", "count": "3", "since": since}

    answer = alice.post(f"/series/{made['code']}/", {**change, "action": "change"})

    later = Series.objects.exclude(code=made["code"]).get()
    assert answer.url == f"/series/{later.code}/"
    assert (starts(made["code"]), starts(later.code)) == (["05-14 10:00"], ["05-21 15:00", "05-28 15:00"])


def test_the_rest_is_cancelled_from_one_on(people: Cast, alice: Client) -> None:
    made = people.caller("alice").post("series/", repeated(rule="FREQ=WEEKLY;COUNT=3")).json()

    alice.post(
        f"/series/{made['code']}/", {"action": "end", "since": made["occurrences"][1]["occurrence_at"], "version": "1"}
    )

    assert starts(made["code"]) == ["05-14 10:00"]


def test_who_only_looks_sees_no_form(people: Cast) -> None:
    made = people.caller("alice").post("series/", repeated()).json()

    page = people.browser("vera").get(f"/series/{made['code']}/").content.decode()

    assert "Occurrences" in page
    assert 'id="change"' not in page


def test_a_reservation_leads_to_its_series(people: Cast, alice: Client) -> None:
    made = people.caller("alice").post("series/", repeated()).json()

    page = alice.get(f"/reservations/{made['occurrences'][0]['reservation']}/").content.decode()

    assert f'href="/series/{made["code"]}/"' in page


def test_a_number_of_times_and_a_last_day_are_not_both_taken(alice: Client) -> None:
    page = send(alice, "book", until="2030-06-30")

    assert page.status_code == 400
    assert "Give COUNT or UNTIL, not both." in page.content.decode()


@pytest.mark.parametrize(
    "wish",
    [
        '{"project": []}',
        '{"project": "\\ud800"}',
        '{"mix": [1]}',
        '{"mix": 5}',
        '{"mix": [{"lines": 5}]}',
        '{"mix": [{"lines": [{"device_class": [1]}]}]}',
        "[" * 50_000,
    ],
)
def test_a_wish_that_is_none_of_ours_is_answered(alice: Client, wish: str) -> None:
    assert send(alice, "check", wish=wish).status_code == 400


def test_what_a_series_does_not_repeat_is_named_and_stays_named(people: Cast, alice: Client) -> None:
    code = people.caller("alice").post("reservations/", {**wish(2), "preempt": True}).json()["code"]

    shown = alice.get(f"/series/new/?copy={code}").content.decode()
    checked = send(alice, "check", left_out="preempt elastic").content.decode()

    assert '<dd id="left-out">low priority giving way to it</dd>' in shown
    assert '<dd id="left-out">low priority giving way to it, nodes between a floor and a ceiling</dd>' in checked


def test_only_who_may_book_is_offered_a_new_reservation(people: Cast, alice: Client) -> None:
    offered = [people.browser(name).get("/series/").context["may_book"] for name in ("alice", "vera")]

    assert offered == [True, False]
