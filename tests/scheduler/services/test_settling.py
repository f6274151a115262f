"""Whatever a composer says, its operation is settled: a poison one would take a lease again for ever."""

import pytest

from fabric.composing.run import NodeOutcome, NodeResult
from scheduler.services._lease import take
from scheduler.services._settling import settle
from scheduler.services.advance_due import advance_due
from tests.scheduler.services.house import H100, House

pytestmark = pytest.mark.django_db


def test_a_reason_longer_than_its_column_is_cut(house: House) -> None:
    """Two sentences of the composer's are joined, each as long as the column."""
    reservation = house.book({H100: 2})
    advance_due(now=house.clock.now)
    operation = take(operation_id=house.open_operation(reservation).pk, owner="one", now=house.clock.now)

    settle(
        operation=operation,
        result=NodeResult(outcome=NodeOutcome.QUARANTINED, reason="x" * 1_001),
        now=house.clock.now,
    )
    reservation.refresh_from_db()
    operation.refresh_from_db()

    assert (reservation.state, reservation.state_reason, operation.state) == ("releasing", "x" * 500, "failed")
