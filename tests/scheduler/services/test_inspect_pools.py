"""What the fabric shows otherwise than the books is told and answered: to holders, operators, and in later plans."""

from datetime import timedelta

import pytest

from fabric.drivers.emulator import mischief
from fabric.drivers.emulator.faults import FaultKind, clear, set_fault
from fabric.models import Composition, Drift, FabricManager, Host, Repair, ResourceBlock, Zone
from scheduler.models import JournalEntry, Notice
from scheduler.parsing import parse_request
from scheduler.queries.vocabulary import vocabulary
from scheduler.services.inspect_pools import inspect_pools
from scheduler.services.run_repairs import fabrics_to_repair, run_repairs
from scheduler.services.submit import submit
from tests.scheduler.services.house import H100, L40S, House, Truth

pytestmark = pytest.mark.django_db
SPARE = "pru-02-s01"
KINDS_OF_STEPS = ("step.", "reservation.", "token.")


def told() -> list[tuple[str, str]]:
    rows = JournalEntry.objects.order_by("id").values_list("kind", "reference")
    return [(kind, reference) for kind, reference in rows if not kind.startswith(KINDS_OF_STEPS)]


def look(house: House, times: int = 1) -> int:
    """So many looks, a minute apart, with the repairs that follow; how many differences the last one found."""
    for _ in range(times):
        house.clock.turn(60)
        found = inspect_pools(now=house.clock.now)
        for fabric in fabrics_to_repair():
            run_repairs(manager_id=fabric, clock=house.clock)
    return found


def state_of(code: str) -> str:
    return ResourceBlock.objects.get(code=code).state


def test_a_steady_fabric_has_nothing_to_tell(house: House, truth: Truth) -> None:
    assert look(house, 2) == 0
    assert told() == []


def test_a_vanished_block_is_told_once_missing_after_three_looks_and_returns_by_itself(
    house: House, truth: Truth
) -> None:
    mischief.vanish(path=truth.path, block=SPARE, now=0)

    first, second, third = look(house), look(house), look(house)
    gone = state_of(SPARE)
    mischief.come_back(path=truth.path, block=SPARE, now=0)
    look(house)
    back = state_of(SPARE)
    look(house, 2)

    assert (first, second, third) == (1, 0, 0)
    assert (gone, back, state_of(SPARE)) == ("missing", "missing", "free")
    assert told() == [
        ("drift.found", SPARE), ("block.quarantined", SPARE), ("drift.settled", SPARE), ("device.returned", SPARE),
    ]  # fmt: skip


def test_the_holder_of_a_failed_device_is_told_and_offered_another(house: House, truth: Truth) -> None:
    reservation = house.book({H100: 2})
    house.settle()
    failed = reservation.plan["nodes"][0]["blocks"][0]
    mischief.fail(path=truth.path, block=failed, now=0)

    look(house, 2)

    assert told() == [("drift.found", failed), ("block.quarantined", failed), ("device.failed", reservation.code)]
    assert Notice.objects.get(entry__kind="device.failed").user == house.alice
    assert (state_of(failed), Drift.objects.get().resolution) == ("quarantined", "The holder was told.")


def test_plans_that_have_not_begun_are_made_anew(house: House, truth: Truth) -> None:
    tomorrow = (house.clock.now + timedelta(days=1)).isoformat()
    reservation = house.book({H100: 2}, starts_at=tomorrow)
    failed = reservation.plan["nodes"][0]["blocks"][0]
    mischief.fail(path=truth.path, block=failed, now=0)

    look(house)

    reservation.refresh_from_db()
    assert failed not in reservation.plan["nodes"][0]["blocks"]
    assert JournalEntry.objects.filter(kind="reservation.moved", reservation=reservation).count() == 1


def test_an_orphan_is_quarantined_then_taken_apart_cleaned_and_offered(house: House, truth: Truth) -> None:
    reservation = house.book({H100: 2})
    house.settle()
    blocks = reservation.plan["nodes"][0]["blocks"]
    Composition.objects.update(state="closed")

    look(house)
    first = [state_of(code) for code in blocks]
    look(house, 5)

    assert first == ["quarantined", "quarantined"]
    assert ([state_of(code) for code in blocks], truth.attached()) == (["free", "free"], set())
    returned = {reference for kind, reference in told() if kind == "device.returned"}
    assert returned == {*blocks, reservation.plan["nodes"][0]["host"]}
    assert not JournalEntry.objects.filter(reservation=None, message__contains=reservation.code).exists()


def test_too_many_orphans_are_left_alone_and_an_operator_is_called_once(house: House, truth: Truth) -> None:
    for _ in range(3):
        house.book({L40S: 1})
        house.settle()
    Composition.objects.update(state="closed")
    before = truth.attached()

    look(house, 4)

    stops = JournalEntry.objects.filter(kind="drift.found", message__contains="An operator must look")
    assert (Repair.objects.count(), truth.attached(), stops.count()) == (0, before, 1)


