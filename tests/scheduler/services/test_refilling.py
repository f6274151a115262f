"""Who goes without a device gets an equal one as soon as one is free, and pays for it from then on."""

from datetime import timedelta
from decimal import Decimal

import pytest

from fabric.drivers.emulator.faults import FaultKind, clear, set_fault
from fabric.models import ResourceBlock
from scheduler import limits
from scheduler.models import JournalEntry, Operation, Reservation
from scheduler.queries import boards
from scheduler.services._refilling import fill_gaps
from scheduler.services.quarantine import clear as offer_again
from tests.scheduler.services.house import A100, NVME, House, Truth
from tests.scheduler.services.test_swap import assert_nothing_twice, blocks_of, held

pytestmark = pytest.mark.django_db


@pytest.fixture
def degraded(house: House, truth: Truth) -> Reservation:
    """Three of four cards; the fourth is mended at once, and still quarantined."""
    reservation = house.book({A100: 4}, on_failure="degrade")
    set_fault(path=truth.path, kind=FaultKind.BIND_FAILURE, blocks=blocks_of(reservation)[:1])
    house.settle()
    clear(path=truth.path)
    reservation.refresh_from_db()
    assert (reservation.state, len(reservation.shortfall)) == ("active", 1)
    return reservation


def mended(house: House, reservation: Reservation) -> ResourceBlock:
    block = ResourceBlock.objects.get(code=reservation.shortfall[0]["block"])
    assert offer_again(unit=block, by=house.by(house.charlie), now=house.clock.now, reason="mended")
    return block


def test_while_none_is_free_nothing_is_done(house: House, degraded: Reservation) -> None:
    assert fill_gaps(now=house.clock.now) == 0
    assert Operation.objects.filter(kind="resize").count() == 0


def test_one_that_is_free_again_fills_the_gap_and_is_charged_for_from_then_on(
    house: House, truth: Truth, degraded: Reservation
) -> None:
    block, three = mended(house, degraded), Decimal(degraded.price["usd"])
    house.clock.now = degraded.starts_at + timedelta(minutes=30)

    assert fill_gaps(now=house.clock.now) == 1
    assert fill_gaps(now=house.clock.now) == 0
    house.settle()

    assert block.code in blocks_of(degraded)
    assert held(degraded) == blocks_of(degraded)
    assert truth.attached() == set(blocks_of(degraded))
    assert (degraded.state, degraded.shortfall, degraded.price["devices"]) == ("active", [], {A100: 4})
    late = (degraded.ends_at - house.clock.now) / timedelta(hours=1)
    assert abs(Decimal(degraded.price["usd"]) - three - three / 6 * Decimal(late)) < Decimal("0.05")
    entry = JournalEntry.objects.get(reservation=degraded, kind="device.swapped")
    assert entry.message == f"Node 1: {block.code} is attached."
    assert_nothing_twice(house)


def test_it_is_not_looked_for_when_its_time_is_over(house: House, degraded: Reservation) -> None:
    mended(house, degraded)

    assert fill_gaps(now=house.clock.now + timedelta(minutes=limits.GAP_MINUTES, seconds=1)) == 0


def test_one_that_does_not_bind_is_set_aside_and_the_next_waits_a_little(
    house: House, truth: Truth, degraded: Reservation
) -> None:
    block, three = mended(house, degraded), blocks_of(degraded)
    set_fault(path=truth.path, kind=FaultKind.BIND_FAILURE, blocks=[block.code])

    assert fill_gaps(now=house.clock.now) == 1
    house.settle()
    degraded.refresh_from_db()

    assert (degraded.state, blocks_of(degraded), len(degraded.shortfall)) == ("active", three, 1)
    assert ResourceBlock.objects.get(code=block.code).state == "quarantined"
    assert held(degraded) == three
    assert_nothing_twice(house)


def test_a_gap_is_filled_by_its_own_class_and_does_not_wait_for_one_before_it(house: House, truth: Truth) -> None:
    """A card and a drive are lacking; of the one noted later there is one again, and that one is charged for."""
    reservation = house.book({A100: 2, NVME: 2}, on_failure="degrade")
    classes = dict(ResourceBlock.objects.values_list("code", "device_class__code"))
    planned = blocks_of(reservation)
    ill = [next(code for code in planned if classes[code] == one) for one in (A100, NVME)]
    equal = ResourceBlock.objects.filter(device_class__code__in=(A100, NVME)).exclude(code__in=planned)
    equal.update(is_cordoned=True)
    boards.forget()  # written past the services
    set_fault(path=truth.path, kind=FaultKind.BIND_FAILURE, blocks=ill)
    house.settle()
    clear(path=truth.path)
    reservation.refresh_from_db()
    first, later = reservation.shortfall
    block = ResourceBlock.objects.get(code=later["block"])
    assert offer_again(unit=block, by=house.by(house.charlie), now=house.clock.now, reason="mended")

    assert fill_gaps(now=house.clock.now) == 1
    house.settle()

    assert block.code in blocks_of(reservation)
    assert reservation.shortfall == [first]
    assert reservation.price["devices"] == {first["device_class"]: 1, later["device_class"]: 2}
    assert_nothing_twice(house)


@pytest.fixture
def given_up(house: House) -> Reservation:
    """An older reservation whose gap is no longer looked for."""
    reservation = house.book({NVME: 1})
    house.settle()
    gap = {"node": 0, "block": blocks_of(reservation)[0], "device_class": NVME, "since": house.clock.now.isoformat()}
    Reservation.objects.filter(pk=reservation.pk).update(
        shortfall=[{**gap, "tried_until": house.clock.now.isoformat()}]
    )
    return reservation


def test_gaps_whose_time_is_over_keep_no_others_waiting(
    house: House, given_up: Reservation, degraded: Reservation, monkeypatch: pytest.MonkeyPatch
) -> None:
    mended(house, degraded)
    monkeypatch.setattr(limits, "ADVANCE_BATCH_MAX", 1)

    assert fill_gaps(now=house.clock.now) == 1
