"""The calendar page: all it shows stands in its address, and it shows what its reader may see."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from scheduler.models import Reservation
from tests.portal.cast import MONDAY, Cast
from tests.portal.web.world import booked

SECRET = {"project": "team-research", "title": "A secret title"}


def html(browser: Client, path: str = "/calendar/") -> str:
    return browser.get(path).content.decode()


def bars(response: HttpResponse) -> list[str]:
    return re.findall(r'class="cal-bar [^>]*><b dir="auto">([^<]*)</b>', response.content.decode())


def test_a_bar_leads_to_its_reservation_and_says_state_project_and_times(people: Cast) -> None:
    one = booked(people.alice, title="Load test")

    shown = html(people.browser("bob"))

    assert re.findall(r'<a id="bar-host-\d\d-([^"]+)" class="cal-bar ([^"]*)" [^>]*href="([^"]*)"', shown) == [
        (one.code, "info confirmed lane-0", f"/reservations/{one.code}/")
    ]
    assert "Confirmed · Chat service · Mon 13 May, 10:00 – 12:00 · 10\u00a0minutes of set-up and clean-up" in shown


@pytest.mark.parametrize("by", ["host", "pru", "class", "project"])
def test_of_others_it_shows_only_that_something_is_busy(people: Cast, by: str) -> None:
    other = booked(people.charlie, **SECRET)

    response = people.browser("alice").get(f"/calendar/?by={by}")

    assert bars(response) == ["Busy"]
    shown = response.content.decode()
    for word in (other.code, "secret", "Research", "charlie"):
        assert word not in shown


def test_an_operator_sees_whose_it_is(people: Cast) -> None:
    booked(people.charlie, **SECRET)

    assert bars(people.browser("olga").get("/calendar/")) == ["A secret title"]


def test_nobody_is_shown_what_was_drawn_for_somebody_who_sees_more(people: Cast) -> None:
    booked(people.charlie, **SECRET)

    shown = [bars(people.browser(name).get("/calendar/")) for name in ("charlie", "alice", "olga", "vera", "charlie")]

    assert shown == [["A secret title"], ["Busy"], ["A secret title"], ["Busy"], ["A secret title"]]


def test_a_change_shows_at_once(people: Cast) -> None:
    one = booked(people.alice, title="Load test")
    browser = people.browser("alice")
    first = html(browser)
    assert "cal-bar info confirmed is-mine" in first

    Reservation.objects.filter(pk=one.pk).update(state="composing")

    second = html(browser)
    assert "cal-bar busy composing is-mine" in second
    keys = [dict(re.findall(r'id="(row-[^"]+)" data-key="([^"]+)"', shown)) for shown in (first, second)]
    changed = [row for row in keys[0] if keys[0][row] != keys[1][row]]
    assert (len(keys[0]), len(changed)) == (4, 1)


def test_filters_narrow_and_stay_in_every_address(people: Cast) -> None:
    booked(people.alice, title="Alice's")
    booked(people.bob, title="Bob's")
    booked(people.charlie, **SECRET)

    response = people.browser("alice").get("/calendar/?pool=lab&mine=on&span=day&by=pru&state=confirmed")

    assert bars(response) == ["Alice&#x27;s"]
    assert response.context["later"] == ("/calendar/?pool=lab&mine=on&span=day&by=pru&state=confirmed&from=2030-05-14")
    assert response.context["shared"] == (
        "http" + "://testserver/calendar/?pool=lab&mine=on&span=day&by=pru&state=confirmed&from=2030-05-13"
    )


def test_days_are_those_of_the_reader(people: Cast) -> None:
    browser = people.browser("alice")
    browser.cookies["heddle_zone"] = "Asia/Tokyo"
    when = {"starts_at": "2030-05-13T16:00:00Z", "ends_at": "2030-05-13T18:00:00Z"}
    booked(people.alice, title="Late", **when)  # one to three in the night, in Tokyo

    days = [bars(browser.get(f"/calendar/?span=day&from=2030-05-{day}")) for day in (13, 14)]

    assert days == [[], ["Late"]]
    assert "Tue 14 May, 01:00 – 03:00" in html(browser, "/calendar/?span=day&from=2030-05-14")


@pytest.mark.parametrize(
    "query",
    [
        "by=moon",
        "span=aeon",
        "from=tomorrow",
        "state=odd",
        "rows=many",
        "rows=0",
        "rows=99999",
        "after=zz",
        "project=%22",
    ],
)
def test_what_makes_no_sense_is_as_if_it_were_not_there(people: Cast, query: str) -> None:
    response = people.browser("alice").get(f"/calendar/?{query}")

    assert (response.status_code, str(response.context["period"].first)) == (200, "2030-05-13")


def test_a_pool_that_is_not_there_is_told(people: Cast) -> None:
    assert people.browser("alice").get("/calendar/?pool=moon").status_code == 404


def test_where_nothing_matches_it_says_so_with_a_way_back(people: Cast) -> None:
    booked(people.charlie, **SECRET)

    shown = html(people.browser("alice"), "/calendar/?mine=on")

    assert "Nothing matches in this period." in shown
    assert '<a class="btn" href="/calendar/?pool=lab">Show all</a>' in shown


def test_where_there_is_no_pool_it_says_who_loads_one(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.web.views.calendar.pool_names", tuple)

    assert "No pool is loaded yet." in html(people.browser("alice"))


def test_rows_come_by_pages(people: Cast) -> None:
    browser = people.browser("alice")

    first = browser.get("/calendar/?rows=3")
    second = browser.get(first.context["next"])

    assert [row.id for row in first.context["rows"]] == [f"row-host-host-0{nth}" for nth in (1, 2, 3)]
    assert [row.id for row in second.context["rows"]] == ["row-host-host-04"]
    assert (second.context["next"], second.context["first_rows"]) == ("", "/calendar/?rows=3")


def test_its_fragment_is_the_calendar_alone(people: Cast) -> None:
    booked(people.alice, title="Load test")
    headers = {"HX-Request": "true", "HX-Target": "calendar-live"}

    fragment = people.browser("alice").get("/calendar/?span=day", headers=headers).content.decode()

    assert fragment.lstrip().startswith('<section class="card cal" id="calendar-live"')
    assert 'hx-get="/calendar/?span=day"' in fragment
    assert "<html" not in fragment


@pytest.mark.parametrize(("by", "queries"), [("host", 10), ("pru", 10), ("class", 10), ("project", 11)])
def test_it_asks_no_more_for_three_than_for_one(people: Cast, by: str, queries: int) -> None:
    browser, counts = people.browser("alice"), []
    for day in range(3):
        when = {
            name: (MONDAY.replace(hour=hour) + timedelta(days=day)).isoformat()
            for name, hour in (("starts_at", 10), ("ends_at", 12))
        }
        booked(people.alice, **when)
        booked(people.charlie, **SECRET, **when)
        browser.get(f"/calendar/?by={by}")
        with CaptureQueriesContext(connection) as captured:
            browser.get(f"/calendar/?by={by}")
        counts.append(len(captured))

    assert counts == [queries] * 3
