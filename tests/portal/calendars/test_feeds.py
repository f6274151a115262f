"""A calendar's address: made once, shown once, replaced, removed; what it shows is what its user may see now."""

import logging
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from fabric.models import Pool
from portal.accounts.models import CalendarFeed, User
from portal.calendars.contents import STATUSES
from portal.calendars.feeds import feeds_of, make, remove, rotate
from scheduler import limits
from scheduler.models import JournalEntry, Maintenance, Membership, Project, Reservation
from scheduler.refusals import Invalid
from scheduler.requests import Actor
from scheduler.services.cancel import cancel
from scheduler.states import ReservationState
from tests.portal.cast import MONDAY, Cast, wish
from tests.portal.web.world import booked

TEN, NOON = datetime(2030, 5, 13, 10, tzinfo=UTC), datetime(2030, 5, 13, 12, tzinfo=UTC)
BY = Actor(name="test")
OTHERS = {"project": "team-research", "title": "A secret title"}


def made(user: User, *, project: Project | None = None, pool: Pool | None = None) -> str:
    return make(user=user, project=project, pool=pool, by=BY, now=MONDAY)[1]


def read(secret: str, **headers: str) -> HttpResponse:
    return Client().get(
        f"/calendar/{secret}.ics", headers={name.replace("_", "-"): text for name, text in headers.items()}
    )


def events(secret: str) -> list[Any]:
    found: list[Any] = Calendar.from_ical(read(secret).content).walk("VEVENT")
    return found


def on_day(days: int) -> dict[str, str]:
    """Ten to twelve, so many days after Monday."""
    return {name: (at + timedelta(days=days)).isoformat() for name, at in (("starts_at", TEN), ("ends_at", NOON))}


def summaries(secret: str) -> list[str]:
    return sorted(str(event["SUMMARY"]) for event in events(secret))


def test_ones_own_reservation_is_told_field_for_field(people: Cast) -> None:
    one = booked(people.alice, title="Load test")

    (event,) = events(made(people.alice))

    assert {
        name: str(event[name]) for name in event if name not in ("DTSTART", "DTEND", "DTSTAMP", "LAST-MODIFIED")
    } == {
        "UID": f"{one.code}@127.0.0.1",
        "SEQUENCE": str(one.version),
        "SUMMARY": "Load test",
        "DESCRIPTION": "Confirmed.\n2\u00a0×\u00a0NVIDIA L40S 48GB\nProject: Chat service\nBooked by: alice",
        "LOCATION": "Small lab",
        "STATUS": "CONFIRMED",
        "TRANSP": "OPAQUE",
        "URL": "http" + f"://127.0.0.1:8000/reservations/{one.code}/",
    }
    assert [event.decoded(name) for name in ("DTSTART", "DTEND", "DTSTAMP", "LAST-MODIFIED")] == [
        TEN,
        NOON,
        MONDAY,
        MONDAY,
    ]


def test_each_scope_shows_its_own(people: Cast) -> None:
    booked(people.alice, title="Alice's")
    booked(people.bob, title="Bob's")
    booked(people.charlie, **OTHERS)

    assert summaries(made(people.alice)) == ["Alice's"]
    assert summaries(made(people.alice, project=people.chat)) == ["Alice's", "Bob's"]
    assert summaries(made(people.alice, pool=people.pool)) == ["Alice's", "Bob's", "Busy"]


def test_of_others_nothing_is_told_but_that_it_is_busy_with_its_padding(people: Cast) -> None:
    other = booked(people.charlie, **OTHERS)

    secret = made(people.alice, pool=people.pool)

    (event,) = events(secret)
    assert {name: str(event[name]) for name in ("SUMMARY", "STATUS", "LOCATION")} == {
        "SUMMARY": "Busy",
        "STATUS": "CONFIRMED",
        "LOCATION": "Small lab",
    }
    assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (other.busy_from, other.busy_until)
    assert set(event) == {
        "UID", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED", "DTSTART", "DTEND", "SUMMARY", "STATUS", "TRANSP", "LOCATION",
    }  # fmt: skip
    assert re.fullmatch(r"busy-[0-9a-f]{32}@127\.0\.0\.1", str(event["UID"]))
    for word in (other.code, "secret", "research", "charlie", "L40S"):
        assert word not in read(secret).content.decode()


def test_what_others_called_off_is_gone_and_their_holds_look_like_any_other(people: Cast) -> None:
    booked(people.charlie, **OTHERS, hold_minutes=10)
    gone = booked(people.charlie, **OTHERS, mix=wish(1)["mix"])
    cancel(reservation=gone, by=BY, now=MONDAY)

    assert [str(event["STATUS"]) for event in events(made(people.alice, pool=people.pool))] == ["CONFIRMED"]


