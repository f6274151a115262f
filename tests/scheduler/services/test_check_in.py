"""What was booked ahead is claimed in time, or given back; the lab keeps an unclaimed start for thirty minutes."""

from datetime import datetime, timedelta

import pytest

from fabric.models import Pool
from scheduler.models import JournalEntry, Notice, Reservation
from scheduler.refusals import Stale, WrongState
from scheduler.services.advance_due import advance_due
from scheduler.services.check_in import check_in
from scheduler.services.extend import extend
from scheduler.services.release import release
from tests.scheduler.services.house import L40S, MONDAY, House, Truth

TEN, NOON, GRACE = MONDAY + timedelta(hours=2), MONDAY + timedelta(hours=4), timedelta(minutes=30)


def ahead(house: House) -> Reservation:
    """Two L40S from ten to noon, in use from ten o'clock."""
    reservation = house.book({L40S: 2}, starts_at=TEN.isoformat(), ends_at=NOON.isoformat())
    at(house, TEN)
    reservation.refresh_from_db()
    assert reservation.state == "active"
    return reservation


def at(house: House, moment: datetime) -> None:
    house.clock.now = max(moment, house.clock.now)
    house.settle()


def kinds(reservation: Reservation) -> list[str]:
    told = JournalEntry.objects.filter(reservation=reservation, kind__startswith="reservation.").order_by("id")
    return [entry.kind.removeprefix("reservation.") for entry in told if entry.kind != "reservation.ending_soon"]


def policy(house: House, **changed: object) -> None:
    Pool.objects.filter(pk=house.pool.pk).update(policy={**house.pool.policy, **changed})


def act(house: House, reservation: Reservation, **more: int) -> Reservation:
    return check_in(reservation=reservation, by=house.by(house.alice), now=house.clock.now, **more)


@pytest.mark.django_db
def test_it_is_said_until_when_and_what_nobody_claimed_is_given_back_then(house: House, truth: Truth) -> None:
    reservation = ahead(house)
    active_at = reservation.active_at
    assert active_at is not None
    due_at = max(TEN, active_at) + GRACE
    assert reservation.check_in_due_at == due_at
    said = JournalEntry.objects.get(kind="reservation.active").message
    assert said.endswith(f"Check in until {due_at:%Y-%m-%d %H:%M} UTC, or it is given back.")

    at(house, due_at - timedelta(seconds=1))
    reservation.refresh_from_db()
    assert reservation.state == "active"
    at(house, due_at)

    reservation.refresh_from_db()
    reason = f"Nobody checked in until {due_at:%Y-%m-%d %H:%M} UTC."
    assert (reservation.state, reservation.state_reason, truth.attached()) == ("ended", reason, set())
    assert kinds(reservation) == ["confirmed", "composing", "active", "unclaimed", "releasing", "ended"]
    first = Notice.objects.filter(user=house.alice).earliest("id")
    assert first.entry.message == f"{reason} Its devices are given back."


@pytest.mark.django_db
def test_who_checks_in_keeps_it_until_its_window_closes(house: House) -> None:
    reservation = ahead(house)
    version = reservation.version

    done = act(house, reservation)

    assert (done.checked_in_at, done.version, done.state) == (house.clock.now, version + 1, "active")
    at(house, NOON - timedelta(seconds=1))
    reservation.refresh_from_db()
    assert reservation.state == "active"
    at(house, NOON)
    assert kinds(reservation) == ["confirmed", "composing", "active", "checked_in", "releasing", "ended"]


@pytest.mark.django_db
def test_doing_it_again_changes_nothing_even_after_the_end(house: House) -> None:
    reservation = ahead(house)
    first = act(house, reservation)
    before = (first.version, first.checked_in_at)
    house.clock.turn(60)

    again = act(house, reservation, expected_version=1)

    assert (again.version, again.checked_in_at) == before
    release(reservation=reservation, by=house.by(house.alice), now=house.clock.now)
    house.settle()
    assert act(house, reservation).state == "ended"
    assert kinds(reservation).count("checked_in") == 1


@pytest.mark.django_db
def test_it_is_refused_before_it_is_in_use_after_its_window_and_by_an_old_version(house: House) -> None:
    early = house.book({L40S: 1}, starts_at=TEN.isoformat())
    with pytest.raises(WrongState) as too_early:
        act(house, early)
    reservation = ahead(house)
    with pytest.raises(Stale):
        act(house, reservation, expected_version=1)
    house.clock.now = NOON
    with pytest.raises(WrongState) as closed:
        act(house, reservation)
    at(house, NOON)
    with pytest.raises(WrongState) as over:
        act(house, reservation)

    assert [wrong.value.state for wrong in (too_early, closed, over)] == ["confirmed", "releasing", "ended"]
    assert {wrong.value.verb for wrong in (too_early, closed, over)} == {"check-in"}


@pytest.mark.django_db
def test_whoever_books_at_once_is_there_and_need_not_check_in(house: House) -> None:
    reservation = house.book({L40S: 1})
    house.settle()
    reservation.refresh_from_db()
    assert (reservation.state, reservation.check_in_due_at) == ("active", None)

    noted = act(house, reservation)

    assert noted.checked_in_at == house.clock.now
    at(house, reservation.starts_at + timedelta(hours=1))
    assert Reservation.objects.get(pk=reservation.pk).state == "active"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changed", [{"on_no_show": "keep"}, {"checkin_grace_minutes": 0}, {"checkin_grace_minutes": 120}]
)
def test_nobody_need_where_the_policy_keeps_it_or_it_ends_before(house: House, changed: dict[str, object]) -> None:
    policy(house, **changed)

    reservation = ahead(house)

    assert reservation.check_in_due_at is None
    at(house, NOON - timedelta(seconds=1))
    assert Reservation.objects.get(pk=reservation.pk).state == "active"


@pytest.mark.django_db
def test_the_grace_of_one_that_is_late_runs_from_when_it_can_be_used(house: House) -> None:
    reservation = house.book({L40S: 2}, starts_at=TEN.isoformat(), ends_at=NOON.isoformat())
    at(house, TEN + timedelta(minutes=20))  # nobody ran anything until now

    reservation.refresh_from_db()
    active_at = reservation.active_at

    assert active_at is not None
    assert active_at >= TEN + timedelta(minutes=20)
    assert reservation.check_in_due_at == active_at + GRACE


@pytest.mark.django_db
def test_whoever_extends_it_is_there(house: House) -> None:
    reservation = ahead(house)
    due_at = reservation.check_in_due_at
    assert due_at is not None
    extended_at = house.clock.now
    later = NOON + timedelta(hours=1)
    extend(reservation=reservation, ends_at=later, by=house.by(house.alice), now=extended_at)

    at(house, due_at)

    reservation.refresh_from_db()
    assert (reservation.state, reservation.checked_in_at) == ("active", extended_at)
    assert advance_due(now=due_at) == 0


@pytest.mark.django_db
def test_one_whose_window_closed_meanwhile_has_ended_and_is_not_called_unclaimed(house: House) -> None:
    """Nothing ran from before the grace was over until after the end."""
    reservation = ahead(house)

    at(house, NOON)

    assert kinds(reservation) == ["confirmed", "composing", "active", "releasing", "ended"]
