"""A fabric that picks devices itself: an equal one that is nobody's is as good, anything else is taken back."""

from collections.abc import Callable
from typing import Any

import pytest

from fabric.composing.run import NodeOutcome, NodeResult
from fabric.drivers.base import CardSetting
from fabric.drivers.emulator.faults import FaultKind
from fabric.drivers.emulator.seed import set_latency_scale
from fabric.models import Composition, DeviceClass, Pru, ResourceBlock, Zone
from fabric.states import BlockState
from tests.fabric.composing.house import House
from tests.fabric.composing.in_use import TAG, blocks, granted, steps
from tests.fabric.composing.picking import Picking
from tests.fabric.composing.test_kill import arguments
from tests.fabric.composing.watched import Killed, Tripwire, Watched

RELEASED = NodeResult(outcome=NodeOutcome.RELEASED)
OTHERS = {"gpu-1": "gpu-4", "gpu-2": "gpu-5"}


def picky(house: House, **likes: str) -> Picking:
    return Picking(house.driver, {asked.replace("_", "-"): given for asked, given in likes.items()})


def test_the_node_has_what_the_fabric_gave_and_says_so(house: House) -> None:
    composition = house.open()

    result = house.compose(composition, driver=Picking(house.driver, OTHERS))

    compose = composition.steps.get(kind="compose")
    assert result == NodeResult(outcome=NodeOutcome.COMPOSED, exchanged=OTHERS)
    assert house.owners() == {"gpu-4": TAG, "gpu-5": TAG}
    assert house.states() == {"gpu-4": "attached", "gpu-5": "attached", "host-1": "attached"}
    assert (blocks(composition), granted(composition)) == (["gpu-4", "gpu-5"], ["gpu-4", "gpu-5"])
    assert compose.message.endswith("The fabric gave gpu-4 for gpu-1, gpu-5 for gpu-2.")
    assert compose.target == {"host": "host-1", "blocks": ["gpu-1", "gpu-2"], "exchanged": OTHERS}
    assert [(line["block"], line["outcome"]) for line in compose.lines] == [("gpu-4", "done"), ("gpu-5", "done")]


def test_it_is_released_as_what_it_is(house: House) -> None:
    composition, driver = house.open(), Picking(house.driver, OTHERS)
    house.compose(composition, driver=driver)

    assert house.release(composition, driver=driver) == RELEASED
    assert (house.owners(), house.states(), house.open_attachments()) == ({}, {}, [])
    assert {proof.block.code for proof in composition.proofs.all()} == {"gpu-4", "gpu-5"}


def test_asking_again_tells_of_the_exchange_again(house: House) -> None:
    composition, driver = house.open(), picky(house, gpu_1="gpu-4")

    assert [house.compose(composition, driver=driver).exchanged for _ in range(2)] == [{"gpu-1": "gpu-4"}] * 2
    assert blocks(composition) == ["gpu-2", "gpu-4"]


def elsewhere(house: House) -> None:
    ResourceBlock.objects.filter(code="gpu-4").update(switch="S2")


def other_zone(house: House) -> None:
    zone = Zone.objects.get(code="zone-1")
    zone.pk, zone.code = None, "zone-2"
    zone.save()
    ResourceBlock.objects.filter(code="gpu-4").update(zone=zone)


def other_chassis(house: House) -> None:
    pru = Pru.objects.get(code="pru-1")
    pru.pk, pru.code = None, "pru-2"
    pru.save()
    ResourceBlock.objects.filter(code="gpu-4").update(pru=pru)


def other_class(house: House) -> None:
    other = DeviceClass.objects.create(code="npu", name="N", vendor="V", kind="gpu", poolability="x", facts={})
    ResourceBlock.objects.filter(code="gpu-4").update(device_class=other)


def bridged(house: House) -> None:
    ResourceBlock.objects.filter(code="gpu-4").update(bridge_group="b-1")


@pytest.mark.parametrize("difference", [elsewhere, other_zone, other_chassis, other_class, bridged])
def test_one_that_is_not_equal_is_taken_back_and_cleaned(house: House, difference: Callable[[House], None]) -> None:
    difference(house)
    composition = house.open()

    result = house.compose(composition, driver=picky(house, gpu_1="gpu-4"))

    assert (result.outcome, result.failed_blocks) == (NodeOutcome.UNDONE, ("gpu-1",))
    assert (house.owners(), house.states(), house.open_attachments()) == ({}, {}, [])
    assert {(proof.block.code, proof.is_proven) for proof in composition.proofs.all()} == {
        ("gpu-1", True),
        ("gpu-2", True),
        ("gpu-4", True),
    }


