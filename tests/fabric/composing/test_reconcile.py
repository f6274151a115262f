"""Listings against the rows of a real database: what is written down, what is done about it, and what is left alone."""

from datetime import timedelta
from typing import Any

import pytest

from fabric.composing.reconcile import Reconciled, reconcile
from fabric.composing.recorded import adopt_hardware
from fabric.drivers.base import Unknown
from fabric.drivers.emulator import mischief
from fabric.drivers.emulator.faults import FaultKind
from fabric.models import Attachment, Composition, Device, Drift, FabricManager, Host, Repair, ResourceBlock, Zone
from fabric.states import CompositionState
from tests.fabric.composing.house import House

TAG = "heddle-r-1-n0-g1"
MINUTE = 60


def look(house: House) -> Reconciled:
    return reconcile(manager=FabricManager.objects.get(code="fab-1"), driver=house.driver, now=house.now)


def looks(house: House, times: int) -> Reconciled:
    """So many listings, a minute apart; what the last one came to."""
    for _ in range(times - 1):
        look(house)
        house.wait(MINUTE)
    return look(house)


def open_drifts() -> list[tuple[str, str, int]]:
    rows = Drift.objects.filter(resolved_at=None).order_by("block__code", "kind")
    return list(rows.values_list("block__code", "kind", "sightings"))


def repairs() -> list[tuple[str, str, list[str]]]:
    return list(Repair.objects.order_by("id").values_list("kind", "tag", "blocks"))


def test_a_fabric_as_recorded_has_no_drift(house: House) -> None:
    house.compose(house.open())

    found = looks(house, 2)

    assert (found, open_drifts()) == (Reconciled(differences=()), [])
    manager = FabricManager.objects.get()
    assert (manager.listed_at, manager.listing_error) == (house.now, "")


def test_a_vanished_block_is_missing_after_three_listings_and_is_cleaned_when_it_is_back(house: House) -> None:
    house.world.vanish("gpu-1")
    looks(house, 2)
    house.wait(MINUTE)
    twice = house.states()
    third = look(house)
    gone = house.states()
    house.world.come_back("gpu-1")
    house.wait(MINUTE)
    look(house)
    back = house.states()
    house.wait(MINUTE)
    look(house)

    assert (twice, gone, back) == ({}, {"gpu-1": "missing"}, {"gpu-1": "missing"})
    assert third.lost == frozenset({(False, "gpu-1")})
    assert (house.states(), repairs()) == ({"gpu-1": "cleaning"}, [("clean", "", ["gpu-1"])])


def test_a_partial_listing_counts_nothing_settles_nothing_and_is_told(house: House) -> None:
    house.world.vanish("gpu-2")
    looks(house, 3)
    house.world.come_back("gpu-2")
    house.world.vanish("gpu-4")
    house.wait(MINUTE)
    house.world.fault(FaultKind.PARTIAL_LISTING)

    found = looks(house, 4)

    assert found.differences == ()
    assert (house.states(), open_drifts()) == ({"gpu-2": "missing"}, [("gpu-2", "absent", 3)])
    assert (
        FabricManager.objects.get().listing_error
        == "The listing was not complete: nothing follows from what it left out."
    )


def orphaned(house: House) -> Composition:
    """A node that is attached although its composition is closed: what a bug, or a restored backup, leaves behind."""
    composition = house.open()
    house.compose(composition)
    Composition.objects.filter(pk=composition.pk).update(state=CompositionState.CLOSED)
    return composition


def test_an_orphan_is_unusable_at_once_and_taken_apart_after_its_grace(house: House) -> None:
    orphaned(house)

    look(house)
    first = (house.states(), repairs())
    house.wait(59)
    look(house)
    early = repairs()
    house.wait(1)
    look(house)
    house.wait(MINUTE)
    look(house)

    assert first == ({"gpu-1": "quarantined", "gpu-2": "quarantined", "host-1": "quarantined"}, [])
    assert early == []
    assert repairs() == [("detach", TAG, ["gpu-1", "gpu-2"])]
    assert Drift.objects.filter(resolution="It is being taken apart.").count() == 2


def test_the_grace_is_kept_in_the_database(house: House) -> None:
    """Another process, or this one after a restart, goes on counting where the last one stopped."""
    orphaned(house)
    look(house)
    Drift.objects.update(
        first_seen_at=house.now - timedelta(seconds=60), last_seen_at=house.now - timedelta(seconds=60)
    )

    look(house)

    assert repairs() == [("detach", TAG, ["gpu-1", "gpu-2"])]


def test_a_frozen_node_is_told_and_not_taken_apart(house: House) -> None:
    composition = orphaned(house)
    step = composition.steps.order_by("-position")[0]
    composition.steps.filter(pk=step.pk).update(error="ContractBroken")

    looks(house, 4)

    assert (repairs(), [kind for _, kind, _ in open_drifts()]) == ([], ["orphan", "orphan"])


def test_a_strangers_long_name_stops_nothing(house: House) -> None:
    """Names on a fabric may be of any length; the same one is the same difference the next time."""
    house.world.attach_foreign("gpu-3", "host-5", "stranger-" * 20)

    looks(house, 3)

    assert open_drifts() == [("gpu-3", "foreign", 3)]
    assert [len(tag) for tag in Drift.objects.values_list("tag", flat=True)] == [64]


def test_the_first_listing_costs_as_many_queries_however_many_devices_it_shows(
    house: House, django_assert_max_num_queries: Any
) -> None:
    seen = house.driver.inventory()
    manager = FabricManager.objects.get()
    Device.objects.create(block=ResourceBlock.objects.get(code="gpu-1"), serial="GUESSED")

    with django_assert_max_num_queries(5):
        adopt_hardware(manager=manager, inventory=seen)

    shown = {one.block: one.serial for one in seen.devices}
    assert dict(Device.objects.values_list("block__code", "serial")) == shown


