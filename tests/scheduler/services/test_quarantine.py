"""What an operator may offer again: only what the fabric itself shows free, hosts as well as blocks."""

import pytest

from fabric.drivers.base import CardSetting
from fabric.drivers.emulator import mischief
from fabric.models import Host, ResourceBlock
from fabric.services.drivers import driver_for
from scheduler.models import JournalEntry
from scheduler.refusals import Invalid
from scheduler.services import quarantine
from scheduler.services.force_release import force_release
from scheduler.services.release import release
from scheduler.services.run_repairs import run_repairs
from tests.scheduler.services.house import A100, H100, House, Truth

pytestmark = pytest.mark.django_db


def test_a_host_with_a_machine_still_on_it_is_not_offered(house: House, truth: Truth) -> None:
    by, now = house.by(house.alice), house.clock.now
    reservation = house.book({H100: 2})
    house.settle()
    release(reservation=reservation, by=by, now=now)
    force_release(reservation=reservation, by=by, now=now, reason="stuck")
    host = Host.objects.get(state="quarantined")
    tag = f"heddle-{reservation.code}-n0-g1"

    with pytest.raises(Invalid, match=f"still shows {tag} on {host.code}; take it apart there first"):
        quarantine.clear(unit=host, by=by, now=now, reason="looked at it")
    host.refresh_from_db()
    assert host.state == "quarantined"

    for code in reservation.plan["nodes"][0]["blocks"]:
        mischief.detach(path=truth.path, block=code, now=0)
    assert quarantine.clear(unit=host, by=by, now=now, reason="looked at it") is True


def test_a_card_that_somebody_cut_is_cleaned_and_then_offered(house: House, truth: Truth) -> None:
    by, now = house.by(house.alice), house.clock.now
    card = ResourceBlock.objects.filter(device_class__code=A100, is_mig_capable=True)[0]
    ResourceBlock.objects.filter(pk=card.pk).update(state="quarantined")
    card.refresh_from_db()
    manager = house.pool.fabric_managers.get()
    driver_for(manager).configure(
        op_key="theirs", tag="stranger", settings={card.code: CardSetting(layout={"1g.10gb": 7})}
    )
    before = truth.settings()

    with pytest.raises(Invalid, match="It is being cleaned now, and offered when that is proven"):
        quarantine.clear(unit=card, by=by, now=now, reason="looked at it")
    run_repairs(manager_id=manager.pk, clock=house.clock)
    card.refresh_from_db()

    assert (before, truth.settings()) == ({card.code: ({"1g.10gb": 7}, None)}, {})
    assert card.state == "free"
    assert [(entry.kind, entry.actor_name) for entry in JournalEntry.objects.order_by("id")] == [
        ("block.cleared", "alice"), ("device.returned", "heddle"),
    ]  # fmt: skip


def test_an_operator_offers_it_again_only_once_the_fabric_shows_it_free(house: House, truth: Truth) -> None:
    block = ResourceBlock.objects.get(pool=house.pool, code="pru-02-s01")
    ResourceBlock.objects.filter(pk=block.pk).update(state="quarantined")
    block.refresh_from_db()
    by, now = house.by(house.alice), house.clock.now
    mischief.attach(path=truth.path, block=block.code, host="host-01", tag="somebody-else", now=0)

    with pytest.raises(Invalid, match="still shows pru-02-s01 on host-01 as somebody-else"):
        quarantine.clear(unit=block, by=by, now=now, reason="looked at it")
    mischief.detach(path=truth.path, block=block.code, now=0)
    driver_for(house.pool.fabric_managers.get()).clean(op_key="theirs", blocks=[block.code])
    cleared = quarantine.clear(unit=block, by=by, now=now, reason="looked at it")
    block.refresh_from_db()
    again = quarantine.clear(unit=block, by=by, now=now, reason="looked at it")

    assert (cleared, again, block.state) == (True, False, "free")
    assert [entry.kind for entry in JournalEntry.objects.all()] == ["block.cleared"]


def test_a_device_of_a_node_in_use_is_not_offered_to_anybody(house: House, truth: Truth) -> None:
    reservation = house.book({H100: 2})
    house.settle()
    block = ResourceBlock.objects.get(code=reservation.plan["nodes"][0]["blocks"][0])
    ResourceBlock.objects.filter(pk=block.pk).update(state="quarantined")
    block.refresh_from_db()
    mischief.detach(path=truth.path, block=block.code, now=0)

    with pytest.raises(Invalid, match="is a device of a node in use"):
        quarantine.clear(unit=block, by=house.by(house.alice), now=house.clock.now, reason="looked at it")
