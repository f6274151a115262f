"""States of a reservation and of due work, as data: enums, legal moves, groups, labels. Pure."""

from collections.abc import Mapping
from enum import StrEnum


class ReservationState(StrEnum):
    WAITLISTED = "waitlisted"  # waiting for a fit
    HELD = "held"  # blocks kept for a short time, not yet confirmed
    PENDING_APPROVAL = "pending_approval"  # blocks kept while somebody decides
    CONFIRMED = "confirmed"  # admitted, composing not begun
    COMPOSING = "composing"  # being wired
    ACTIVE = "active"  # read-back proves every node
    RELEASING = "releasing"  # being taken apart; no exit but proof or quarantine
    ENDED = "ended"  # given back, with proof
    CANCELLED = "cancelled"  # withdrawn by a person
    EXPIRED = "expired"  # a hold, a wait or a question for consent that ran out
    REJECTED = "rejected"  # somebody declined consent, with a reason
    FAILED = "failed"  # could not be fulfilled; the reason is told


_R = ReservationState
TRANSITIONS: Mapping[ReservationState, frozenset[ReservationState]] = {
    _R.WAITLISTED: frozenset({_R.HELD, _R.CONFIRMED, _R.CANCELLED, _R.EXPIRED}),
    _R.HELD: frozenset({_R.CONFIRMED, _R.PENDING_APPROVAL, _R.EXPIRED, _R.CANCELLED}),
    _R.PENDING_APPROVAL: frozenset({_R.CONFIRMED, _R.REJECTED, _R.EXPIRED, _R.CANCELLED}),
    _R.CONFIRMED: frozenset({_R.COMPOSING, _R.CANCELLED, _R.FAILED}),
    _R.COMPOSING: frozenset({_R.ACTIVE, _R.RELEASING}),
    _R.ACTIVE: frozenset({_R.RELEASING}),
    _R.RELEASING: frozenset({_R.ENDED, _R.CANCELLED, _R.FAILED}),
    _R.ENDED: frozenset(),
    _R.CANCELLED: frozenset(),
    _R.EXPIRED: frozenset(),
    _R.REJECTED: frozenset(),
    _R.FAILED: frozenset(),
}

HOLDING = frozenset(
    {_R.HELD, _R.PENDING_APPROVAL, _R.CONFIRMED, _R.COMPOSING, _R.ACTIVE, _R.RELEASING}
)  # occupy blocks
FINAL = frozenset(state for state, following in TRANSITIONS.items() if not following)
UPCOMING = frozenset({_R.WAITLISTED, _R.HELD, _R.PENDING_APPROVAL, _R.CONFIRMED})
LIVE = frozenset({_R.COMPOSING, _R.ACTIVE, _R.RELEASING})  # hardware is, or may be, attached
EXTENDABLE = frozenset({_R.CONFIRMED, _R.COMPOSING, _R.ACTIVE})  # may end later
CANCELLABLE = frozenset({_R.WAITLISTED, _R.HELD, _R.PENDING_APPROVAL, _R.CONFIRMED})

LABELS: Mapping[ReservationState, str] = {
    state: state.value.replace("_", " ").capitalize() for state in ReservationState
}
TONES: Mapping[ReservationState, str] = {  # one of the interface's tones; shape and word say the same
    _R.WAITLISTED: "wait",
    _R.HELD: "wait",
    _R.PENDING_APPROVAL: "wait",
    _R.CONFIRMED: "info",
    _R.COMPOSING: "busy",
    _R.ACTIVE: "ok",
    _R.RELEASING: "busy",
    _R.ENDED: "quiet",
    _R.CANCELLED: "quiet",
    _R.EXPIRED: "quiet",
    _R.REJECTED: "bad",
    _R.FAILED: "bad",
}


class OperationKind(StrEnum):
    COMPOSE = "compose"  # wire one node
    RELEASE = "release"  # take one node apart, with proof
    RESIZE = "resize"  # swap, add or give back devices of a node in use


class OperationState(StrEnum):
    QUEUED = "queued"  # due at `due_at`, taken by nobody
    RUNNING = "running"  # leased by one worker under a fence
    DONE = "done"  # settled as it was meant to
    FAILED = "failed"  # attempts used up; an operator is told
    DROPPED = "dropped"  # overtaken: the end of a reservation beats its composing


OPERATION_TRANSITIONS: Mapping[OperationState, frozenset[OperationState]] = {
    OperationState.QUEUED: frozenset({OperationState.RUNNING, OperationState.DROPPED}),
    OperationState.RUNNING: frozenset(
        {
            OperationState.QUEUED,
            OperationState.RUNNING,
            OperationState.DONE,
            OperationState.FAILED,
            OperationState.DROPPED,
        }
    ),
    OperationState.DONE: frozenset(),
    OperationState.FAILED: frozenset(),
    OperationState.DROPPED: frozenset(),
}
OPEN_OPERATIONS = frozenset({OperationState.QUEUED, OperationState.RUNNING})
IN_TURN = (OperationKind.RELEASE, OperationKind.COMPOSE, OperationKind.RESIZE)  # who goes first where all are due


class MaintenanceScope(StrEnum):
    """What is taken out of service together."""

    BLOCK = "block"
    HOST = "host"
    PRU = "pru"
    RACK = "rack"
    ZONE = "zone"


class Decision(StrEnum):
    """What becomes of a reservation that is in the way of a maintenance."""

    MOVE = "move"  # another plan for its own window; only while it has not begun
    SHORTEN = "shorten"  # it ends so early that everything is given back when the maintenance begins
    CANCEL = "cancel"  # withdrawn at once
    KEEP = "keep"  # it stays, and its units stay out of the maintenance


class DeliveryState(StrEnum):
    """Of one message to a webhook."""

    PENDING = "pending"  # due, or waiting for its next try
    DELIVERED = "delivered"  # the address answered 2xx
    FAILED = "failed"  # its time was up, or the address was switched off or removed


class ProjectRole(StrEnum):
    VIEWER = "viewer"  # sees
    MEMBER = "member"  # books and ends
    LEAD = "lead"  # and adds members


BOOKING_ROLES = frozenset({ProjectRole.MEMBER, ProjectRole.LEAD})


class Priority(StrEnum):
    """Who goes first. What is low fills idle capacity, and gives way to the others after its notice time."""

    PRODUCTION = "production"
    NORMAL = "normal"
    LOW = "low"


IN_ORDER = (Priority.PRODUCTION, Priority.NORMAL, Priority.LOW)


class Promise(StrEnum):
    """What a booking may count on, in one word."""

    GUARANTEED = "guaranteed"  # it keeps its devices for its whole window
    CONDITIONAL = "conditional"  # held, waits for approval, or beyond the quota
    PREEMPTIBLE = "preemptible"  # gives way after its notice time


class Route(StrEnum):
    """Who decides on a booking that needs consent; the later one is the stricter."""

    LEAD = "lead"
    OPERATOR = "operator"


class Verdict(StrEnum):
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"  # the booking was cancelled before


class Misfit(StrEnum):
    """What is done when an occurrence of a series does not fit."""

    REFUSE = "refuse"  # all or nothing
    SKIP = "skip"  # what fits is booked, the rest listed with its reasons


class LetterState(StrEnum):
    PENDING = "pending"  # due, kept for a quiet time's end or a digest, or waiting for its next try
    SENT = "sent"  # the mail server took it
    FAILED = "failed"  # refused for good, or not taken for a day
