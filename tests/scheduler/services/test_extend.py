"""End later on the same devices: what changes and what does not."""

from datetime import datetime, timedelta

import pytest

from scheduler.models import Allocation, JournalEntry, Reservation
from scheduler.planning.plan import plan_from_wire
from scheduler.refusals import Invalid, Stale, WrongState
from scheduler.services.cancel import cancel
from scheduler.services.extend import outlook
from scheduler.services.release import release
from scheduler.services.swap import swap
from scheduler.states import EXTENDABLE, ReservationState
from tests.scheduler.services.extending import NOON, ONE, PADDING, TEN, TWO, assert_holds, later
from tests.scheduler.services.house import H100, L40S, House


@pytest.mark.parametrize("is_active", [False, True])
def test_it_ends_later_on_the_same_devices_and_nothing_else_changes(house: House, is_active: bool) -> None:
    when = {} if is_active else {"starts_at": TEN.isoformat()}
    reservation = house.book({H100: 4}, duration_minutes=120, **when)
    house.settle()
    reservation.refresh_from_db()
    before = Reservation.objects.get(pk=reservation.pk)
    held = set(Allocation.objects.filter(reservation=reservation).values_list("block__code", "host__code"))

    ends_at = before.ends_at + timedelta(hours=1)
    later(house, reservation, ends_at)

    assert reservation.state == ("active" if is_active else "confirmed")
    assert (reservation.ends_at, reservation.busy_until) == (ends_at, before.busy_until + timedelta(hours=1))
    assert (reservation.starts_at, reservation.busy_from) == (before.starts_at, before.busy_from)
    assert (reservation.watts, reservation.version) == (before.watts, before.version + 1)
    plan, old = plan_from_wire(reservation.plan), plan_from_wire(before.plan)
    assert (plan.nodes, plan.ends_at, plan.busy_until) == (old.nodes, ends_at, reservation.busy_until)
    rows = Allocation.objects.filter(reservation=reservation)
    assert set(rows.values_list("block__code", "host__code")) == held
    assert {row.during.upper for row in rows} == {reservation.busy_until}
    assert {row.during.lower for row in rows} == {before.busy_from}


def test_it_is_told_with_from_when_to_when_and_by_whom(house: House) -> None:
    reservation = house.book({L40S: 1}, starts_at=TEN.isoformat())

    later(house, reservation, ONE)

    entry = JournalEntry.objects.get(kind="reservation.extended")
    assert entry.message == "Extended by 60 minutes: it ends 2030-05-13 13:00 UTC, on the same devices."
    assert (entry.actor_name, entry.door, entry.reservation) == ("alice", "api", reservation)
    assert entry.facts | {"usd": "", "usd_before": ""} == {
        "from": NOON.isoformat(),
        "to": ONE.isoformat(),
        "usd": "",
        "usd_before": "",
    }


def test_the_price_grows_at_the_rate_it_was_booked_at_whatever_the_catalogue_says_now(house: House) -> None:
    reservation = house.book({H100: 4}, starts_at=TEN.isoformat())
    (part,) = reservation.price["parts"]
    price = {**reservation.price, "usd": "24.00", "parts": [{**part, "rate_usd_per_hour": "3.00", "usd": "24.00"}]}
    Reservation.objects.filter(pk=reservation.pk).update(price=price)

    later(house, reservation, NOON + timedelta(minutes=90))

    assert reservation.price == {
        **price,
        "usd": "42.00",  # 24 and 4 × 3 $/h × 1.5 h
        "hours": "3.5000",
        "parts": [{**part, "rate_usd_per_hour": "3.00", "usd": "42.00"}],
    }


def test_who_was_reminded_of_the_old_end_is_reminded_of_the_new_one(house: House) -> None:
    reservation = house.book({L40S: 1}, duration_minutes=60)
    house.settle()
    house.clock.now = reservation.ends_at - timedelta(minutes=20)
    house.settle()
    ends_at = reservation.ends_at + timedelta(hours=1)

    later(house, reservation, ends_at)

    assert (reservation.ending_soon_told_at, reservation.next_due_at) == (None, ends_at - timedelta(minutes=30))
    house.clock.now = ends_at - timedelta(minutes=30)
    house.settle()
    reservation.refresh_from_db()
    told = JournalEntry.objects.filter(kind="reservation.ending_soon").order_by("id")
    assert [entry.message for entry in told] == ["Ends in 20 minutes.", "Ends in 30 minutes."]
    assert (reservation.state, reservation.next_due_at) == ("active", ends_at)
    house.clock.now = ends_at
    house.settle()
    reservation.refresh_from_db()
    assert reservation.state == "ended"


def test_asked_for_again_it_changes_nothing(house: House) -> None:
    reservation = house.book({L40S: 1}, starts_at=TEN.isoformat())
    later(house, reservation, ONE, expected_version=1)
    version, price = reservation.version, reservation.price

    later(house, reservation, ONE, expected_version=1)

    assert (reservation.version, reservation.price) == (version, price)
    assert JournalEntry.objects.filter(kind="reservation.extended").count() == 1


