"""A calendar program that subscribes: it reads the feed again and again, and believes UID and SEQUENCE alone.

Whatever happens to a reservation, such a program shows at the end what a fresh import shows: nothing changes that its
SEQUENCE does not tell, nothing changes its name, and what was withdrawn is told so.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from portal.accounts.models import CalendarFeed, User
from portal.calendars.contents import events_of, name_of
from portal.calendars.events import calendar_text
from scheduler.models import Membership, Reservation
from scheduler.services.cancel import cancel
from scheduler.services.check_in import check_in
from scheduler.services.confirm import confirm
from scheduler.services.extend import extend
from scheduler.services.release import release
from scheduler.states import ProjectRole
from tests.scheduler.conftest import house  # noqa: F401 - the same house
from tests.scheduler.services.house import H100, L40S, MONDAY, House

TEN, NOON = MONDAY + timedelta(hours=2), MONDAY + timedelta(hours=4)
NOT_MEANING = {"DTSTAMP", "LAST-MODIFIED", "SEQUENCE"}
ONCE = {"UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "STATUS", "SUMMARY", "TRANSP", "LAST-MODIFIED"}
SCOPES = ("mine", "project", "pool")


def read(feed: CalendarFeed, now: datetime) -> Calendar:
    events = events_of(feed=feed, now=now)
    assert events is not None
    return Calendar.from_ical(calendar_text(name=name_of(feed), events=events))


def meaning(event: Any) -> dict[str, str]:
    return {name: event[name].to_ical().decode() for name in event if name not in NOT_MEANING}


class Program:
    """Keeps events by UID and takes another text of one only where its SEQUENCE is higher."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def subscribe(self, calendar: Calendar) -> None:
        fresh = {str(event["UID"]): event for event in calendar.walk("VEVENT")}
        self.kept = {uid: self._newer(uid, event) for uid, event in fresh.items()}
        assert {uid: meaning(one) for uid, one in self.kept.items()} == {
            uid: meaning(one) for uid, one in fresh.items()
        }

    def _newer(self, uid: str, event: Any) -> Any:
        before = self.kept.get(uid)
        return event if before is None or int(event["SEQUENCE"]) > int(before["SEQUENCE"]) else before


def feeds(house: House, user: User) -> list[CalendarFeed]:  # noqa: F811 - pytest's way to name a fixture
    """Not kept: only what is read through them counts here."""
    project = Membership.objects.get(user=user).project
    mine = CalendarFeed(user=user)
    return [mine, CalendarFeed(user=user, project=project), CalendarFeed(user=user, pool=house.pool)]


def life(house: House) -> list[Callable[[], object]]:  # noqa: F811
    """One that is held, confirmed, extended, used and given back early; another that is withdrawn."""
    by, times = house.by(house.alice), {"starts_at": TEN.isoformat(), "ends_at": NOON.isoformat()}
    made: dict[str, Reservation] = {}

    def book(name: str, **more: Any) -> None:
        made[name] = house.book({L40S: 2}, title=f"Alice's {name}", **times, **more)

    def at(moment: datetime) -> None:
        house.clock.now = max(moment, house.clock.now)
        house.settle()

    def act(verb: Callable[..., Reservation], name: str, **more: Any) -> None:
        made[name].refresh_from_db()
        verb(reservation=made[name], by=by, now=house.clock.now, **more)

    return [
        lambda: book("first", hold_minutes=10),
        lambda: act(confirm, "first"),
        lambda: book("second"),
        lambda: act(extend, "first", ends_at=NOON + timedelta(hours=1)),
        lambda: act(cancel, "second", reason="not needed"),
        lambda: at(TEN),
        lambda: act(check_in, "first"),
        lambda: act(release, "first"),
        lambda: at(TEN + timedelta(minutes=1)),
    ]