def test_a_paused_fabric_is_read_and_not_changed(house: House) -> None:
    orphaned(house)
    FabricManager.objects.update(is_paused=True)

    looks(house, 4)

    assert (repairs(), len(open_drifts())) == ([], 2)


def test_what_was_taken_is_left_alone_and_returns_when_it_is_given_back(house: House) -> None:
    house.world.attach_foreign("gpu-3", "host-5", "stranger")
    looks(house, 5)
    taken = (house.states(), repairs(), house.owners())
    house.world.detach("gpu-3")
    house.wait(MINUTE)
    looks(house, 2)

    assert taken == ({"gpu-3": "quarantined", "host-5": "quarantined"}, [], {"gpu-3": "stranger"})
    assert (house.states(), repairs()) == ({"gpu-3": "cleaning"}, [("clean", "", ["gpu-3"])])


def test_a_device_that_fails_in_a_node_is_quarantined_with_its_attachment_open(house: House) -> None:
    house.compose(house.open())
    mischief.fail(path=house.world.path, block="gpu-1", now=0)

    found = look(house)

    assert [(act.do, act.unit) for act in found.acts] == [("device_failed", "gpu-1")]
    assert found.lost == frozenset({(False, "gpu-1")})
    assert house.states()["gpu-1"] == "quarantined"
    assert house.open_attachments() == ["gpu-1", "gpu-2"]


def test_what_concerns_people_is_given_again_until_it_is_answered(house: House) -> None:
    house.compose(house.open())
    house.world.detach("gpu-1")

    first, second, third = look(house), looks(house, 2), looks(house, 2)
    Drift.objects.update(resolution="Attached again.")
    house.wait(MINUTE)

    assert [[act.do for act in found.acts] for found in (first, second, third)] == [[], ["reattach"], ["reattach"]]
    assert look(house).acts == ()


def test_one_that_looks_otherwise_is_another_difference(house: House) -> None:
    house.world.attach_foreign("gpu-3", "host-5", "stranger")
    looks(house, 2)
    house.world.detach("gpu-3")
    house.world.attach_foreign("gpu-3", "host-4", "another")
    house.wait(MINUTE)
    look(house)

    assert open_drifts() == [("gpu-3", "foreign", 1)]
    assert Drift.objects.filter(kind="foreign").count() == 2


def test_a_composition_on_its_way_is_not_drift(house: House) -> None:
    house.open()
    house.driver.compose(op_key="c", tag=TAG, host="host-1", blocks=("gpu-1", "gpu-2"))
    house.wait(3600)

    assert look(house).differences == ()


def test_a_missing_block_is_not_offered_again_by_a_release(house: House) -> None:
    composition = house.open()
    house.compose(composition)
    house.world.vanish("gpu-1")
    looks(house, 3)

    house.release(composition)

    assert ResourceBlock.objects.get(code="gpu-1").state == "missing"
    assert (house.states(), house.owners()) == ({"gpu-1": "missing"}, {})


def test_the_attachment_of_a_node_closed_without_proof_ends_when_the_fabric_shows_it_gone(house: House) -> None:
    orphaned(house)
    before = house.open_attachments()
    house.world.detach("gpu-1")

    look(house)

    assert (before, house.open_attachments()) == (["gpu-1", "gpu-2"], ["gpu-2"])
    assert Attachment.objects.get(block__code="gpu-1").until == house.now


def test_a_manager_judges_only_what_it_wires(house: House) -> None:
    """Two managers of one pool: what one of them does not list is not missing, and is not its business."""
    other = FabricManager.objects.create(pool=house.pool, code="fab-2")
    zone = Zone.objects.create(pool=house.pool, code="zone-2", fabric_manager=other)
    ResourceBlock.objects.filter(code="gpu-2").update(zone=zone)
    Host.objects.filter(code="host-2").update(zone=zone)
    house.world.vanish("gpu-1")
    house.world.vanish("gpu-2")

    first = look(house).differences
    second = reconcile(manager=other, driver=house.driver, now=house.now).differences

    assert [one.block for one in first] == ["gpu-1"]
    assert [one.block for one in second] == ["gpu-2"]


def test_what_the_pool_file_calls_missing_is_not_looked_for(house: House) -> None:
    ResourceBlock.objects.filter(code="gpu-1").update(state="missing", state_reason="gone from the pool file")

    looks(house, 3)

    assert (house.states(), repairs()) == ({"gpu-1": "missing"}, [])


def test_the_first_listing_says_which_hardware_there_is_and_later_ones_are_held_to_it(house: House) -> None:
    look(house)
    block = ResourceBlock.objects.get(code="gpu-1")
    known = block.devices.get().serial
    block.devices.update(serial="ANOTHER")
    house.wait(MINUTE)
    look(house)

    assert known == house.driver.find(tag="", blocks=["gpu-1"])[0].serial
    assert (house.states(), open_drifts()) == ({"gpu-1": "quarantined"}, [("gpu-1", "changed", 1)])


def test_a_fabric_that_does_not_answer_changes_nothing(house: House) -> None:
    class Silent:
        def inventory(self) -> None:
            raise Unknown("no answer")

    with pytest.raises(Unknown):
        reconcile(manager=FabricManager.objects.get(), driver=Silent(), now=house.now)  # type: ignore[arg-type]  # asked for nothing else

    assert (Drift.objects.count(), FabricManager.objects.get().listed_at) == (0, None)