def test_every_state_has_a_status() -> None:
    assert {state.value: STATUSES[state].value for state in ReservationState} == {
        "waitlisted": "TENTATIVE",
        "held": "TENTATIVE",
        "pending_approval": "TENTATIVE",
        "confirmed": "CONFIRMED",
        "composing": "CONFIRMED",
        "active": "CONFIRMED",
        "releasing": "CONFIRMED",
        "ended": "CONFIRMED",
        "cancelled": "CANCELLED",
        "expired": "CANCELLED",
        "rejected": "CANCELLED",
        "failed": "CANCELLED",
    }


def test_a_cancelled_one_keeps_its_name_counts_on_and_is_forgotten_after_thirty_days(people: Cast) -> None:
    one, secret = booked(people.alice, title="Load test"), made(people.alice)
    (before,) = events(secret)
    cancel(reservation=one, by=BY, now=MONDAY)

    (after,) = events(secret)

    assert (str(after["STATUS"]), str(after["TRANSP"]), str(after["UID"])) == (
        "CANCELLED",
        "TRANSPARENT",
        str(before["UID"]),
    )
    assert after["SEQUENCE"] > before["SEQUENCE"]
    Reservation.objects.update(finished_at=MONDAY - timedelta(days=30))
    assert events(secret) == []


def test_one_that_was_given_back_early_ends_when_it_did(people: Cast) -> None:
    booked(people.alice)
    Reservation.objects.update(state="ended", finished_at=TEN + timedelta(minutes=30))

    (event,) = events(made(people.alice))

    assert (event.decoded("DTEND"), str(event["STATUS"])) == (TEN + timedelta(minutes=30), "CONFIRMED")


def test_a_pools_maintenance_is_in_its_feed(people: Cast) -> None:
    planned = {"pool": people.pool, "scope": "rack", "target": "rack-1", "starts_at": TEN, "ends_at": NOON}
    told = {"reason": "New fans", "created_by_name": "olga", "created_at": MONDAY}
    Maintenance.objects.create(code="m-1", **planned, **told)
    Maintenance.objects.create(code="m-2", **planned, **told, is_cancelled=True, finished_at=MONDAY)

    found = events(made(people.charlie, pool=people.pool))

    assert [(str(one["UID"]), str(one["SUMMARY"]), one["SEQUENCE"], str(one["STATUS"])) for one in found] == [
        ("m-1@127.0.0.1", "Maintenance: Rack rack-1", 0, "CONFIRMED"),
        ("m-2@127.0.0.1", "Maintenance: Rack rack-1", 1, "CANCELLED"),
    ]


def test_who_leaves_a_project_reads_its_calendar_no_more_and_own_ones_without_it(people: Cast) -> None:
    booked(people.bob)
    of_project, own = made(people.bob, project=people.chat), made(people.bob)
    Membership.objects.filter(user=people.bob).delete()

    assert read(of_project).status_code == 404
    assert events(own) == []


def test_a_closed_account_has_no_calendar(people: Cast) -> None:
    secret = made(people.bob)
    User.objects.filter(pk=people.bob.pk).update(is_active=False)

    assert read(secret).status_code == 404


def test_an_operator_who_sees_every_project_reads_everything_by_name(people: Cast) -> None:
    booked(people.charlie, **OTHERS)

    assert summaries(made(people.olga, pool=people.pool)) == ["A secret title"]


def test_the_answer_is_for_its_reader_alone_and_is_not_sent_twice(people: Cast) -> None:
    booked(people.alice)
    secret = made(people.alice)
    first = read(secret)

    again = read(secret, If_None_Match=first["ETag"])

    assert {name: first[name] for name in ("Content-Type", "Cache-Control", "Referrer-Policy", "X-Robots-Tag")} == {
        "Content-Type": "text/calendar; charset=utf-8",
        "Cache-Control": "private, no-cache",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex, nofollow, noarchive",
    }
    assert "Set-Cookie" not in first
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    booked(people.bob, project="team-chat")
    assert read(secret)["ETag"] == first["ETag"]
    booked(people.alice)
    assert read(secret, If_None_Match=first["ETag"]).status_code == 200


@pytest.mark.parametrize("secret", ["a" * 43, "short", "a" * 400, "%00" + "a" * 40, "..", "é" * 43])
def test_an_unknown_address_is_nothing(people: Cast, secret: str) -> None:
    response = read(secret)

    assert response.status_code == 404
    assert response["X-Robots-Tag"] == "noindex, nofollow, noarchive"


