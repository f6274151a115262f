"""It extends itself in time and in steps, up to its ceiling; where it cannot, its people are told in time."""

from datetime import datetime, timedelta

import pytest

from scheduler.models import JournalEntry, Notice, Reservation
from scheduler.refusals import Invalid, Refused, Stale, WrongState
from scheduler.services._auto_extending import extend_due
from scheduler.services.auto_extend import auto_extend
from scheduler.services.cancel import cancel
from scheduler.services.check_in import check_in
from scheduler.states import ReservationState
from tests.scheduler.services.extending import NOON, ONE, TEN, TWO, assert_holds
from tests.scheduler.services.house import H100, L40S, House

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def until(house: House, reservation: Reservation, at: datetime | None, **more: object) -> Reservation:
    return auto_extend(reservation=reservation, until=at, by=house.by(house.alice), now=house.clock.now, **more)


def ends(house: House, reservation: Reservation, at: datetime) -> datetime:
    """After beat has looked at that moment."""
    house.clock.now = at
    house.settle()
    extend_due(now=house.clock.now)
    reservation.refresh_from_db()
    return reservation.ends_at


@pytest.fixture
def active(house: House) -> Reservation:
    """All eight H100 from ten to twelve, and somebody is there."""
    mine = house.book({H100: 8}, starts_at=TEN.isoformat())
    house.clock.now = TEN
    house.settle()
    check_in(reservation=mine, by=house.by(house.alice), now=house.clock.now)
    return mine


def test_an_hour_at_a_time_until_its_ceiling(house: House, active: Reservation) -> None:
    until(house, active, NOON + 90 * MINUTE)

    assert ends(house, active, NOON - 46 * MINUTE) == NOON
    assert ends(house, active, NOON - 45 * MINUTE) == ONE
    assert ends(house, active, NOON) == ONE
    assert ends(house, active, ONE - 45 * MINUTE) == ONE + 30 * MINUTE
    assert ends(house, active, ONE) == ONE + 30 * MINUTE
    told = JournalEntry.objects.filter(kind="reservation.extended").order_by("id")
    assert [entry.message.split(":")[0] for entry in told] == [
        "Extended itself by 60 minutes",
        "Extended itself by 30 minutes",
    ]
    assert_holds(house)


def test_where_somebody_follows_it_lasts_as_long_as_it_fits_and_then_its_people_are_told_once(
    house: House, active: Reservation
) -> None:
    house.book({H100: 8}, project="team-research", starts_at=(NOON + 40 * MINUTE).isoformat())
    until(house, active, TWO)

    assert ends(house, active, NOON - 45 * MINUTE) == NOON + 30 * MINUTE
    assert ends(house, active, NOON - 15 * MINUTE) == NOON + 30 * MINUTE
    assert ends(house, active, NOON - 14 * MINUTE) == NOON + 30 * MINUTE
    entry = JournalEntry.objects.get(kind="reservation.not_extended")
    assert entry.message.startswith("It does not extend itself and ends 2030-05-13 12:30 UTC. ")
    assert "somebody else's before it would be given back" in entry.message
    assert Notice.objects.filter(entry=entry, user=house.alice).count() == 1


def test_what_is_free_again_is_taken_after_all(house: House, active: Reservation) -> None:
    following = house.book({H100: 8}, project="team-research", starts_at=(NOON + 10 * MINUTE).isoformat())
    until(house, active, ONE)
    assert ends(house, active, NOON - 40 * MINUTE) == NOON

    cancel(reservation=following, by=house.by(house.charlie), now=house.clock.now)

    assert ends(house, active, NOON - 39 * MINUTE) == ONE


def test_what_nobody_uses_does_not_extend_itself(house: House, active: Reservation) -> None:
    until(house, active, ONE)
    Reservation.objects.filter(pk=active.pk).update(idle_since=TEN, idle_warned_at=TEN)

    assert ends(house, active, NOON - 45 * MINUTE) == NOON
    assert "Nothing of it has been busy" in JournalEntry.objects.get(kind="reservation.not_extended").message


def test_it_can_be_stopped_and_asked_for_again_it_changes_nothing(house: House, active: Reservation) -> None:
    until(house, active, ONE)
    version = active.version
    until(house, active, ONE, expected_version=1)
    assert active.version == version

    until(house, active, None)

    assert ends(house, active, NOON - 45 * MINUTE) == NOON
    told = JournalEntry.objects.filter(kind="reservation.auto_extend_set").order_by("id")
    assert [entry.message for entry in told] == [
        "It extends itself, while it fits, until 2030-05-13 13:00 UTC.",
        "It extends itself no more.",
    ]


@pytest.mark.parametrize(
    ("at", "code"), [(NOON, "inverted"), (TEN + timedelta(days=367), "too_large")], ids=["its end", "a year"]
)
def test_a_ceiling_that_makes_no_sense_is_named(house: House, at: datetime, code: str) -> None:
    mine = house.book({L40S: 1}, starts_at=TEN.isoformat())

    with pytest.raises(Invalid) as caught:
        until(house, mine, at)

    assert [(error.field, error.code) for error in caught.value.errors] == [("until", code)]


def test_a_ceiling_beyond_the_policy_is_refused_when_it_is_set(house: House) -> None:
    mine = house.book({L40S: 1}, starts_at=TEN.isoformat())
    most = house.pool.policy["max_duration_hours"]

    with pytest.raises(Refused) as caught:
        until(house, mine, TEN + timedelta(hours=most + 1))

    assert [(one.code.value, one.field, one.need, one.have) for one in caught.value.refusals] == [
        ("TOO_LONG", "until", most + 1, most)
    ]
    assert until(house, mine, TEN + timedelta(hours=most)).auto_extend_until == TEN + timedelta(hours=most)


def test_who_saw_an_older_version_is_told_of_the_present_one(house: House) -> None:
    mine = house.book({L40S: 1}, starts_at=TEN.isoformat())

    with pytest.raises(Stale, match="version 1"):
        until(house, mine, ONE, expected_version=7)


@pytest.mark.parametrize("state", [ReservationState.RELEASING, ReservationState.ENDED, ReservationState.WAITLISTED])
def test_what_is_over_or_has_no_window_yet_does_not_extend_itself(house: House, state: ReservationState) -> None:
    mine = house.book({L40S: 1}, starts_at=TEN.isoformat())
    Reservation.objects.filter(pk=mine.pk).update(state=state)

    with pytest.raises(WrongState, match=state.value):
        until(house, mine, ONE)
