"""Ends that were not booked, in rows and journal: late and free cancels, and devices given back early."""

from datetime import timedelta

from fabric.models import Pool
from scheduler.models import JournalEntry
from scheduler.services.cancel import cancel
from scheduler.services.release import release
from tests.scheduler.services.house import H100, House

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
