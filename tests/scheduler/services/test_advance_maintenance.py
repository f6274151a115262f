"""A maintenance begins and ends at its time, and can be called off; what is still held or unfit is said."""

from datetime import timedelta

import pytest

from fabric.models import Pru, ResourceBlock
from fabric.services.units import move_blocks
from fabric.states import BlockState
from scheduler.journal_kinds import JournalKind
from scheduler.models import JournalEntry
from scheduler.queries.snapshots import snapshot
from scheduler.services.advance_maintenance import advance_maintenance
from scheduler.services.cancel_maintenance import cancel_maintenance
from scheduler.states import Decision, MaintenanceScope
from tests.scheduler.services.house import A100, L40S, MONDAY, House
from tests.scheduler.services.maintaining import NINE, NOON, held, host_of, plan

pytestmark = pytest.mark.django_db


def test_it_begins_and_ends_at_its_time_and_what_is_unfit_stays_so(house: House) -> None:
    pru = Pru.objects.filter(blocks__device_class__code=A100).distinct().get()
    made = plan(house, pru.code, scope=MaintenanceScope.PRU)
    block = pru.blocks.order_by("code")[0]

    assert advance_maintenance(now=NINE - timedelta(seconds=1)) == 0
    assert (advance_maintenance(now=NINE), advance_maintenance(now=NINE)) == (1, 0)
    move_blocks(ids=[block.pk], seen=BlockState.FREE, to=BlockState.QUARANTINED, reason="Its fan is broken.")
    assert (advance_maintenance(now=NOON), advance_maintenance(now=NOON)) == (1, 0)

    made.refresh_from_db()
    assert (made.begun_at, made.finished_at, made.is_cancelled, held(made)) == (NINE, NOON, False, set())
    kinds = JournalEntry.objects.filter(reference=made.code).order_by("id").values_list("kind", "message")
    assert list(kinds)[1:] == [
        ("maintenance.begun", f"Maintenance of PRU {pru.code} has begun."),
        ("maintenance.ended", f"Maintenance of PRU {pru.code} is over. Still out of service: {block.code}."),
    ]
    assert ResourceBlock.objects.get(pk=block.pk).state == BlockState.QUARANTINED


def test_what_a_release_still_holds_when_it_begins_is_told(house: House) -> None:
    running = house.book({L40S: 1}, duration_minutes=60 * 30)
    house.settle()
    host = host_of(running)
    made = plan(house, host, decisions={running.code: Decision.CANCEL})  # and no worker carries it out

    advance_maintenance(now=NINE)

    entry = JournalEntry.objects.get(kind=JournalKind.MAINTENANCE_BEGUN)
    assert entry.message == f"Maintenance of Host {host} has begun. Not given back yet by who had them before: {host}."
    assert held(running) >= {host} == held(made)


def test_a_maintenance_that_is_called_off_frees_its_units_once(house: House) -> None:
    made = plan(house, "host-01")
    by = house.by(house.alice)

    assert cancel_maintenance(maintenance=made, by=by, now=MONDAY, reason="The fans are late.")
    assert not cancel_maintenance(maintenance=made, by=by, now=MONDAY, reason="The fans are late.")

    assert (made.is_cancelled, made.finished_at, held(made)) == (True, MONDAY, set())
    assert len(snapshot(pool_code="lab", project_slug="team-chat", now=MONDAY).commitments) == 0
    assert JournalEntry.objects.filter(kind=JournalKind.MAINTENANCE_CANCELLED).count() == 1
