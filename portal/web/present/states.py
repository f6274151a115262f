"""States as a word and a tone; the style sheet gives each tone a shape and a colour. A test misses none."""

from collections.abc import Mapping
from dataclasses import dataclass

from fabric.states import BlockState, CompositionState, StepState
from scheduler.queries.units import ALLOCATED
from scheduler.states import LABELS, TONES, ReservationState


@dataclass(frozen=True, slots=True)
class Pill:
    label: str
    tone: str


_B, _C, _S = BlockState, CompositionState, StepState
UNIT_PILLS: Mapping[str, Pill] = {
    _B.FREE: Pill("Free", "free"),
    ALLOCATED: Pill("Allocated", "info"),
    _B.ATTACHING: Pill("Attaching", "busy"),
    _B.ATTACHED: Pill("Attached", "ok"),
    _B.DETACHING: Pill("Detaching", "busy"),
    _B.CLEANING: Pill("Cleaning", "busy"),
    _B.QUARANTINED: Pill("Quarantined", "bad"),
    _B.MISSING: Pill("Missing", "bad"),
}
COMPOSITION_PILLS: Mapping[str, Pill] = {
    _C.OPENED: Pill("Waiting to begin", "wait"),
    _C.COMPOSING: Pill("Composing", "busy"),
    _C.COMPOSED: Pill("Composed", "ok"),
    _C.RESIZING: Pill("Changing devices", "busy"),
    _C.DECOMPOSING: Pill("Taking apart", "busy"),
    _C.CLOSED: Pill("Given back", "quiet"),
}
STEP_PILLS: Mapping[str, Pill] = {
    _S.PENDING: Pill("To do", "wait"),
    _S.STARTED: Pill("Running", "busy"),
    _S.DONE: Pill("Done", "ok"),
    _S.NOT_DONE: Pill("Not done", "bad"),
    _S.UNKNOWN: Pill("Unknown, reading", "warn"),
}


def reservation_pill(state: str) -> Pill:
    known = ReservationState(state)
    return Pill(LABELS[known], TONES[known])
