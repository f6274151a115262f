"""Ends that were not booked, in rows and journal: late and free cancels, and devices given back early."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from fabric.models import Pool
from scheduler.models import JournalEntry, Reservation
from scheduler.services.cancel import cancel
from scheduler.services.release import release
from scheduler.services.reschedule import reschedule
from scheduler.services.shorten import shorten
from tests.scheduler.services.house import H100, House
from tests.scheduler.services.resizing import ask, group

POLICY = {"cancel_free_until_hours": 4, "late_cancel_percent": 50}


def booked(house: House, hours_ahead: int) -> dict[str, str]:
    starts_at = house.clock.now + timedelta(hours=hours_ahead)
    return {"starts_at": starts_at.isoformat(), "ends_at": (starts_at + timedelta(hours=2)).isoformat()}


def test_a_late_cancel_costs_and_one_in_time_does_not(house: House) -> None:
    """Two H100 for two hours at 3.07 are 12.28; half of it."""
    Pool.objects.update(policy={**house.pool.policy, **POLICY})
    late, early = house.book({H100: 2}, **booked(house, 3)), house.book({H100: 2}, **booked(house, 9))

    for one in (late, early):
        cancel(reservation=one, by=house.by(house.alice), now=house.clock.now)

    assert late.price["due"] == {"usd": "6.14", "because": "late_cancel"}
    assert early.price["due"] == {"usd": "0.00", "because": "withdrawn"}
    assert late.state_reason == "It was cancelled late and costs 6.14 USD."
    told = JournalEntry.objects.get(reservation=late, kind="reservation.cancelled").facts
    assert told == {"usd_before": "12.28", "usd_due": "6.14", "usd_because": "late_cancel"}


@pytest.mark.parametrize("withdraw", [cancel, release])
def test_what_is_set_up_before_it_begins_is_withdrawn_as_late_as_any(
    house: House, withdraw: Callable[..., Reservation]
) -> None:
    """Three minutes before its start it is in use, and nothing of its window is."""
    Pool.objects.update(policy={**house.pool.policy, **POLICY})
    one = house.book({H100: 2}, **booked(house, 3))
    house.clock.now = one.starts_at - timedelta(minutes=5)
    house.settle()
    house.clock.now = one.starts_at - timedelta(minutes=3)

    withdraw(reservation=one, by=house.by(house.alice), now=house.clock.now)

    assert one.price["due"] == {"usd": "6.14", "because": "late_cancel"}


@pytest.mark.parametrize("change", ["move", "shorten", "resize"])
def test_what_a_late_cancel_costs_is_not_escaped_by_changing_it_first(house: House, change: str) -> None:
    """Eight H100 for two hours at 3.07 are 49.12; half of it, whatever the booking comes to afterwards."""
    Pool.objects.update(policy={**house.pool.policy, **POLICY})
    one = house.book({H100: 8}, **booked(house, 3))

    {"move": _a_week_on, "shorten": _half_an_hour, "resize": _two_devices}[change](house, one)
    cancel(reservation=one, by=house.by(house.alice), now=house.clock.now)

    assert one.price["due"] == {"usd": "24.56", "because": "late_cancel"}


def test_who_changes_it_in_time_owes_nothing(house: House) -> None:
    Pool.objects.update(policy={**house.pool.policy, **POLICY})
    one = house.book({H100: 2}, **booked(house, 9))

    _a_week_on(house, one)
    cancel(reservation=one, by=house.by(house.alice), now=house.clock.now)

    assert one.price["due"] == {"usd": "0.00", "because": "withdrawn"}


def _a_week_on(house: House, one: Reservation) -> None:
    starts_at = one.starts_at + timedelta(weeks=1)
    reschedule(reservation=one, starts_at=starts_at, by=house.by(house.alice), now=house.clock.now)


def _half_an_hour(house: House, one: Reservation) -> None:
    ends_at = one.starts_at + timedelta(minutes=30)
    shorten(reservation=one, ends_at=ends_at, by=house.by(house.alice), now=house.clock.now)


def _two_devices(house: House, one: Reservation) -> None:
    ask(house, one, {"mix": [group(1, {H100: 2})]})


def test_hours_that_are_given_back_are_credited(house: House) -> None:
    """Two H100 for one of two hours: 6.14."""
    reservation = house.book({H100: 2})
    house.settle()
    starts_at = reservation.starts_at
    house.clock.now = starts_at + timedelta(hours=1)

    release(reservation=reservation, by=house.by(house.alice), now=house.clock.now)
    house.settle()
    reservation.refresh_from_db()

    assert (reservation.state, reservation.price["usd"]) == ("ended", "12.28")
    assert reservation.price["due"] == {"usd": "6.14", "because": "given_back_early"}
