"""The states of what is wired, as data: enums and the moves between them. Pure."""

from collections.abc import Mapping
from enum import StrEnum


class BlockState(StrEnum):
    """What is physically so of a block or a host; `allocated` on the wire is derived from allocations, never stored."""

    FREE = "free"  # proven clean and attached to nothing
    ATTACHING = "attaching"  # an intent to attach it is committed
    ATTACHED = "attached"  # read back on its host
    DETACHING = "detaching"  # an intent to detach it is committed
    CLEANING = "cleaning"  # detached, being reset and wiped
    QUARANTINED = "quarantined"  # not proven: offered to nobody until an operator says so
    MISSING = "missing"  # gone from a complete listing of the fabric


class CompositionState(StrEnum):
    """One node's wiring, from the first intent to the last proof."""

    OPENED = "opened"  # target is written down, nothing is touched
    COMPOSING = "composing"  # the executor is at work
    COMPOSED = "composed"  # read-back shows exactly the target
    RESIZING = "resizing"  # in use, while a device is added, given back or swapped
    DECOMPOSING = "decomposing"  # taking it apart
    CLOSED = "closed"  # every block is proven free or quarantined


class StepKind(StrEnum):
    """The smallest acts on the fabric; `composing.steps` pairs each with its undo."""

    INSPECT = "inspect"  # read: is every block there, clean and ours to take
    QUIESCE = "quiesce"  # power the host off, where its fabric demands it
    CONFIGURE = "configure"  # set MIG layouts and power limits, while nobody holds the cards
    COMPOSE = "compose"  # one driver call that binds host and blocks
    PROVE = "prove"  # ask the host which devices it sees
    GRANT = "grant"  # publish how to reach the node
    RESIZE = "resize"  # add devices to a node in use, then take others away
    DRAIN = "drain"  # give work on the devices its grace to stop
    REVOKE = "revoke"  # take the access back
    DECOMPOSE = "decompose"  # one driver call that unbinds the blocks
    CLEAN = "clean"  # reset and wipe every block
    PROVE_GONE = "prove_gone"  # the fabric no longer shows it


STEP_WORDS: Mapping[StepKind, str] = {  # for people: pages, journal and console say the same
    StepKind.INSPECT: "Inspect",
    StepKind.QUIESCE: "Power off host",
    StepKind.CONFIGURE: "Set cards",
    StepKind.COMPOSE: "Compose",
    StepKind.PROVE: "Prove",
    StepKind.GRANT: "Grant access",
    StepKind.RESIZE: "Change devices",
    StepKind.DRAIN: "Drain",
    StepKind.REVOKE: "Revoke access",
    StepKind.DECOMPOSE: "Decompose",
    StepKind.CLEAN: "Clean",
    StepKind.PROVE_GONE: "Prove gone",
}


class StepState(StrEnum):
    """An intent row's outcome; UNKNOWN is only ever turned into a later read."""

    PENDING = "pending"  # planned, not begun
    STARTED = "started"  # the intent is committed, the fabric may have been touched
    DONE = "done"  # read back as wanted
    NOT_DONE = "not_done"  # certainly without effect, or refused
    UNKNOWN = "unknown"  # no answer, or one that cannot be trusted: to be read


class DriftKind(StrEnum):
    """How the fabric differs from the rows."""

    ORPHAN = "orphan"  # attached with our tag, no live composition of ours
    FOREIGN = "foreign"  # attached by somebody else
    LOST = "lost"  # we say attached, the fabric says not
    ELSEWHERE = "elsewhere"  # attached to another machine than we say
    ABSENT = "absent"  # not in a complete listing
    UNHEALTHY = "unhealthy"  # the fabric reports it failed
    CHANGED = "changed"  # other hardware, or another setting, than was recorded


class RepairKind(StrEnum):
    """What the reconciler does on the fabric, each behind an intent row of its own."""

    DETACH = "detach"  # take an orphan apart, by its tag
    CLEAN = "clean"  # reset and wipe a block before it is offered again


class RepairState(StrEnum):
    OPEN = "open"  # the intent is committed, the fabric may have been touched
    DONE = "done"  # read back as wanted
    FAILED = "failed"  # given up: an operator is told


class ResizeState(StrEnum):
    """One change of a node in use."""

    OPEN = "open"  # written down, not yet carried out
    DONE = "done"  # read-back shows the new target
    UNDONE = "undone"  # it could not be done; the node is as it was


_B = BlockState
BLOCK_TRANSITIONS: Mapping[BlockState, frozenset[BlockState]] = {
    _B.FREE: frozenset({_B.ATTACHING, _B.QUARANTINED, _B.MISSING}),
    _B.ATTACHING: frozenset({_B.ATTACHED, _B.FREE, _B.DETACHING, _B.QUARANTINED, _B.MISSING}),
    _B.ATTACHED: frozenset({_B.DETACHING, _B.QUARANTINED, _B.MISSING}),
    _B.DETACHING: frozenset({_B.CLEANING, _B.QUARANTINED, _B.MISSING}),
    _B.CLEANING: frozenset({_B.FREE, _B.QUARANTINED, _B.MISSING}),
    _B.QUARANTINED: frozenset({_B.FREE, _B.CLEANING, _B.MISSING}),
    _B.MISSING: frozenset({_B.QUARANTINED, _B.CLEANING}),
}

_C = CompositionState
COMPOSITION_TRANSITIONS: Mapping[CompositionState, frozenset[CompositionState]] = {
    _C.OPENED: frozenset({_C.COMPOSING, _C.DECOMPOSING, _C.CLOSED}),
    _C.COMPOSING: frozenset({_C.COMPOSED, _C.DECOMPOSING}),
    _C.COMPOSED: frozenset({_C.RESIZING, _C.DECOMPOSING}),
    _C.RESIZING: frozenset({_C.COMPOSED, _C.DECOMPOSING}),
    _C.DECOMPOSING: frozenset({_C.CLOSED, _C.OPENED}),
    _C.CLOSED: frozenset(),
}

UNUSABLE = frozenset({BlockState.QUARANTINED, BlockState.MISSING})  # never planned (rule R22)
LIVE_COMPOSITIONS = frozenset(set(CompositionState) - {CompositionState.CLOSED})
