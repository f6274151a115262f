"""What the fabric shows otherwise than the books is told once, and a block that vanished is offered to nobody."""

import pytest

from fabric.drivers.emulator import mischief
from fabric.drivers.emulator.faults import FaultKind, set_fault
from fabric.models import Drift, FabricManager, ResourceBlock
from scheduler.models import JournalEntry
from scheduler.refusals import Invalid
from scheduler.services import quarantine
from scheduler.services.inspect_pools import inspect_pools
from scheduler.services.release import release
from tests.scheduler.services.house import H100, House, Truth

pytestmark = pytest.mark.django_db


def test_a_steady_fabric_has_nothing_to_tell(house: House, truth: Truth) -> None:
    assert inspect_pools(now=house.clock.now) == 0
    assert JournalEntry.objects.count() == 0


def test_a_vanished_block_is_told_once_and_comes_back_into_quarantine(house: House, truth: Truth) -> None:
    block = ResourceBlock.objects.get(pool=house.pool, code="pru-02-s01")
    mischief.vanish(path=truth.path, block=block.code, now=0)

    first = inspect_pools(now=house.clock.now)
    house.clock.turn(60)
    second = inspect_pools(now=house.clock.now)
    block.refresh_from_db()

    assert (first, second, block.state) == (1, 0, "missing")
    entry = JournalEntry.objects.get()
    assert (entry.kind, entry.reference) == ("drift.found", "pru-02-s01")

    mischief.come_back(path=truth.path, block=block.code, now=0)
    house.clock.turn(60)
    inspect_pools(now=house.clock.now)
    block.refresh_from_db()
    assert (block.state, Drift.objects.filter(resolved_at=None).count()) == ("quarantined", 0)


def test_an_operator_offers_it_again_only_once_the_fabric_shows_it_free_and_clean(house: House, truth: Truth) -> None:
    """What a stranger used is cleaned first: the first asking starts that, the second one finds it done."""
    block = ResourceBlock.objects.get(pool=house.pool, code="pru-02-s01")
    ResourceBlock.objects.filter(pk=block.pk).update(state="quarantined")
    by, now = house.by(house.alice), house.clock.now
    mischief.attach(path=truth.path, block=block.code, host="host-01", tag="somebody-else", now=0)

    with pytest.raises(Invalid, match="still shows pru-02-s01 on host-01 as somebody-else"):
        quarantine.clear(unit=block, by=by, now=now, reason="looked at it")
    mischief.detach(path=truth.path, block=block.code, now=0)
    with pytest.raises(Invalid, match="being cleaned now"):
        quarantine.clear(unit=block, by=by, now=now, reason="looked at it")
    cleared = quarantine.clear(unit=block, by=by, now=now, reason="looked at it")
    again = quarantine.clear(unit=block, by=by, now=now, reason="looked at it")
    block.refresh_from_db()

    assert (cleared, again, block.state) == (True, False, "free")
    assert [entry.kind for entry in JournalEntry.objects.all()] == ["block.cleared"]


def test_one_that_was_not_cleaned_is_cleaned_before_it_is_offered(house: House, truth: Truth) -> None:
    reservation = house.book({H100: 2})
    house.settle()
    bad = reservation.plan["nodes"][0]["blocks"][0]
    set_fault(path=truth.path, kind=FaultKind.CLEAN_FAILURE, blocks=[bad], times=1)
    release(reservation=reservation, by=house.by(house.alice), now=house.clock.now)
    house.settle()
    block = ResourceBlock.objects.get(pool=house.pool, code=bad)

    with pytest.raises(Invalid, match="being cleaned now"):
        quarantine.clear(unit=block, by=house.by(house.alice), now=house.clock.now, reason="looked at it")

    assert quarantine.clear(unit=block, by=house.by(house.alice), now=house.clock.now, reason="looked at it") is True


def test_a_manager_without_a_driver_keeps_no_other_from_being_looked_at(house: House, truth: Truth) -> None:
    first = FabricManager.objects.get(pool=house.pool)
    FabricManager.objects.create(pool=house.pool, code="fab-2", driver=first.driver, max_parallel_mutations=1)
    FabricManager.objects.filter(pk=first.pk).update(driver="no-such-driver")
    mischief.vanish(path=truth.path, block="pru-02-s01", now=0)

    assert inspect_pools(now=house.clock.now) == 1


def test_a_difference_that_two_managers_of_a_pool_show_is_told_once(house: House, truth: Truth) -> None:
    FabricManager.objects.create(pool=house.pool, code="fab-2", driver="emulator", max_parallel_mutations=1)
    mischief.vanish(path=truth.path, block="pru-02-s01", now=0)

    assert inspect_pools(now=house.clock.now) == 1
    assert JournalEntry.objects.count() == 1