def test_only_reading_is_allowed(people: Cast) -> None:
    secret = made(people.alice)
    client = Client(enforce_csrf_checks=True)

    assert client.head(f"/calendar/{secret}.ics").status_code == 200
    for method in ("post", "put", "delete", "options"):
        assert getattr(client, method)(f"/calendar/{secret}.ics").status_code == 405


def test_when_it_was_read_is_noted_at_most_once_a_minute(people: Cast) -> None:
    secret = made(people.alice)

    read(secret)
    feed = CalendarFeed.objects.get()
    with CaptureQueriesContext(connection) as captured:
        read(secret)

    assert feed.last_read_at == MONDAY
    assert [query["sql"] for query in captured if "UPDATE" in query["sql"]] == []
    CalendarFeed.objects.update(last_read_at=MONDAY - timedelta(seconds=60))
    read(secret)
    assert CalendarFeed.objects.get().last_read_at == MONDAY


def test_the_secret_is_kept_and_told_nowhere(people: Cast, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    browser = people.browser("alice")

    secret = str(browser.post("/account/calendars/make/", {"scope": "mine"}).context["made"].address)[-47:-4]
    feed = CalendarFeed.objects.get()
    second = str(browser.post(f"/account/calendars/{feed.prefix}/rotate/").context["made"].address)[-47:-4]
    for known in (secret, second):
        for method in ("get", "post"):
            getattr(Client(enforce_csrf_checks=True), method)(f"/calendar/{known}.ics")
    browser.post(f"/account/calendars/{feed.prefix}/remove/")

    entries = JournalEntry.objects.filter(kind__startswith="calendar.").order_by("id")
    assert [(entry.kind, entry.message, entry.reference) for entry in entries] == [
        ("calendar.made", "A calendar address of own reservations was made for alice.", feed.prefix),
        ("calendar.made", "The calendar address of own reservations of alice was replaced.", feed.prefix),
        ("calendar.removed", "The calendar address of own reservations of alice was removed.", feed.prefix),
    ]
    told = [str(entry.facts) + entry.message + entry.reference for entry in entries] + [
        record.getMessage() + str(record.args) for record in caplog.records if not record.name.startswith("django.db")
    ]
    for known in (secret, second):
        assert len(known) == 43
        assert known not in feed.secret_sha256
        assert [words for words in told if known in words] == []


def test_what_goes_wrong_inside_is_logged_without_the_address(
    people: Cast, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = made(people.alice)

    def broken(**_: object) -> None:
        raise RuntimeError("no such luck")

    monkeypatch.setattr("portal.web.views.feed_file.events_of", broken)

    response = read(secret)

    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert [record for record in caplog.records if secret in record.getMessage() + str(record.args)] == []


def test_a_new_address_ends_the_old_one_at_once(people: Cast) -> None:
    feed, old = make(user=people.alice, by=BY, now=MONDAY)

    new = rotate(feed=feed, by=BY, now=MONDAY)

    assert (read(old).status_code, read(new).status_code) == (404, 200)
    remove(feed=feed, by=BY, now=MONDAY)
    remove(feed=feed, by=BY, now=MONDAY)
    assert read(new).status_code == 404
    assert JournalEntry.objects.filter(kind="calendar.removed").count() == 1


def test_there_is_one_of_each_and_at_most_so_many(people: Cast) -> None:
    made(people.alice, pool=people.pool)

    with pytest.raises(Invalid) as twice:
        made(people.alice, pool=people.pool)
    for nth in range(limits.CALENDAR_FEEDS_PER_USER_MAX - 1):
        made(people.alice, project=Project.objects.create(slug=f"p-{nth}", name="P"))
    with pytest.raises(Invalid) as full:
        made(people.alice)

    assert [(error.field, error.code) for error in (*twice.value.errors, *full.value.errors)] == [
        ("scope", "exists"),
        ("scope", "too_large"),
    ]
    assert feeds_of(people.alice).count() == limits.CALENDAR_FEEDS_PER_USER_MAX


@pytest.mark.parametrize("there", [1, 3])
def test_it_asks_the_same_for_one_and_for_three(people: Cast, there: int) -> None:
    for days in range(there):
        booked(people.alice, **on_day(days))
        booked(people.charlie, **OTHERS, **on_day(days))
    secret = made(people.alice, pool=people.pool)
    read(secret)

    with CaptureQueriesContext(connection) as captured:
        assert len(events(secret)) == 2 * there

    assert len(captured) == 5


def test_where_there_is_too_much_the_nearest_is_kept(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for title, days in (("Next week", 7), ("Tomorrow", 1), ("Now", 0)):
        booked(people.alice, title=title, **on_day(days))
    monkeypatch.setattr(limits, "CALENDAR_EVENTS_MAX", 2)

    assert summaries(made(people.alice)) == ["Now", "Tomorrow"]
