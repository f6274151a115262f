"""Everything of a place is kept from new reservations at once, and who has some of it is named."""

import pytest

from fabric.models import Host, Pru, Rack, ResourceBlock, Zone
from fabric.services.cordon import cordon
from scheduler.journal_kinds import JournalKind
from scheduler.models import JournalEntry
from scheduler.refusals import Invalid, Refused
from scheduler.requests import SYSTEM
from scheduler.services.cordon import cordon_scope, uncordon_scope
from scheduler.services.replan import replan
from scheduler.states import MaintenanceScope
from tests.scheduler.services.house import A100, L40S, MONDAY, House

TOMORROW = {"starts_at": "2030-05-14T08:00:00Z", "ends_at": "2030-05-14T10:00:00Z"}
pytestmark = pytest.mark.django_db


def cordoned() -> set[str]:
    hosts = Host.objects.filter(is_cordoned=True).values_list("code", flat=True)
    return {*hosts, *ResourceBlock.objects.filter(is_cordoned=True).values_list("code", flat=True)}


@pytest.fixture
def pru(house: House) -> Pru:
    return Pru.objects.filter(blocks__device_class__code=A100).distinct().get()


def test_a_chassis_is_cordoned_whole_once_and_let_back_whole(house: House, pru: Pru) -> None:
    place = {"pool": house.pool, "scope": MaintenanceScope.PRU, "target": pru.code, "by": SYSTEM, "now": MONDAY}
    blocks = set(pru.blocks.values_list("code", flat=True))

    first = cordon_scope(reason="It hums.", **place)
    again = cordon_scope(reason="It still hums.", **place)

    assert (first.changed, again.changed, cordoned()) == (len(blocks), 0, blocks)
    with pytest.raises(Refused):
        house.book({A100: 1}, **TOMORROW)
    assert (uncordon_scope(**place), uncordon_scope(**place), cordoned()) == (len(blocks), 0, set())
    entries = JournalEntry.objects.filter(kind__startswith="unit.").order_by("id").values_list("reference", "message")
    assert list(entries) == [
        (pru.code, f"PRU {pru.code} takes no new reservations ({len(blocks)} units): It hums."),
        (pru.code, f"PRU {pru.code} takes reservations again ({len(blocks)} units)."),
    ]


def test_a_unit_that_was_cordoned_by_itself_stays_so(house: House, pru: Pru) -> None:
    place = {"pool": house.pool, "scope": MaintenanceScope.PRU, "target": pru.code, "by": SYSTEM, "now": MONDAY}
    alone = pru.blocks.order_by("code")[0]
    cordon(unit=alone, reason="It flickers.", by_name="olga")

    cordon_scope(reason="It hums.", **place)
    uncordon_scope(**place)

    assert cordoned() == {alone.code}


def test_who_has_some_of_it_is_named_and_moves_only_when_asked(house: House) -> None:
    made = house.book({L40S: 1}, **TOMORROW)
    host = Host.objects.get(allocations__reservation=made)

    found = cordon_scope(
        pool=house.pool, scope=MaintenanceScope.HOST, target=host.code, by=SYSTEM, now=MONDAY, reason="New fans."
    )

    assert (found.units, found.affected) == (frozenset({(True, host.code)}), (made,))
    assert Host.objects.get(allocations__reservation=made) == host
    moved = replan(pool=house.pool, units=found.units, reason="it gets new fans", by=SYSTEM, now=MONDAY)
    assert moved.moved == (made.code,)
    assert Host.objects.get(allocations__reservation=made) != host
    assert JournalEntry.objects.filter(kind=JournalKind.RESERVATION_MOVED).count() == 1


def test_a_rack_and_a_zone_are_all_that_is_in_them(house: House) -> None:
    rack, zone = Rack.objects.order_by("code")[0], Zone.objects.order_by("code")[0]
    by = {"pool": house.pool, "by": SYSTEM, "now": MONDAY}

    of_rack = cordon_scope(scope=MaintenanceScope.RACK, target=rack.code, reason="Power.", **by)
    uncordon_scope(scope=MaintenanceScope.RACK, target=rack.code, **by)
    of_zone = cordon_scope(scope=MaintenanceScope.ZONE, target=zone.code, reason="Power.", **by)

    assert of_rack.units == {
        *((True, code) for code in rack.hosts.values_list("code", flat=True)),
        *((False, code) for code in ResourceBlock.objects.filter(pru__rack=rack).values_list("code", flat=True)),
        *((False, code) for code in ResourceBlock.objects.filter(fixed_host__rack=rack).values_list("code", flat=True)),
    }
    assert of_zone.units == {
        *((True, code) for code in zone.hosts.values_list("code", flat=True)),
        *((False, code) for code in zone.blocks.values_list("code", flat=True)),
    }


def test_what_the_pool_does_not_have_is_said(house: House) -> None:
    with pytest.raises(Invalid) as caught:
        cordon_scope(
            pool=house.pool, scope=MaintenanceScope.ZONE, target="zone-x", by=SYSTEM, now=MONDAY, reason="Power."
        )

    assert [error.field for error in caught.value.errors] == ["target"]
