"""Every step fails in turn: what can be proven free is free, what cannot is quarantined, nothing else is changed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from fabric.composing.run import NodeOutcome
from fabric.drivers.base import ContractBroken, Machine
from fabric.drivers.emulator import faults
from fabric.drivers.emulator.faults import FaultKind
from fabric.models import Composition, CompositionStep, ReleaseProof
from tests.contracts.worlds import EmulatorWorld
from tests.fabric.composing.house import House, build

TAG = "heddle-r-1-n0-g1"
Mischief = Callable[[EmulatorWorld], None]


def nothing(world: EmulatorWorld) -> None:
    """No mischief."""


@dataclass(frozen=True)
class Case:
    """`mischief` is done before the run, or right after the step named in `after` has reported."""

    outcome: NodeOutcome
    failed: tuple[str, ...] = ()
    faults: tuple[dict[str, Any], ...] = ()
    mischief: Mischief = nothing
    after: str = ""
    states: dict[str, str] = field(default_factory=dict)  # of what is not free in the end
    owners: dict[str, str] = field(default_factory=dict)  # what the fabric still holds in the end
    attached: tuple[str, ...] = ()


CASES = {
    "a block is not there": Case(
        NodeOutcome.QUARANTINED, ("gpu-1",), mischief=lambda w: w.vanish("gpu-1"), states={"gpu-1": "quarantined"}
    ),
    "a block is a stranger's": Case(
        NodeOutcome.QUARANTINED,
        ("gpu-2",),
        mischief=lambda w: w.attach_foreign("gpu-2", "host-5", "stranger"),
        states={"gpu-2": "quarantined"},
        owners={"gpu-2": "stranger"},
    ),
    "a block does not bind": Case(
        NodeOutcome.UNDONE, ("gpu-2",), faults=({"kind": FaultKind.BIND_FAILURE, "blocks": ["gpu-2"]},)
    ),
    "one drawn block fails": Case(
        NodeOutcome.UNDONE, ("gpu-1",), faults=({"kind": FaultKind.PARTIAL, "operation": "compose"},)
    ),
    "a block is reported bound and is not": Case(
        NodeOutcome.UNDONE, ("gpu-1",), faults=({"kind": FaultKind.PHANTOM, "blocks": ["gpu-1"]},)
    ),
    "the host is a stranger's": Case(
        NodeOutcome.UNDONE,
        ("gpu-1", "gpu-2"),
        mischief=lambda w: w.attach_foreign("gpu-6", "host-1", "stranger"),
        owners={"gpu-6": "stranger"},
    ),
    "compose is never finished": Case(
        NodeOutcome.UNDONE, ("gpu-1", "gpu-2"), faults=({"kind": FaultKind.STUCK, "operation": "compose"},)
    ),
    "compose is never taken": Case(
        NodeOutcome.UNDONE, ("gpu-1", "gpu-2"), faults=({"kind": FaultKind.BUSY, "operation": "compose"},)
    ),
    "compose is never answered and never done": Case(
        NodeOutcome.UNDONE, ("gpu-1", "gpu-2"), faults=({"kind": FaultKind.LOST_BEFORE, "operation": "compose"},)
    ),
    "the host does not see a block": Case(
        NodeOutcome.QUARANTINED,
        ("gpu-1",),
        mischief=lambda w: w.detach("gpu-1"),
        after="compose done",
        states={"gpu-1": "quarantined"},
    ),
    "the host sees a stranger's block": Case(
        NodeOutcome.UNDONE,
        mischief=lambda w: w.attach_foreign("gpu-6", "host-1", "stranger"),
        after="compose done",
        owners={"gpu-6": "stranger"},
    ),
    "a block goes before the grant": Case(NodeOutcome.UNDONE, mischief=lambda w: w.detach("gpu-1"), after="prove done"),
    "a block vanishes before the grant": Case(
        NodeOutcome.QUARANTINED,
        ("gpu-1",),
        mischief=lambda w: w.vanish("gpu-1"),
        after="prove done",
        states={"gpu-1": "quarantined"},
    ),
    "the undo needs a second try": Case(
        NodeOutcome.UNDONE,
        ("gpu-2",),
        faults=(
            {"kind": FaultKind.BIND_FAILURE, "blocks": ["gpu-2"]},
            {"kind": FaultKind.UNBIND_FAILURE, "blocks": ["gpu-1"], "times": 1},
        ),
    ),
    "the undo never succeeds": Case(
        NodeOutcome.QUARANTINED,
        ("gpu-1",),
        faults=(
            {"kind": FaultKind.BIND_FAILURE, "blocks": ["gpu-2"]},
            {"kind": FaultKind.UNBIND_FAILURE, "blocks": ["gpu-1"]},
        ),
        states={"gpu-1": "quarantined", "host-1": "quarantined"},
        owners={"gpu-1": TAG},
        attached=("gpu-1",),
    ),
    "the undo's reply is lost": Case(
        NodeOutcome.UNDONE,
        ("gpu-2",),
        faults=(
            {"kind": FaultKind.BIND_FAILURE, "blocks": ["gpu-2"]},
            {"kind": FaultKind.LOST_AFTER, "operation": "decompose", "times": 1},
            {"kind": FaultKind.LOST_BEFORE, "operation": "clean", "times": 1},
        ),
    ),
    "a block cannot be cleaned": Case(
        NodeOutcome.QUARANTINED,
        ("gpu-1",),
        faults=(
            {"kind": FaultKind.BIND_FAILURE, "blocks": ["gpu-2"]},
            {"kind": FaultKind.CLEAN_FAILURE, "blocks": ["gpu-1"]},
        ),
        states={"gpu-1": "quarantined"},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_failed_compose_leaves_a_clean_world(name: str, db: None, tmp_path: Path) -> None:
    case, house = CASES[name], build(tmp_path, attach_seconds_max=60)
    composition = house.open()
    for fault in case.faults:
        house.world.fault(**fault)

    result = compose_with_mischief(house, composition, case)

    composition.refresh_from_db()
    assert (result.outcome, result.failed_blocks) == (case.outcome, case.failed)
    assert composition.state == "closed"
    assert (house.states(), house.owners(), house.open_attachments()) == (case.states, case.owners, list(case.attached))
    assert TAG not in house.world.machines() or TAG in case.owners.values()
    assert result == house.compose(composition)


RELEASE_CASES = {
    "detaching fails for ever": Case(
        NodeOutcome.QUARANTINED,
        ("gpu-1",),
        faults=({"kind": FaultKind.UNBIND_FAILURE, "blocks": ["gpu-1"]},),
        states={"gpu-1": "quarantined", "host-1": "quarantined"},
        owners={"gpu-1": TAG},
        attached=("gpu-1",),
    ),
    "detaching hangs and is begun again": Case(
        NodeOutcome.RELEASED, faults=({"kind": FaultKind.STUCK, "operation": "decompose", "times": 1},)
    ),
    "cleaning fails": Case(
        NodeOutcome.QUARANTINED,
        ("gpu-2",),
        faults=({"kind": FaultKind.CLEAN_FAILURE, "blocks": ["gpu-2"]},),
        states={"gpu-2": "quarantined"},
    ),
    "cleaning hangs for ever": Case(
        NodeOutcome.QUARANTINED,
        ("gpu-1", "gpu-2"),
        faults=({"kind": FaultKind.STUCK, "operation": "clean"},),
        states={"gpu-1": "quarantined", "gpu-2": "quarantined"},
    ),
    "a block vanished": Case(
        NodeOutcome.QUARANTINED, ("gpu-1",), mischief=lambda w: w.vanish("gpu-1"), states={"gpu-1": "quarantined"}
    ),
    "a block was stolen": Case(
        NodeOutcome.QUARANTINED,
        ("gpu-1",),
        mischief=lambda w: w.attach_foreign("gpu-1", "host-5", "stranger"),
        states={"gpu-1": "quarantined"},
        owners={"gpu-1": "stranger"},
    ),
    "a block was detached already": Case(NodeOutcome.RELEASED, mischief=lambda w: w.detach("gpu-1")),
}


@pytest.mark.parametrize("name", RELEASE_CASES)
def test_a_release_frees_what_it_can_prove_and_quarantines_the_rest(name: str, db: None, tmp_path: Path) -> None:
    case, house = RELEASE_CASES[name], build(tmp_path, detach_seconds_max=60)
    composition = house.open()
    house.compose(composition)
    for fault in case.faults:
        house.world.fault(**fault)
    case.mischief(house.world)

    result = house.release(composition)

    assert (result.outcome, result.failed_blocks) == (case.outcome, case.failed)
    assert (house.states(), house.owners(), house.open_attachments()) == (case.states, case.owners, list(case.attached))
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


def compose_with_mischief(house: House, composition: Composition, case: Case) -> Any:
    if not case.after:
        case.mischief(house.world)
        return house.compose(composition)

    def on_step(step: CompositionStep) -> None:
        if f"{step.kind} {step.state}" == case.after:
            case.mischief(house.world)

    return house.compose(composition, on_step=on_step)
