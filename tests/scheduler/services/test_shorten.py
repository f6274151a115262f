"""End sooner: what is not given is neither held nor charged, and every end that makes no sense is named."""

from datetime import datetime, timedelta

import pytest

from scheduler.models import Allocation, JournalEntry, Reservation
from scheduler.planning.plan import plan_from_wire
from scheduler.refusals import Invalid, Refused, Stale, WrongState
from scheduler.services.shorten import shorten, shortening
from scheduler.states import EXTENDABLE, ReservationState
from tests.scheduler.services.extending import NOON, ONE, TEN, assert_holds
from tests.scheduler.services.house import H100, L40S, House

ELEVEN = TEN + timedelta(hours=1)


def sooner(house: House, reservation: Reservation, ends_at: datetime, **more: object) -> Reservation:
    return shorten(reservation=reservation, ends_at=ends_at, by=house.by(house.alice), now=house.clock.now, **more)


def test_it_ends_sooner_and_its_devices_are_free_from_then_on(house: House) -> None:
    mine = house.book({H100: 8}, starts_at=TEN.isoformat())
    before, usd = Reservation.objects.get(pk=mine.pk), float(mine.price["usd"])

    sooner(house, mine, ELEVEN)

    assert (mine.ends_at, mine.busy_until) == (ELEVEN, before.busy_until - timedelta(hours=1))
    assert (plan_from_wire(mine.plan).nodes, mine.version) == (plan_from_wire(before.plan).nodes, 2)
    assert (float(mine.price["usd"]), mine.price["hours"]) == (round(usd / 2, 2), "1.0000")
    assert {row.during.upper for row in Allocation.objects.filter(reservation=mine)} == {mine.busy_until}
    house.book({H100: 8}, project="team-research", starts_at=(NOON - timedelta(minutes=30)).isoformat())
    assert_holds(house)


def test_one_in_use_is_reminded_and_ends_then(house: House) -> None:
    mine = house.book({L40S: 1}, duration_minutes=180)
    house.settle()
    mine.refresh_from_db()
    ends_at = house.clock.now + timedelta(minutes=40)

    sooner(house, mine, ends_at)

    assert (mine.state, mine.next_due_at) == ("active", ends_at - timedelta(minutes=30))
    house.clock.now = ends_at
    house.settle()
    mine.refresh_from_db()
    assert mine.state == "ended"


def test_it_is_told_and_said_before(house: House) -> None:
    mine = house.book({H100: 4}, starts_at=TEN.isoformat())

    found = shortening(reservation=mine, ends_at=ELEVEN, now=house.clock.now)
    sooner(house, mine, ELEVEN)

    entry = JournalEntry.objects.get(kind="reservation.shortened")
    assert entry.message == "Shortened by 60 minutes: it ends 2030-05-13 11:00 UTC."
    assert (str(found.usd), found.saved_usd, found.refusals) == (mine.price["usd"], found.usd, ())


def test_asked_for_again_it_changes_nothing_and_it_extends_itself_no_more(house: House) -> None:
    mine = house.book({L40S: 1}, starts_at=TEN.isoformat())
    Reservation.objects.filter(pk=mine.pk).update(auto_extend_until=ONE)

    sooner(house, mine, ELEVEN, expected_version=1)
    sooner(house, mine, ELEVEN, expected_version=1)

    assert (mine.version, mine.auto_extend_until) == (2, None)
    assert JournalEntry.objects.filter(kind="reservation.shortened").count() == 1


@pytest.mark.parametrize(
    ("ends_at", "code"), [(ONE, "inverted"), (TEN, "inverted"), (TEN - timedelta(hours=1), "inverted")]
)
def test_an_end_outside_its_window_is_named_with_its_remedy(house: House, ends_at: datetime, code: str) -> None:
    mine = house.book({L40S: 1}, starts_at=TEN.isoformat())

    with pytest.raises(Invalid) as caught:
        sooner(house, mine, ends_at)

    assert [(error.field, error.code) for error in caught.value.errors] == [("ends_at", code)]


def test_what_is_over_is_no_end(house: House) -> None:
    mine = house.book({L40S: 1}, duration_minutes=180)
    house.settle()
    house.clock.now += timedelta(hours=2)

    with pytest.raises(Invalid, match="end it early instead"):
        sooner(house, mine, house.clock.now)


def test_before_it_begins_the_least_length_counts_and_in_use_it_does_not(house: House) -> None:
    policy = {**house.pool.policy, "min_duration_minutes": 60}
    type(house.pool).objects.filter(pk=house.pool.pk).update(policy=policy, inventory_generation=99)
    mine = house.book({L40S: 1}, starts_at=TEN.isoformat())

    with pytest.raises(Refused) as caught:
        sooner(house, mine, TEN + timedelta(minutes=30))
    assert [(one.code.value, one.field, one.need, one.have) for one in caught.value.refusals] == [
        ("TOO_SHORT", "ends_at", 60, 30)
    ]

    house.clock.now = TEN - timedelta(minutes=5)
    house.settle()
    house.clock.now = TEN + timedelta(minutes=1)
    assert sooner(house, mine, TEN + timedelta(minutes=30)).ends_at == TEN + timedelta(minutes=30)


def test_who_saw_an_older_version_is_told_of_the_present_one(house: House) -> None:
    mine = house.book({L40S: 1}, starts_at=TEN.isoformat())

    with pytest.raises(Stale, match="version 1"):
        sooner(house, mine, ELEVEN, expected_version=7)


@pytest.mark.parametrize("state", [state for state in ReservationState if state not in EXTENDABLE])
def test_in_every_other_state_there_is_nothing_to_shorten(house: House, state: ReservationState) -> None:
    mine = house.book({L40S: 1}, starts_at=TEN.isoformat())
    Reservation.objects.filter(pk=mine.pk).update(state=state)

    with pytest.raises(WrongState, match=state.replace("_", " ")):
        sooner(house, mine, ELEVEN)
