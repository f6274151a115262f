"""A worker meets what nobody foresaw: the operation comes to a result all the same."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from fabric.drivers.emulator import mischief
from fabric.models import Pool
from scheduler import limits
from scheduler.models import Operation
from scheduler.services.advance_due import advance_due
from scheduler.services.release import release
from tests.scheduler.services.house import L40S, House, Truth

pytestmark = pytest.mark.django_db


def test_what_the_database_refuses_to_store_is_an_unknown_outcome_and_ends_at_the_deadline(
    house: House, truth: Truth
) -> None:
    """A serial number padded with NULs, as broken firmware gives them, is text that PostgreSQL does not take."""
    reservation = house.book({L40S: 1})
    advance_due(now=house.clock.now)
    operation = house.open_operation(reservation)
    with closing(sqlite3.connect(truth.path)) as db, db:
        db.execute(
            "UPDATE block SET serial = 'A' || char(0) || 'B' WHERE code = ?",
            (reservation.plan["nodes"][0]["blocks"][0],),
        )

    house.run(operation.pk)
    operation.refresh_from_db()
    assert (operation.state, operation.lease_until) == ("queued", None)

    house.clock.now = reservation.starts_at + timedelta(minutes=limits.COMPOSE_DEADLINE_MINUTES)
    house.run(operation.pk)
    reservation.refresh_from_db()
    assert (reservation.state, reservation.release_intent) == ("releasing", "failed")
    assert Operation.objects.filter(reservation=reservation, kind="compose").values_list("state", flat=True).get() == (
        "failed"
    )


@pytest.mark.parametrize(("minutes", "seconds"), [(None, 60), (0, 0), (3, 180)])
def test_work_on_what_is_given_back_has_the_grace_of_the_pool_to_stop(
    house: House, truth: Truth, minutes: int | None, seconds: int
) -> None:
    policy = {name: value for name, value in house.pool.policy.items() if name != "drain_minutes"}
    Pool.objects.update(policy=policy if minutes is None else {**policy, "drain_minutes": minutes})
    reservation = house.book({L40S: 1})
    house.settle()
    (block,) = reservation.plan["nodes"][0]["blocks"]
    mischief.occupy(path=truth.path, block=block, now=0)
    ended_at = house.clock.now

    release(reservation=reservation, by=house.by(house.alice), now=ended_at)
    house.settle()
    reservation.refresh_from_db()

    assert reservation.state == "ended"
    assert house.clock.now - ended_at >= timedelta(seconds=seconds)
    assert (house.clock.now - ended_at < timedelta(seconds=60)) == (seconds == 0)
