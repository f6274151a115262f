"""What goes wrong while a node is wired or taken apart, and what must be so afterwards."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fabric.composing.run import NodeOutcome
from fabric.drivers.base import CardSetting
from fabric.drivers.emulator.faults import FaultKind
from tests.contracts.worlds import EmulatorWorld, configure

TAG = "heddle-r-1-n0-g1"
CUT = CardSetting(layout={"1g.10gb": 7})
WISH = {"gpu-1": CUT, "gpu-2": CardSetting(power_cap_w=250)}
Mischief = Callable[[EmulatorWorld], None]


def nothing(world: EmulatorWorld) -> None:
    """No mischief."""


def somebody_cuts(world: EmulatorWorld) -> None:
    configure(world, {"gpu-1": CUT}, tag="stranger")


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
    wish: dict[str, CardSetting] = field(default_factory=dict)
    settings: dict[str, CardSetting] = field(default_factory=dict)  # of what is not as it comes in the end
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
    "a card is set by somebody else": Case(
        NodeOutcome.QUARANTINED,
        ("gpu-1",),
        mischief=somebody_cuts,
        states={"gpu-1": "quarantined"},
        settings={"gpu-1": CUT},
    ),
    "a card does not take its setting": Case(
        NodeOutcome.UNDONE, ("gpu-2",), wish=WISH, faults=({"kind": FaultKind.CONFIGURE_FAILURE, "blocks": ["gpu-2"]},)
    ),
    "a card is reported set and is not": Case(
        NodeOutcome.UNDONE,
        ("gpu-1",),
        wish=WISH,
        faults=({"kind": FaultKind.PHANTOM, "operation": "configure", "blocks": ["gpu-1"]},),
    ),
    "a card cannot be cut so": Case(NodeOutcome.UNDONE, ("gpu-2",), wish={"gpu-2": CardSetting({"9g.90gb": 1})}),
    "setting is never finished": Case(
        NodeOutcome.UNDONE,
        ("gpu-1", "gpu-2"),
        wish=WISH,
        faults=({"kind": FaultKind.STUCK, "operation": "configure"},),
    ),
    "setting is never taken": Case(
        NodeOutcome.UNDONE,
        ("gpu-1", "gpu-2"),
        wish=WISH,
        faults=({"kind": FaultKind.BUSY, "operation": "configure"},),
    ),
    "setting is never answered and never done": Case(
        NodeOutcome.UNDONE,
        ("gpu-1", "gpu-2"),
        wish=WISH,
        faults=({"kind": FaultKind.LOST_BEFORE, "operation": "configure"},),
    ),
    "a card is taken before it is set": Case(
        NodeOutcome.QUARANTINED,
        ("gpu-1",),
        wish=WISH,
        mischief=lambda w: w.attach_foreign("gpu-1", "host-5", "stranger"),
        after="configure started",
        states={"gpu-1": "quarantined"},
        owners={"gpu-1": "stranger"},
    ),
    "a card vanishes before it is set": Case(
        NodeOutcome.QUARANTINED,
        ("gpu-1",),
        wish=WISH,
        mischief=lambda w: w.vanish("gpu-1"),
        after="configure started",
        states={"gpu-1": "quarantined"},
    ),
    "a card forgets its setting when it is attached": Case(
        NodeOutcome.QUARANTINED,
        ("gpu-1",),
        wish=WISH,
        mischief=lambda w: w.reset("gpu-1"),
        after="compose done",
        states={"gpu-1": "quarantined"},
    ),
    "a card forgets its setting before the grant": Case(
        NodeOutcome.UNDONE, wish=WISH, mischief=lambda w: w.reset("gpu-1"), after="prove done"
    ),
    "a set block does not bind": Case(
        NodeOutcome.UNDONE, ("gpu-2",), wish=WISH, faults=({"kind": FaultKind.BIND_FAILURE, "blocks": ["gpu-2"]},)
    ),
    "a set card cannot be cleaned": Case(
        NodeOutcome.QUARANTINED,
        ("gpu-1",),
        wish=WISH,
        faults=(
            {"kind": FaultKind.CONFIGURE_FAILURE, "blocks": ["gpu-2"]},
            {"kind": FaultKind.CLEAN_FAILURE, "blocks": ["gpu-1"]},
        ),
        states={"gpu-1": "quarantined"},
        settings={"gpu-1": CUT},
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
    "cards were set": Case(NodeOutcome.RELEASED, wish=WISH),
    "a set card has forgotten its setting": Case(NodeOutcome.RELEASED, wish=WISH, mischief=lambda w: w.reset("gpu-1")),
    "cleaning a set card fails": Case(
        NodeOutcome.QUARANTINED,
        ("gpu-1",),
        wish=WISH,
        faults=({"kind": FaultKind.CLEAN_FAILURE, "blocks": ["gpu-1"]},),
        states={"gpu-1": "quarantined"},
        settings={"gpu-1": CUT},
    ),
}