def test_one_that_is_planned_for_another_node_is_not_taken(house: House) -> None:
    other = house.open(owner="r-2", host="host-2", blocks=("gpu-4",))

    result = house.compose(house.open(), driver=picky(house, gpu_1="gpu-4"))

    assert (result.outcome, house.owners()) == (NodeOutcome.UNDONE, {})
    assert ResourceBlock.objects.get(code="gpu-4").state == BlockState.FREE
    assert blocks(other) == ["gpu-4"]


def test_one_that_is_quarantined_is_not_taken(house: House) -> None:
    ResourceBlock.objects.filter(code="gpu-4").update(state=BlockState.QUARANTINED)

    result = house.compose(house.open(), driver=picky(house, gpu_1="gpu-4"))

    assert (result.outcome, house.owners(), house.states()) == (NodeOutcome.UNDONE, {}, {"gpu-4": "quarantined"})


def test_a_fabric_that_does_not_pick_may_not_exchange(house: House) -> None:
    driver = picky(house, gpu_1="gpu-4")
    driver.capabilities = house.driver.capabilities  # type: ignore[method-assign]

    result = house.compose(house.open(), driver=driver)

    assert (result.outcome, result.failed_blocks) == (NodeOutcome.UNDONE, ("gpu-1",))
    assert house.owners() == {}


def test_a_card_that_was_to_be_set_is_not_exchanged(house: House) -> None:
    composition = house.open(settings={"gpu-1": CardSetting(power_cap_w=250)})

    result = house.compose(composition, driver=picky(house, gpu_1="gpu-4"))

    assert (result.outcome, house.owners(), house.world.settings()) == (NodeOutcome.UNDONE, {}, {})


def test_an_exchange_that_is_not_proven_is_taken_back(house: House) -> None:
    composition, driver = house.open(), picky(house, gpu_1="gpu-4")

    def pull(moment: str) -> None:
        if moment == "before prove":
            house.world.detach("gpu-4")

    result = house.compose(composition, driver=Watched(driver, pull))

    assert (result.outcome, result.failed_blocks) == (NodeOutcome.QUARANTINED, ("gpu-4",))
    assert (house.owners(), house.states()) == ({}, {"gpu-4": "quarantined"})


def test_a_change_of_a_node_in_use_gets_what_the_fabric_gives(house: House, node: Composition) -> None:
    driver = picky(house, gpu_3="gpu-6")

    result = house.resize(house.open_resize(node, adds=("gpu-3",), removes=("gpu-1",)), driver=driver)

    assert result == NodeResult(outcome=NodeOutcome.RESIZED, exchanged={"gpu-3": "gpu-6"})
    assert (blocks(node), granted(node)) == (["gpu-2", "gpu-6"], ["gpu-2", "gpu-6"])
    assert ("prove", ["gpu-6"], "done", False) in steps(node)
    assert house.states() == {"gpu-2": "attached", "gpu-6": "attached", "host-1": "attached"}


def test_an_unequal_addition_to_a_node_in_use_is_taken_back(house: House, node: Composition) -> None:
    ResourceBlock.objects.filter(code="gpu-6").update(switch="S2")

    result = house.resize(house.open_resize(node, adds=("gpu-3",)), driver=picky(house, gpu_3="gpu-6"))

    assert (result.outcome, result.failed_blocks) == (NodeOutcome.NOT_RESIZED, ("gpu-3",))
    assert (blocks(node), house.owners()) == (["gpu-1", "gpu-2"], {"gpu-1": TAG, "gpu-2": TAG})
    assert house.states() == {"gpu-1": "attached", "gpu-2": "attached", "host-1": "attached"}


@pytest.mark.parametrize("verb", ["compose", "release"])
def test_an_exchange_killed_at_any_moment_is_ended_by_the_next(house: House, verb: str, is_deep: bool) -> None:
    set_latency_scale(path=house.world.path, scale=0)
    house.world.fault(FaultKind.LOST_AFTER, operation="compose")

    def work(composition: Composition, tripwire: Tripwire) -> Any:
        found = arguments(house, tripwire)
        return house.compose(composition, **{**found, "driver": Picking(found["driver"], OTHERS)})

    told = Tripwire()
    dry = house.open(owner="dry")
    work(dry, told)
    house.release(dry)
    for at in range(0, len(told.moments), 1 if is_deep else 11):
        composition = house.open(owner=f"r-{at}")
        with pytest.raises(Killed) as death:
            work(composition, Tripwire(at=at))

        if verb == "compose":
            assert work(composition, Tripwire()).outcome == NodeOutcome.COMPOSED, death.value
            assert set(house.owners()) == {"gpu-4", "gpu-5"}, death.value
            assert house.states() == {"gpu-4": "attached", "gpu-5": "attached", "host-1": "attached"}, death.value
        assert house.release(composition, driver=Picking(house.driver, OTHERS)) == RELEASED, death.value
        assert (house.owners(), house.states(), house.open_attachments()) == ({}, {}, []), death.value
