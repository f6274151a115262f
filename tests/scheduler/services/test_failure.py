"""When the fabric fails: tried again, undone, told, and never left without an owner."""

import pytest

from fabric.drivers.emulator.faults import FaultKind, set_fault
from fabric.models import Composition, ResourceBlock
from scheduler.models import Allocation, JournalEntry, Notice, Operation
from scheduler.services.advance_due import advance_due
from scheduler.services.force_release import force_release
from scheduler.services.release import release
from tests.scheduler.services.house import H100, House, Truth

pytestmark = pytest.mark.django_db


def test_a_bind_that_fails_once_is_undone_and_tried_again_under_a_new_name(house: House, truth: Truth) -> None:
    set_fault(path=truth.path, kind=FaultKind.PARTIAL, times=1)

    reservation = house.book({H100: 4})
    house.settle()
    reservation.refresh_from_db()

    assert reservation.state == "active"
    tags = Composition.objects.filter(owner=reservation.code).values_list("tag", "state")
    assert list(tags) == [
        (f"heddle-{reservation.code}-n0-g1", "closed"),
        (f"heddle-{reservation.code}-n0-g2", "composed"),
    ]
    assert truth.attached() == set(reservation.plan["nodes"][0]["blocks"])


def test_a_bind_that_always_fails_ends_the_reservation_with_its_reason_and_a_clean_world(
    house: House, truth: Truth
) -> None:
    set_fault(path=truth.path, kind=FaultKind.BIND_FAILURE, blocks=["pru-02-s01"])

    reservation = house.book({H100: 8})
    house.settle()
    reservation.refresh_from_db()

    assert (reservation.state, "pru-02-s01" in reservation.state_reason) == ("failed", True)
    assert Composition.objects.filter(owner=reservation.code).count() == 3
    assert truth.attached() == set()
    assert list(ResourceBlock.objects.exclude(state="free").values_list("code", "state")) == [
        ("pru-02-s01", "quarantined")
    ]
    assert Allocation.objects.filter(is_holding=True).count() == 0
    assert [notice.entry.kind for notice in Notice.objects.filter(user=house.alice)] == ["reservation.failed"]


def test_a_block_that_cannot_be_cleaned_is_quarantined_and_the_rest_given_back(house: House, truth: Truth) -> None:
    reservation = house.book({H100: 4})
    house.settle()
    bad = reservation.plan["nodes"][0]["blocks"][0]
    set_fault(path=truth.path, kind=FaultKind.CLEAN_FAILURE, blocks=[bad])

    release(reservation=reservation, by=house.by(house.alice), now=house.clock.now)
    house.settle()
    reservation.refresh_from_db()

    assert reservation.state == "ended"
    assert list(ResourceBlock.objects.exclude(state="free").values_list("code", "state")) == [(bad, "quarantined")]
    assert JournalEntry.objects.filter(reservation=reservation, kind="block.quarantined").count() == 1


def test_a_lost_reply_is_settled_by_reading(house: House, truth: Truth) -> None:
    set_fault(path=truth.path, kind=FaultKind.LOST_AFTER, operation="compose", times=1)

    reservation = house.book({H100: 4})
    house.settle()
    reservation.refresh_from_db()

    assert reservation.state == "active"
    assert Composition.objects.filter(owner=reservation.code).count() == 1
    assert truth.attached() == set(reservation.plan["nodes"][0]["blocks"])


def test_a_window_that_closes_before_anything_is_composed_gives_everything_back(house: House, truth: Truth) -> None:
    reservation = house.book({H100: 4})
    advance_due(now=house.clock.now)

    house.clock.now = reservation.ends_at
    house.settle()
    reservation.refresh_from_db()

    assert (reservation.state, reservation.state_reason) == (
        "failed",
        "The window closed before composing was done.",
    )
    assert truth.attached() == set()
    assert Allocation.objects.filter(is_holding=True).count() == 0


def test_a_release_that_is_stuck_is_ended_by_an_operator_and_what_is_unproven_is_quarantined(
    house: House, truth: Truth
) -> None:
    reservation = house.book({H100: 4})
    house.settle()
    release(reservation=reservation, by=house.by(house.alice), now=house.clock.now)

    force_release(reservation=reservation, by=house.by(house.charlie), now=house.clock.now, reason="box is dead")
    house.settle()
    reservation.refresh_from_db()

    assert reservation.state == "ended"
    quarantined = set(ResourceBlock.objects.filter(state="quarantined").values_list("code", flat=True))
    assert quarantined == set(reservation.plan["nodes"][0]["blocks"]) == truth.attached()
    assert Operation.objects.filter(state__in=["queued", "running"]).count() == 0
