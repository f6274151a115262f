"""A worker meets what nobody foresaw: the operation comes to a result all the same."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from scheduler import limits
from scheduler.models import Operation
from scheduler.services.advance_due import advance_due
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