@pytest.mark.parametrize(
    ("ends_at", "code"),
    [(NOON - timedelta(minutes=1), "inverted"), (TEN + timedelta(days=367), "too_large")],
    ids=["earlier", "more than a year"],
)
def test_an_end_that_makes_no_sense_is_named_with_its_remedy(house: House, ends_at: datetime, code: str) -> None:
    reservation = house.book({L40S: 1}, starts_at=TEN.isoformat())

    with pytest.raises(Invalid) as caught:
        later(house, reservation, ends_at)

    assert [(error.field, error.code) for error in caught.value.errors] == [("ends_at", code)]
    assert "end" in caught.value.errors[0].message


def test_who_saw_an_older_version_is_told_of_the_present_one(house: House) -> None:
    reservation = house.book({L40S: 1}, starts_at=TEN.isoformat())

    with pytest.raises(Stale, match="version 1"):
        later(house, reservation, ONE, expected_version=7)


@pytest.mark.parametrize("state", [state for state in ReservationState if state not in EXTENDABLE])
def test_in_every_other_state_there_is_nothing_to_extend(house: House, state: ReservationState) -> None:
    reservation = house.book({L40S: 1}, starts_at=TEN.isoformat())
    Reservation.objects.filter(pk=reservation.pk).update(state=state)

    with pytest.raises(WrongState, match=state.replace("_", " ")):
        later(house, reservation, ONE)
    with pytest.raises(WrongState):
        outlook(reservation=reservation, ends=[], now=house.clock.now)


def test_one_whose_window_has_closed_is_over_even_before_anybody_looks(house: House) -> None:
    reservation = house.book({L40S: 1})
    house.settle()
    house.clock.now = reservation.ends_at

    with pytest.raises(WrongState, match="releasing"):
        later(house, reservation, reservation.ends_at + timedelta(hours=1))


def test_devices_of_a_change_that_is_under_way_are_held_longer_too(house: House) -> None:
    reservation = house.book({L40S: 2})
    house.settle()
    reservation.refresh_from_db()
    lost = plan_from_wire(reservation.plan).nodes[0].blocks[0]
    swap(reservation=reservation, block=lost, by=house.by(house.alice), now=house.clock.now)
    reservation.refresh_from_db()

    later(house, reservation, reservation.ends_at + timedelta(hours=1))

    rows = Allocation.objects.filter(reservation=reservation, is_holding=True)
    assert (rows.filter(block__isnull=False).count(), {row.during.upper for row in rows}) == (
        3,
        {reservation.busy_until},
    )
    house.settle()
    reservation.refresh_from_db()
    plan = plan_from_wire(reservation.plan)
    assert (lost in plan.nodes[0].blocks, plan.busy_until) == (False, reservation.busy_until)
    assert_holds(house)


def test_what_it_would_come_to_is_said_and_nothing_is_held(house: House) -> None:
    reservation = house.book({H100: 8}, starts_at=TEN.isoformat())
    house.book({H100: 8}, project="team-research", starts_at=TWO.isoformat())
    rate = float(reservation.price["parts"][0]["rate_usd_per_hour"])

    found = outlook(reservation=reservation, ends=[ONE, TWO], now=house.clock.now)

    fitting, clashing, latest = found.extensions
    assert (found.latest, latest.ends_at, latest.refusals) == (TWO - 2 * PADDING, TWO - 2 * PADDING, ())
    assert (fitting.ends_at, fitting.refusals, float(fitting.added_usd)) == (ONE, (), round(8 * rate, 2))
    assert (clashing.ends_at, clashing.refusals[0].code.value) == (TWO, "DEVICE_BUSY")
    reservation.refresh_from_db()
    assert (reservation.ends_at, reservation.version) == (NOON, 1)


def test_with_nobody_after_it_the_policy_says_how_long_it_can_last(house: House) -> None:
    reservation = house.book({L40S: 1}, starts_at=TEN.isoformat())

    longest = timedelta(hours=house.pool.policy["max_duration_hours"])

    assert outlook(reservation=reservation, ends=[], now=house.clock.now).latest == TEN + longest


def test_a_price_and_a_plan_are_the_same_however_often_it_is_extended(house: House) -> None:
    step, at_once = (house.book({L40S: 1}, starts_at=TEN.isoformat()) for _ in range(2))

    for hours in range(1, 4):
        later(house, step, NOON + timedelta(hours=hours))
    later(house, at_once, NOON + timedelta(hours=3))

    assert (step.price, step.ends_at, step.busy_until) == (at_once.price, at_once.ends_at, at_once.busy_until)
    assert (step.version, at_once.version) == (4, 2)


@pytest.mark.parametrize("verb", [cancel, release], ids=lambda verb: verb.__name__)
def test_one_that_is_on_its_way_out_is_not_extended(house: House, verb) -> None:
    reservation = house.book({L40S: 1})
    house.settle()
    verb(reservation=reservation, by=house.by(house.alice), now=house.clock.now)

    with pytest.raises(WrongState, match="releasing"):
        later(house, reservation, reservation.ends_at + timedelta(hours=1))
