"""What is proven before a node is handed out, and what is kept of a block that was given back."""

from dataclasses import asdict, replace
from typing import Any

import pytest

from fabric.composing.run import NodeOutcome
from fabric.drivers.base import CardSetting, Proof
from fabric.drivers.emulator.faults import FaultKind
from fabric.models import Composition, Device, DeviceClass, ReleaseProof, ResourceBlock
from tests.fabric.composing.house import House

CAPPED = CardSetting(power_cap_w=250)


@pytest.fixture
def known(house: House) -> House:
    """The books know serial numbers and how wide the links are."""
    DeviceClass.objects.update(facts={"pcie": {"generation": 5, "lanes": 16}})
    Device.objects.bulk_create(Device(block=block, serial=f"SN-{block.code}") for block in ResourceBlock.objects.all())
    return house


class Misreporting:
    """A fabric on whose host gpu-1 is seen with these facts instead of its own."""

    def __init__(self, house: House, **facts: Any) -> None:
        self._inner = house.driver
        self._facts = facts

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def prove(self, **question: Any) -> Proof:
        proof = self._inner.prove(**question)
        devices = [replace(seen, **self._facts) if seen.block == "gpu-1" else seen for seen in proof.devices]
        return replace(proof, devices=tuple(devices))


def test_the_hardware_we_know_with_all_its_lanes_is_proven(known: House) -> None:
    composition = known.open()

    assert known.compose(composition).outcome == NodeOutcome.COMPOSED
    assert composition.steps.get(kind="prove").message == "The host sees 2 blocks and nothing else."


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"device_class": "fpga"}, "It is a fpga, not a gpu."),
        ({"serial": "SN-other"}, "Its serial number is SN-other, not SN-gpu-1."),
        ({"lanes": 8}, "Its link came up with 8 of 16 lanes."),
        ({"health": "failed"}, "It reports failed."),
        ({"health": "unavailable"}, "It reports unavailable."),
        ({"setting": CAPPED}, "It is held to 250 W."),
    ],
)
def test_anything_else_is_not_proven_and_its_block_is_set_aside(
    known: House, facts: dict[str, Any], reason: str
) -> None:
    composition = known.open()

    result = known.compose(composition, driver=Misreporting(known, **facts))

    prove = composition.steps.get(kind="prove")
    assert (result.outcome, result.failed_blocks) == (NodeOutcome.QUARANTINED, ("gpu-1",))
    assert (prove.state, prove.message) == ("not_done", f"Not proven: gpu-1: {reason}")
    assert (known.states(), known.owners()) == ({"gpu-1": "quarantined"}, {})


@pytest.mark.parametrize("facts", [{"device_class": ""}, {"serial": ""}, {"lanes": None}])
def test_what_a_fabric_does_not_tell_is_not_held_against_it(known: House, facts: dict[str, Any]) -> None:
    assert known.compose(known.open(), driver=Misreporting(known, **facts)).outcome == NodeOutcome.COMPOSED


def test_a_link_that_really_comes_up_narrow_is_undone(known: House) -> None:
    known.world.fault(FaultKind.NARROW, blocks=["gpu-2"])

    result = known.compose(known.open())

    assert (result.outcome, result.failed_blocks) == (NodeOutcome.QUARANTINED, ("gpu-2",))


def test_a_proof_of_release_keeps_what_was_before_what_was_done_and_what_is_now(known: House) -> None:
    composition = known.open(settings={"gpu-1": CAPPED})
    known.compose(composition)
    known.release(composition)

    proof = ReleaseProof.objects.get(block__code="gpu-1")
    cleaned = composition.steps.get(kind="clean").lines[0]
    assert (proof.is_proven, proof.observed_at) == (True, known.now)
    assert proof.evidence == {
        "is_shown": True,
        "serial": "SN-gpu-1",
        "host": None,
        "tag": None,
        "is_clean": True,
        "setting": asdict(CardSetting()),
        "health": "ok",
        "method": "device reset and memory wipe, emulated",
        "seconds": cleaned["seconds"],
        "before": {
            "host": "host-1",
            "tag": composition.tag,
            "serials": ["SN-gpu-1"],
            "setting": asdict(CAPPED),
        },
    }
    assert cleaned["seconds"] > 0


def test_a_block_that_comes_back_as_other_hardware_is_never_free(known: House) -> None:
    composition = known.open()
    known.compose(composition)
    Device.objects.filter(block__code="gpu-2").update(serial="SN-expected")

    result = known.release(composition)

    assert (result.outcome, result.failed_blocks) == (NodeOutcome.QUARANTINED, ("gpu-2",))
    assert result.reason == "Not proven free: gpu-2: Its serial number is SN-gpu-2, not SN-expected."
    assert known.states() == {"gpu-2": "quarantined"}


def test_a_vanished_block_leaves_a_proof_that_says_so(known: House) -> None:
    composition = known.open()
    known.compose(composition)
    known.world.vanish("gpu-2")

    known.release(composition)

    proof = ReleaseProof.objects.get(block__code="gpu-2")
    assert (proof.is_proven, proof.evidence["is_shown"]) == (False, False)
    assert Composition.objects.get(pk=composition.pk).state == "closed"
