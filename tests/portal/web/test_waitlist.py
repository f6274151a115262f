"""Waiting in the pages: asked for in the builder, shown with place and reasons, accepted or declined."""

import pytest

from portal.web.submitting import new_form_key
from scheduler.models import CapacityAlert, Reservation
from scheduler.services.promote import promote
from tests.portal.cast import H100, MONDAY, Cast, wish
from tests.portal.web.world import send

EVENING = "2030-05-13T18:00"
EIGHT = {"group__0__line__0__count": "8"}
TWO_HOURS = {"start": "now", "end": "for", "duration": "2"}


@pytest.fixture(autouse=True)
def _monday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: MONDAY)


def fill(people: Cast) -> None:
    body = {**wish(8, H100), "project": "team-research", "starts_at": None, "ends_at": "2030-05-13T18:00:00Z"}
    assert people.caller("charlie").post("reservations/", body).status_code == 201


def wait(people: Cast, name: str = "alice", **typed: str) -> Reservation:
    fields = {**TWO_HOURS, "action": "wait", "wait_until": EVENING, **EIGHT, **typed}
    response = send(people.browser(name), **fields)
    assert response.status_code == 302, response.context["form"].errors
    return Reservation.objects.get(code=response.headers["Location"].split("/")[2])


def test_what_was_typed_is_waited_for_between_its_start_and_the_last_date(people: Cast) -> None:
    fill(people)

    made = wait(people, wait_auto="on")

    assert (made.state, made.waiting.duration_minutes, made.waiting.is_auto_accepted) == ("waitlisted", 120, True)
    assert f"{made.waiting.not_after:%H:%M}" == "18:00"


def test_a_refusal_offers_to_wait_and_a_missing_date_is_named_where_it_is_missing(people: Cast) -> None:
    fill(people)
    browser = people.browser("alice")

    refused = send(browser, starts_at="2030-05-13T09:00", ends_at="2030-05-13T11:00", **EIGHT)
    empty = send(browser, action="wait", **TWO_HOURS, **EIGHT)

    assert refused.status_code == 409
    assert '<details class="more body" id="wait" open>' in refused.content.decode()
    assert (empty.status_code, empty.context["form"].fields["wait_until"].error) == (400, "Give a day and a time.")
    assert not Reservation.objects.filter(state="waitlisted").exists()


def test_its_page_shows_place_reasons_and_what_the_estimate_rests_on(people: Cast) -> None:
    fill(people)
    first, second = wait(people), wait(people, "bob")
    promote(now=MONDAY)

    views = [people.browser("alice").get(f"/reservations/{one.code}/").context["wait"] for one in (first, second)]

    assert [(view.place, view.before) for view in views] == [("1 of 2", ()), ("2 of 2", ("1 waiting longer",))]
    assert views[0].rests_on == (
        "If 1\xa0reservation in its way ends early or is withdrawn."
        " Devices are kept for it from then on, as they come free."
    )
    assert views[0].likely_at is not None
    assert views[1].likely_at is None
    assert all(len(view.reasons) == 1 for view in views)


def test_an_offer_says_so_and_is_confirmed_or_cancelled(people: Cast) -> None:
    made = wait(people, group__0__line__0__count="2")
    promote(now=MONDAY)
    browser = people.browser("alice")

    text = browser.get(f"/reservations/{made.code}/").content.decode()
    made.refresh_from_db()
    browser.post(f"/reservations/{made.code}/confirm/", {"version": made.version})

    made.refresh_from_db()
    assert ('id="offered"' in text, made.state) == (True, "confirmed")


def test_the_waitlist_shows_ones_projects_in_order(people: Cast) -> None:
    fill(people)
    made = wait(people)

    mine, others = (people.browser(name).get("/waitlist/").context["waits"] for name in ("vera", "charlie"))

    assert ([view.code for view in mine], list(others)) == ([made.code], [])


def test_who_only_wants_to_hear_of_it_is_listed_and_can_remove_it(people: Cast) -> None:
    fill(people)
    browser = people.browser("alice")

    response = send(browser, action="hear", wait_until=EVENING, **TWO_HOURS, **EIGHT)

    alert = CapacityAlert.objects.get()
    assert (response.status_code, response.headers["Location"]) == (302, "/waitlist/")
    assert [one.code for one in browser.get("/waitlist/").context["alerts"]] == [alert.code]
    assert browser.post(f"/waitlist/alerts/{alert.code}/remove/").status_code == 302
    assert not CapacityAlert.objects.exists()


def test_a_doubled_click_hears_of_it_once(people: Cast) -> None:
    browser, form = people.browser("alice"), {**TWO_HOURS, **EIGHT, "form_key": new_form_key()}

    answers = [send(browser, action="hear", wait_until=EVENING, **form) for _ in range(2)]

    assert [answer.headers.get("Location") for answer in answers] == ["/waitlist/"] * 2
    assert CapacityAlert.objects.count() == 1


def test_an_alert_of_a_project_one_left_shows_its_dates_and_can_be_removed(people: Cast) -> None:
    browser = people.browser("alice")
    send(browser, action="hear", wait_until=EVENING, **TWO_HOURS, **EIGHT)
    people.alice.memberships.all().delete()

    (shown,) = browser.get("/waitlist/").context["alerts"]

    assert (shown.mix, shown.project, shown.pool, f"{shown.not_after:%H:%M}") == (
        f"Alert {shown.code}",
        "",
        "",
        "18:00",
    )
    assert browser.post(f"/waitlist/alerts/{shown.code}/remove/").status_code == 302
    assert not CapacityAlert.objects.exists()
