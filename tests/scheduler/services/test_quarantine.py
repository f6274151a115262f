"""What an operator may offer again: only what the fabric itself shows free, hosts as well as blocks."""

import pytest

from fabric.drivers.base import CardSetting
from fabric.drivers.emulator import mischief
from fabric.models import Host, ResourceBlock
from fabric.services.drivers import driver_for
from scheduler.refusals import Invalid
from scheduler.services import quarantine
from scheduler.services.force_release import force_release
from scheduler.services.release import release
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


def test_a_card_that_somebody_cut_is_not_offered_until_it_is_cleaned(house: House, truth: Truth) -> None:
    by, now = house.by(house.alice), house.clock.now
    card = ResourceBlock.objects.filter(device_class__code=A100, is_mig_capable=True)[0]
    ResourceBlock.objects.filter(pk=card.pk).update(state="quarantined")
    driver = driver_for(house.pool.fabric_managers.get())
    driver.configure(op_key="theirs", tag="stranger", settings={card.code: CardSetting(layout={"1g.10gb": 7})})
    before = truth.settings()

    with pytest.raises(Invalid, match="was not clean"):
        quarantine.clear(unit=card, by=by, now=now, reason="looked at it")

    assert (before, truth.settings()) == ({card.code: ({"1g.10gb": 7}, None)}, {})
    assert quarantine.clear(unit=card, by=by, now=now, reason="looked at it") is True
