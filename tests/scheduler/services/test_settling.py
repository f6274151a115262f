"""Whatever a composer says, its operation is settled: a poison one would take a lease again for ever."""

from datetime import timedelta

import pytest

from fabric.composing.run import NodeOutcome, NodeResult
from fabric.drivers.emulator import mischief
from fabric.models import ResourceBlock
from scheduler.models import JournalEntry
from scheduler.services._lease import take
from scheduler.services._settling import settle
from scheduler.services.advance_due import advance_due
from tests.scheduler.services.house import H100, House, Truth

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


def test_who_waits_is_not_told_whom_for(house: House, truth: Truth) -> None:
    """The name on the fabric has the other reservation's code in it, which is for its own project to see."""
    first = house.book({H100: 8})
    second = house.book(
        {H100: 8}, project="team-research", starts_at=(first.busy_until + timedelta(minutes=5)).isoformat()
    )
    house.settle()
    house.clock.now = second.busy_from
    advance_due(now=house.clock.now)

    house.run(house.open_operation(second).pk)

    waiting = JournalEntry.objects.get(reservation=second, kind="reservation.waiting")
    assert waiting.message == "Waiting: Block pru-02-s01 is still attached under another name."


def test_the_reason_of_a_quarantine_names_nobody(house: House, truth: Truth) -> None:
    """It is shown to everybody who sees the pool."""
    reservation = house.book({H100: 2})
    taken = reservation.plan["nodes"][0]["blocks"][0]
    mischief.attach(path=truth.path, block=taken, host="host-04", tag="heddle-r-theirs-n0-g1", now=0)

    house.settle()

    block = ResourceBlock.objects.get(code=taken)
    assert (block.state, block.state_reason) == ("quarantined", "It is attached to host-04 under another name.")
