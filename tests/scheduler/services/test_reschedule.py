"""Another window before it begins: planned anew, or everything as it was."""

from datetime import datetime, timedelta

import pytest

from scheduler.models import Allocation, JournalEntry, Reservation
from scheduler.refusals import Invalid, Refused, Stale, WrongState
from scheduler.services.reschedule import reschedule, rescheduling
from scheduler.states import ReservationState
from tests.scheduler.services.extending import NOON, ONE, PADDING, TEN, TWO, assert_holds
from tests.scheduler.services.house import H100, L40S, MONDAY, House

HOUR = timedelta(hours=1)


def to(house: House, reservation: Reservation, starts_at: datetime, **more: object) -> Reservation:
    return reschedule(
        reservation=reservation, starts_at=starts_at, by=house.by(house.alice), now=house.clock.now, **more
    )


def test_it_begins_then_and_lasts_as_long(house: House) -> None:
    mine = house.book({H100: 8}, starts_at=TEN.isoformat())
    usd = mine.price["usd"]

    to(house, mine, ONE)

    assert (mine.starts_at, mine.ends_at, mine.state, mine.version) == (ONE, ONE + 2 * HOUR, "confirmed", 2)
    assert (mine.busy_from, mine.busy_until) == (ONE - PADDING, ONE + 2 * HOUR + PADDING)
    assert (mine.next_due_at, mine.price["usd"]) == (mine.busy_from, usd)
    spans = {(row.during.lower, row.during.upper) for row in Allocation.objects.filter(reservation=mine)}
    assert spans == {(mine.busy_from, mine.busy_until)}
    house.book({H100: 8}, project="team-research", starts_at=TEN.isoformat())
    assert_holds(house)


def test_it_may_overlap_the_window_it_had_and_last_longer(house: House) -> None:
    """All eight there are, of which it holds every one itself."""
    mine = house.book({H100: 8}, starts_at=TEN.isoformat())
    usd = float(mine.price["usd"])

    to(house, mine, TEN + HOUR, ends_at=TEN + 5 * HOUR)

    assert (mine.starts_at, mine.ends_at, float(mine.price["usd"])) == (TEN + HOUR, TEN + 5 * HOUR, 2 * usd)
    assert mine.request["starts_at"] == (TEN + HOUR).isoformat()
    assert_holds(house)


def test_where_it_does_not_fit_it_stays_where_it_is_and_other_starts_are_named(house: House) -> None:
    mine = house.book({H100: 8}, starts_at=TEN.isoformat())
    house.book({H100: 8}, project="team-research", starts_at=ONE.isoformat())

    with pytest.raises(Refused) as caught:
        to(house, mine, NOON)

    assert "DEVICE_BUSY" in {one.code.value for one in caught.value.refusals}
    mine.refresh_from_db()
    assert (mine.starts_at, mine.version) == (TEN, 1)
    other = caught.value.alternatives[0]
    to(house, mine, datetime.fromisoformat(other.request["starts_at"]))
    assert (mine.starts_at, mine.version) == (other.starts_at, 2)
    assert_holds(house)


def test_it_is_told_and_said_before(house: House) -> None:
    mine = house.book({L40S: 2}, starts_at=TEN.isoformat())

    by = house.by(house.alice)
    found = rescheduling(reservation=mine, starts_at=TWO, ends_at=None, by=by, now=house.clock.now)
    assert Reservation.objects.get(pk=mine.pk).starts_at == TEN
    to(house, mine, TWO)

    assert (found.starts_at, found.ends_at, str(found.usd), found.refusals) == (
        TWO,
        TWO + 2 * HOUR,
        mine.price["usd"],
        (),
    )
    entry = JournalEntry.objects.get(kind="reservation.rescheduled")
    assert entry.message == "Moved to another window: 2030-05-13 14:00 to 2030-05-13 16:00 UTC."
    assert (entry.facts["from"], entry.facts["to"]) == (
        [TEN.isoformat(), NOON.isoformat()],
        [TWO.isoformat(), (TWO + 2 * HOUR).isoformat()],
    )


def test_a_start_in_the_past_is_refused_in_the_words_of_a_booking(house: House) -> None:
    mine = house.book({L40S: 1}, starts_at=TEN.isoformat())

    with pytest.raises(Invalid) as caught:
        to(house, mine, MONDAY - HOUR)

    assert [(error.field, error.code) for error in caught.value.errors] == [("starts_at", "past")]


def test_moved_to_now_it_is_composed_at_once(house: House) -> None:
    mine = house.book({L40S: 1}, starts_at=TEN.isoformat())

    to(house, mine, house.clock.now)
    house.settle()

    mine.refresh_from_db()
    assert (mine.state, mine.is_now) == ("active", True)


def test_the_rules_of_every_booking_are_asked(house: House) -> None:
    mine = house.book({L40S: 1}, starts_at=TEN.isoformat())
    policy = house.pool.policy

    with pytest.raises(Refused) as far:
        to(house, mine, MONDAY + timedelta(days=policy["horizon_days"] + 1))
    with pytest.raises(Refused) as long:
        to(house, mine, TEN, ends_at=TEN + timedelta(hours=policy["max_duration_hours"] + 1))

    assert [one.code.value for one in far.value.refusals] == ["HORIZON"]
    assert [one.code.value for one in long.value.refusals] == ["TOO_LONG"]


def test_asked_for_again_it_changes_nothing_and_its_ceiling_moves_with_it(house: House) -> None:
    mine = house.book({L40S: 1}, starts_at=TEN.isoformat())
    Reservation.objects.filter(pk=mine.pk).update(auto_extend_until=TWO)

    to(house, mine, ONE, expected_version=1)
    to(house, mine, ONE, expected_version=1)

    assert (mine.version, mine.auto_extend_until) == (2, TWO + 3 * HOUR)
    assert JournalEntry.objects.filter(kind="reservation.rescheduled").count() == 1


def test_a_hold_stays_one_and_expires_when_it_did(house: House) -> None:
    mine = house.book({L40S: 1}, starts_at=TEN.isoformat(), hold_minutes=10)

    to(house, mine, ONE)

    assert (mine.state, mine.next_due_at) == ("held", mine.hold_expires_at)


def test_who_saw_an_older_version_is_told_of_the_present_one(house: House) -> None:
    mine = house.book({L40S: 1}, starts_at=TEN.isoformat())

    with pytest.raises(Stale, match="version 1"):
        to(house, mine, ONE, expected_version=7)


@pytest.mark.parametrize("state", [one for one in ReservationState if one not in ("held", "confirmed")])
def test_what_has_begun_is_where_it_is(house: House, state: ReservationState) -> None:
    mine = house.book({L40S: 1}, starts_at=TEN.isoformat())
    Reservation.objects.filter(pk=mine.pk).update(state=state)

    with pytest.raises(WrongState, match=state.replace("_", " ")):
        to(house, mine, ONE)