def test_a_device_that_falls_off_is_cleaned_and_attached_again(house: House, truth: Truth) -> None:
    reservation = house.book({H100: 2})
    house.settle()
    blocks = reservation.plan["nodes"][0]["blocks"]
    mischief.detach(path=truth.path, block=blocks[0], now=0)

    look(house, 2)
    let_go = (state_of(blocks[0]), truth.attached())
    resolution = Drift.objects.get(kind="lost").resolution
    house.settle()
    look(house)

    assert let_go == ("free", {blocks[1]})
    assert resolution == "It is being attached again, this once."
    assert (state_of(blocks[0]), truth.attached()) == ("attached", set(blocks))
    assert Drift.objects.filter(resolved_at=None).count() == 0
    assert not JournalEntry.objects.filter(kind="device.failed").exists()


def test_one_that_falls_off_again_is_told_and_another_offered(house: House, truth: Truth) -> None:
    reservation = house.book({H100: 2})
    house.settle()
    lost = reservation.plan["nodes"][0]["blocks"][0]
    for _ in range(2):
        mischief.detach(path=truth.path, block=lost, now=0)
        look(house, 3)
        house.settle()
        look(house)

    assert JournalEntry.objects.filter(kind="device.failed", reservation=reservation).count() == 1
    assert Drift.objects.get(kind="lost", resolved_at=None).resolution == "The holder was told."


def test_a_host_that_boots_under_its_holder_is_told_with_what_it_shows_afterwards(house: House, truth: Truth) -> None:
    reservation = house.book({H100: 2})
    house.settle()
    node = reservation.plan["nodes"][0]
    look(house, 2)
    mischief.reboot(path=truth.path, host=node["host"], now=0)
    mischief.reset(path=truth.path, block=node["blocks"][0], now=0)

    look(house, 2)

    entry = JournalEntry.objects.get(kind="host.rebooted")
    assert entry.message == (
        f"Node 1: host {node['host']} was rebooted. It sees its {len(node['blocks'])} devices, set as before."
    )
    assert Notice.objects.get(entry=entry).user == house.alice


def test_a_card_that_lost_its_layout_with_a_reboot_is_named(house: House, truth: Truth) -> None:
    lines = [{"device_class": L40S, "count": 1, "power_cap_w": 250}]
    body = {"project": "team-chat", "pool": "lab", "duration_minutes": 120, "mix": [{"lines": lines}]}
    request = parse_request(body, vocabulary=vocabulary(user_id=house.alice.pk), now=house.clock.now)
    reservation = submit(request=request, by=house.by(house.alice), now=house.clock.now)
    house.settle()
    node = reservation.plan["nodes"][0]
    look(house)
    mischief.reboot(path=truth.path, host=node["host"], now=0)
    mischief.reset(path=truth.path, block=node["blocks"][0], now=0)

    look(house)

    told = JournalEntry.objects.get(kind="host.rebooted")
    assert f"{node['blocks'][0]} is whole and not capped now" in told.message
    assert told.facts["set_otherwise"] == [node["blocks"][0]]


def test_a_boot_that_wiring_took_is_not_told(house: House, truth: Truth) -> None:
    """The listing before the node was there showed an earlier boot."""
    look(house)
    reservation = house.book({H100: 2})
    host = reservation.plan["nodes"][0]["host"]
    mischief.reboot(path=truth.path, host=host, now=0)
    house.settle()

    look(house, 2)

    assert not JournalEntry.objects.filter(kind="host.rebooted").exists()
    assert Host.objects.get(code=host).boot_id != ""


def test_a_fabric_that_does_not_answer_says_so_and_changes_nothing(house: House, truth: Truth) -> None:
    set_fault(path=truth.path, kind=FaultKind.UNREADABLE)
    mischief.vanish(path=truth.path, block=SPARE, now=0)

    silent = look(house)
    error = FabricManager.objects.get().listing_error
    clear(path=truth.path)

    assert (silent, error, look(house)) == (0, "The fabric manager could not be read.", 1)
    assert FabricManager.objects.get().listing_error == ""


def test_a_manager_without_a_driver_keeps_no_other_from_being_looked_at(house: House, truth: Truth) -> None:
    first = FabricManager.objects.get(pool=house.pool)
    second = FabricManager.objects.create(pool=house.pool, code="fab-2", driver=first.driver, max_parallel_mutations=1)
    zone = Zone.objects.create(pool=house.pool, code="far", fabric_manager=second)
    ResourceBlock.objects.filter(code=SPARE).update(zone=zone)
    FabricManager.objects.filter(pk=first.pk).update(driver="no-such-driver")
    mischief.vanish(path=truth.path, block=SPARE, now=0)

    assert look(house) == 1
    assert FabricManager.objects.get(pk=first.pk).listing_error.startswith("NoSuchDriver")


def test_a_difference_is_told_by_the_one_manager_that_wires_the_block(house: House, truth: Truth) -> None:
    FabricManager.objects.create(pool=house.pool, code="fab-2", driver="emulator", max_parallel_mutations=1)
    mischief.vanish(path=truth.path, block=SPARE, now=0)

    assert look(house) == 1
    assert told() == [("drift.found", SPARE)]
