"""Every step fails in turn: what can be proven free is free, what cannot is quarantined, nothing else is changed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from fabric.composing.books import Step
from fabric.composing.run import NodeOutcome
from fabric.drivers.base import ContractBroken, Machine, SeenDevice
from fabric.drivers.emulator import faults
from fabric.drivers.emulator.faults import FaultKind
from fabric.models import Composition, ReleaseProof
from tests.contracts.worlds import EmulatorWorld
from tests.fabric.composing.house import House, build
from tests.fabric.composing.unwind_cases import CASES, RELEASE_CASES, TAG, Case


@pytest.mark.parametrize("name", CASES)
def test_a_failed_compose_leaves_a_clean_world(name: str, db: None, tmp_path: Path) -> None:
    case, house = CASES[name], build(tmp_path, attach_seconds_max=60)
    composition = house.open(settings=case.wish)
    for fault in case.faults:
        house.world.fault(**fault)

    result = compose_with_mischief(house, composition, case)

    composition.refresh_from_db()
    assert (result.outcome, result.failed_blocks) == (case.outcome, case.failed)
    assert composition.state == "closed"
    assert (house.states(), house.owners(), house.open_attachments()) == (case.states, case.owners, list(case.attached))
    assert house.world.settings() == case.settings
    assert TAG not in house.world.machines() or TAG in case.owners.values()
    assert result == house.compose(composition)


@pytest.mark.parametrize("name", RELEASE_CASES)
def test_a_release_frees_what_it_can_prove_and_quarantines_the_rest(name: str, db: None, tmp_path: Path) -> None:
    case, house = RELEASE_CASES[name], build(tmp_path, detach_seconds_max=60)
    composition = house.open(settings=case.wish)
    house.compose(composition)
    for fault in case.faults:
        house.world.fault(**fault)
    case.mischief(house.world)

    result = house.release(composition)

    assert (result.outcome, result.failed_blocks) == (case.outcome, case.failed)
    assert (house.states(), house.owners(), house.open_attachments()) == (case.states, case.owners, list(case.attached))
    assert house.world.settings() == case.settings
    unproven = (
        ReleaseProof.objects.filter(is_proven=False).order_by("block__code").values_list("block__code", flat=True)
    )
    assert tuple(unproven) == case.failed
    assert result == house.release(composition)


def test_a_fabric_that_cannot_be_read_leaves_the_outcome_open_until_it_can(house: House) -> None:
    composition = house.open()
    house.world.fault(FaultKind.LOST_AFTER, operation="compose", times=1)
    house.world.fault(FaultKind.UNREADABLE)

    blind = [house.compose(composition).outcome for _ in range(2)]
    faults.clear(path=house.world.path, kind=FaultKind.UNREADABLE)
    seeing = house.compose(composition)

    assert (blind, seeing.outcome) == ([NodeOutcome.UNKNOWN, NodeOutcome.UNKNOWN], NodeOutcome.COMPOSED)
    assert (house.world.mutations_accepted(), house.owners()) == (1, {"gpu-1": TAG, "gpu-2": TAG})


def test_a_lost_reply_is_shown_as_unknown_and_then_settled(house: House) -> None:
    house.world.fault(FaultKind.LOST_AFTER, operation="compose", times=1)

    house.compose(house.open())

    compose = [step for step in house.steps if step.startswith("compose")]
    assert (compose[0], compose[1], compose[-1]) == ("compose started", "compose unknown", "compose done")
    assert house.world.mutations_accepted() == 1


class SelfContradicting:
    """A fabric manager in which two machines carry our name."""

    def __init__(self, world: EmulatorWorld) -> None:
        self._inner = world.driver

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def read(self, tag: str) -> Machine | None:
        raise ContractBroken("Two machines carry our name.")


def test_a_fabric_that_contradicts_itself_is_frozen_and_not_repaired(house: House) -> None:
    composition = house.open()

    result = house.compose(composition, driver=SelfContradicting(house.world))

    composition.refresh_from_db()
    assert (result.outcome, result.reason) == (NodeOutcome.QUARANTINED, "Two machines carry our name.")
    assert result.failed_blocks == ("gpu-1", "gpu-2")
    assert house.states() == {"gpu-1": "quarantined", "gpu-2": "quarantined", "host-1": "quarantined"}
    assert house.world.mutations_accepted() == 1
    assert composition.state == "closed"


class SelfContradictingWhenAsked(SelfContradicting):
    """One in which a block is shown in two machines."""

    def read(self, tag: str) -> Machine | None:
        return self._inner.read(tag)

    def find(self, *, tag: str, blocks: Sequence[str]) -> tuple[SeenDevice, ...]:
        raise ContractBroken("gpu-1 belongs to two machines.")


def test_a_contradiction_between_two_steps_freezes_the_name_too(house: House) -> None:
    """A change of a node in use looks before it writes its intent: there is no open step that could tell of it."""
    composition = house.open()
    house.compose(composition)
    resize = house.open_resize(composition, removes=("gpu-1",))

    result = house.resize(resize, driver=SelfContradictingWhenAsked(house.world))

    composition.refresh_from_db()
    last = composition.steps.order_by("-position")[0]
    assert (result.outcome, composition.state) == (NodeOutcome.QUARANTINED, "closed")
    assert (last.kind, last.state, last.error) == ("inspect", "not_done", "ContractBroken")
    assert result.failed_blocks == ("gpu-1", "gpu-2")


def compose_with_mischief(house: House, composition: Composition, case: Case) -> Any:
    if not case.after:
        case.mischief(house.world)
        return house.compose(composition)

    def on_step(step: Step) -> None:
        if f"{step.kind} {step.state}" == case.after:
            case.mischief(house.world)

    return house.compose(composition, on_step=on_step)