@pytest.mark.parametrize("scope", SCOPES)
def test_a_program_that_follows_shows_what_a_fresh_import_shows(house: House, scope: str) -> None:  # noqa: F811
    feed, program = feeds(house, house.alice)[SCOPES.index(scope)], Program()
    told: list[list[str]] = []

    for step in life(house):
        step()
        program.subscribe(read(feed, house.clock.now))
        told.append(sorted(str(event["STATUS"]) for event in program.kept.values()))

    assert told == [
        ["TENTATIVE"],
        ["CONFIRMED"],
        ["CONFIRMED", "CONFIRMED"],
        ["CONFIRMED", "CONFIRMED"],
        ["CANCELLED", "CONFIRMED"],
        ["CANCELLED", "CONFIRMED"],
        ["CANCELLED", "CONFIRMED"],
        ["CANCELLED", "CONFIRMED"],
        ["CANCELLED", "CONFIRMED"],
    ]
    assert {uid.partition("@")[0] for uid in program.kept} == set(Reservation.objects.values_list("code", flat=True))


def test_a_stranger_follows_the_pool_and_learns_no_name(house: House) -> None:  # noqa: F811
    feed, program = feeds(house, house.charlie)[SCOPES.index("pool")], Program()
    codes: set[str] = set()

    for step in life(house):
        step()
        calendar = read(feed, house.clock.now)
        program.subscribe(calendar)
        codes |= set(Reservation.objects.values_list("code", flat=True))
        text = calendar.to_ical().decode()
        assert [word for word in ("alice", "Alice", "team-chat", "L40S", *codes) if word in text] == []

    assert [str(event["SUMMARY"]) for event in program.kept.values()] == ["Busy"]


def test_every_feed_is_well_formed_and_needs_no_zone_that_it_does_not_bring(house: House) -> None:  # noqa: F811
    """Each property of an event once, a calendar's own as the standard asks, every time in UTC: RFC 5545, 3.6.1."""
    house.book({H100: 2}, starts_at=TEN.isoformat(), title="Long; title, with \\ signs " + "ü" * 80)
    house.book({L40S: 1}, starts_at=TEN.isoformat(), project="team-research")
    Membership.objects.create(user=house.alice, project=_research(house), role=ProjectRole.VIEWER)

    for feed in (*feeds_of_alice(house), *feeds(house, house.charlie)):
        calendar = read(feed, house.clock.now)

        assert (str(calendar["VERSION"]), str(calendar["METHOD"])) == ("2.0", "PUBLISH")
        assert (calendar.get_used_tzids(), calendar.get_missing_tzids(), calendar.errors) == (set(), set(), [])
        events = calendar.walk("VEVENT")
        assert events != []
        for event in events:
            assert event.errors == []
            assert ONCE - event.keys() == set()
            assert [name for name, value in event.items() if isinstance(value, list)] == []
            assert event.decoded("DTSTART").tzinfo is not None
            assert event["DTSTART"].to_ical().endswith(b"Z")
            assert event.decoded("DTEND") > event.decoded("DTSTART")
            assert str(event["STATUS"]) in {"TENTATIVE", "CONFIRMED", "CANCELLED"}


def test_an_hour_that_comes_twice_in_the_readers_zone_is_the_right_one(house: House) -> None:  # noqa: F811
    """Berlin, 27 October 2030: from half past two, the second time, for an hour."""
    house.clock.now = datetime(2030, 10, 26, 12, tzinfo=UTC)
    begin = datetime(2030, 10, 27, 1, 30, tzinfo=UTC)
    house.book({L40S: 1}, starts_at=begin.isoformat(), ends_at=(begin + timedelta(hours=1)).isoformat())

    (event,) = read(CalendarFeed(user=house.alice), house.clock.now).walk("VEVENT")

    local = event.decoded("DTSTART").astimezone(ZoneInfo("Europe/Berlin"))
    assert (local.isoformat(), local.fold) == ("2030-10-27T02:30:00+01:00", 1)
    assert event.decoded("DTEND") - event.decoded("DTSTART") == timedelta(hours=1)


def feeds_of_alice(house: House) -> list[CalendarFeed]:  # noqa: F811
    chat = Membership.objects.get(user=house.alice, project__slug="team-chat").project
    return [
        CalendarFeed(user=house.alice),
        CalendarFeed(user=house.alice, project=chat),
        CalendarFeed(user=house.alice, pool=house.pool),
    ]


def _research(house: House) -> Any:  # noqa: F811
    return Membership.objects.get(user=house.charlie).project
