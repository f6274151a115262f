"""What one reservation, or one pool, cannot do must not keep the others waiting."""

import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from fabric.models import CompositionStep
from scheduler.models import JournalEntry, Reservation
from scheduler.services import _locking
from scheduler.services.advance_due import advance_due
from scheduler.services.submit import submit
from tests.scheduler.services.house import H100, L40S, MONDAY, House, somebody_else_holds


@pytest.mark.django_db
def test_one_that_cannot_be_read_stays_due_and_the_others_go_on(house: House) -> None:
    broken = house.book({H100: 2})
    sound = house.book({L40S: 2})
    nodes = [{**broken.plan["nodes"][0], "host": "host-that-is-gone"}]
    Reservation.objects.filter(pk=broken.pk).update(plan={**broken.plan, "nodes": nodes})

    advance_due(now=house.clock.now)
    broken.refresh_from_db()
    sound.refresh_from_db()

    assert (broken.state, sound.state) == ("confirmed", "composing")

    advance_due(now=broken.ends_at)
    broken.refresh_from_db()
    assert (broken.state, broken.state_reason) == ("failed", "The whole window passed before composing could begin.")


@pytest.mark.django_db
def test_the_request_that_booked_it_is_named_in_every_step_on_the_fabric(house: House) -> None:
    by = replace(house.by(house.alice), request_id="req-1")
    submit(request=house.ask({L40S: 1}), by=by, now=house.clock.now)

    house.settle()

    assert set(CompositionStep.objects.values_list("request_id", flat=True)) == {"req-1"}
    assert JournalEntry.objects.exclude(request_id="req-1").count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_pool_whose_lock_is_not_to_be_had_costs_one_wait_and_not_one_a_reservation(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(_locking, "LOCK_MILLISECONDS_MAX", 50)
    later = (MONDAY + timedelta(hours=1)).isoformat()
    for _ in range(3):
        house.book({L40S: 1}, starts_at=later)

    with somebody_else_holds(house.pool), caplog.at_level(logging.INFO, logger="scheduler.services"):
        moved = advance_due(now=MONDAY + timedelta(hours=1))

    assert moved == 0
    told = [record.message for record in caplog.records if record.name == "scheduler.services.advance_due"]
    assert told == ["pool lab is busy; what is due there waits"]
    assert advance_due(now=MONDAY + timedelta(hours=1)) == 3
