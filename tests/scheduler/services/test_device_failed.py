"""A device is lost inside a booking: its people are told and offered another; it is attached again once."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal

import pytest

from fabric.drivers.emulator import mischief
from fabric.drivers.emulator.faults import FaultKind, set_fault
from fabric.models import Attachment, ResourceBlock
from scheduler.models import JournalEntry, Notice, Operation, Reservation
from scheduler.services._refilling import fill_gaps
from scheduler.services.device_failed import device_failed, reattach
from scheduler.services.inspect_pools import inspect_pools
from scheduler.services.run_repairs import fabrics_to_repair, run_repairs
from scheduler.services.swap import swap
from tests.scheduler.services.house import A100, L40S, House, Truth
from tests.scheduler.services.test_swap import active, blocks_of, held

pytestmark = pytest.mark.django_db


def first_block(reservation: Reservation) -> ResourceBlock:
    return ResourceBlock.objects.get(code=blocks_of(reservation)[0])


def told(reservation: Reservation) -> list[JournalEntry]:
    return list(JournalEntry.objects.filter(reservation=reservation, kind="device.failed").order_by("id"))


def falls_off(truth: Truth, block: str) -> None:
    """On the fabric, by itself."""
    with closing(sqlite3.connect(truth.path)) as db, db:
        db.execute("UPDATE block SET host = NULL, tag = NULL WHERE code = ?", (block,))


def repair(house: House) -> None:
    """Until nothing is left to be repaired, and what waited for it has gone on."""
    for _ in range(5):
        for manager_id in fabrics_to_repair():
            run_repairs(manager_id=manager_id, clock=house.clock)
        house.clock.turn(10)
        house.settle()
    assert fabrics_to_repair() == []


def test_its_people_are_told_what_could_take_its_place_and_nothing_is_swapped(house: House, truth: Truth) -> None:
    reservation = active(house, {L40S: 2})
    block = first_block(reservation)

    device_failed(block=block, reason="It reports failed.", now=house.clock.now)

    (entry,) = told(reservation)
    assert (entry.facts["block"], entry.facts["node"], entry.facts["needs_reboot"]) == (block.code, 1, False)
    assert entry.message == (
        f"Node 1: {block.code} has failed: It reports failed. "
        f"{entry.facts['replacement']} could take its place: ask for the swap."
    )
    assert Notice.objects.filter(entry=entry, user=house.alice).count() == 1
    assert Operation.objects.filter(kind="resize").count() == 0
    assert block.code in blocks_of(reservation)


def test_the_same_is_told_once_and_something_new_again(house: House, truth: Truth) -> None:
    reservation = active(house, {L40S: 2})
    for reason in ("It is gone.", "It is gone.", "It reports failed."):
        device_failed(block=first_block(reservation), reason=reason, now=house.clock.now)

    assert [entry.facts["reason"] for entry in told(reservation)] == ["It is gone.", "It reports failed."]


def test_where_nothing_could_take_its_place_it_says_so(house: House, truth: Truth) -> None:
    reservation = active(house, {A100: 4})

    device_failed(block=first_block(reservation), reason="It is gone.", now=house.clock.now)

    (entry,) = told(reservation)
    assert (entry.facts["replacement"], "No equal device is free" in entry.message) == (None, True)


def test_a_block_that_is_nobodys_concerns_nobody(house: House, truth: Truth) -> None:
    house.book({L40S: 1})

    device_failed(block=ResourceBlock.objects.get(code="pru-01-s12"), reason="It is gone.", now=house.clock.now)

    assert JournalEntry.objects.filter(kind="device.failed").count() == 0


def test_a_lost_device_is_attached_again_once(house: House, truth: Truth) -> None:
    reservation = active(house, {L40S: 2})
    block = first_block(reservation)
    falls_off(truth, block.code)
    assert block.code not in truth.attached()

    assert reattach(block=block, now=house.clock.now)
    assert not reattach(block=block, now=house.clock.now)
    house.settle()
    assert block.code not in truth.attached()  # it waits for the cleaning
    repair(house)

    assert truth.attached() == set(blocks_of(reservation)) == set(held(reservation))
    assert JournalEntry.objects.get(reservation=reservation, kind="device.returned").message == (
        f"Node 1: {block.code} is attached again."
    )
    assert Attachment.objects.filter(block=block, until__isnull=True).count() == 1
    falls_off(truth, block.code)
    assert not reattach(block=block, now=house.clock.now)


def test_one_that_cannot_be_attached_again_is_told(house: House, truth: Truth) -> None:
    reservation = active(house, {L40S: 2})
    block = first_block(reservation)
    falls_off(truth, block.code)
    usd = Decimal(reservation.price["usd"])
    set_fault(path=truth.path, kind=FaultKind.BIND_FAILURE, blocks=[block.code])

    assert reattach(block=block, now=house.clock.now)
    repair(house)

    reservation.refresh_from_db()
    assert (reservation.state, truth.attached()) == ("active", set(blocks_of(reservation)))
    assert (held(reservation), block.code in held(reservation)) == (blocks_of(reservation), False)
    (gap,) = reservation.shortfall
    assert (gap["block"], gap["tried_until"] <= house.clock.now.isoformat()) == (block.code, True)
    assert Decimal(reservation.price["usd"]) < usd
    entry = JournalEntry.objects.get(reservation=reservation, kind="reservation.degraded")
    assert entry.message.startswith(f"Node 1: {block.code} could not be attached again; it goes on without")


def test_what_it_goes_without_then_can_be_asked_for(house: House, truth: Truth) -> None:
    reservation = active(house, {L40S: 2})
    block = first_block(reservation)
    falls_off(truth, block.code)
    set_fault(path=truth.path, kind=FaultKind.BIND_FAILURE, blocks=[block.code])
    assert reattach(block=block, now=house.clock.now)
    repair(house)
    reservation.refresh_from_db()
    assert fill_gaps(now=house.clock.now) == 0  # never silently

    swap(reservation=reservation, block=block.code, by=house.by(house.alice), now=house.clock.now)
    house.settle()

    assert (len(blocks_of(reservation)), reservation.shortfall) == (2, [])
    assert truth.attached() == set(blocks_of(reservation)) == set(held(reservation))


@pytest.mark.parametrize(("mishap", "left"), [(mischief.fail, "quarantined"), (mischief.vanish, "missing")])
def test_from_its_failure_to_another_in_its_place(
    house: House, truth: Truth, mishap: Callable[..., None], left: str
) -> None:
    reservation = active(house, {L40S: 2})
    later = house.book({L40S: 2}, project="team-research", starts_at="2030-05-14T08:00:00Z")
    block = first_block(reservation)
    assert block.code in blocks_of(later)
    mishap(path=truth.path, block=block.code, now=0)

    for _ in range(4):
        house.clock.turn(60)
        inspect_pools(now=house.clock.now)
    (entry,) = told(reservation)
    assert block.code not in blocks_of(later)
    swap(reservation=reservation, block=block.code, by=house.by(house.alice), now=house.clock.now)
    house.settle()

    assert entry.facts["replacement"] in blocks_of(reservation)
    assert shown(truth, block) == set(blocks_of(reservation)) == set(held(reservation))
    assert (reservation.state, ResourceBlock.objects.get(code=block.code).state) == ("active", left)
    house.clock.now = reservation.ends_at
    house.settle()
    reservation.refresh_from_db()
    assert (reservation.state, shown(truth, block)) == ("ended", set())


def shown(truth: Truth, failed: ResourceBlock) -> set[str]:
    """What is attached and there: of one that vanished nobody knows."""
    failed.refresh_from_db()
    return truth.attached() - ({failed.code} if failed.state == "missing" else set())
