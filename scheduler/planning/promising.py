"""What a booking may count on, in one word. Pure."""

from scheduler.states import Priority, Promise, ReservationState

_NOT_YET = frozenset({ReservationState.WAITLISTED, ReservationState.HELD, ReservationState.PENDING_APPROVAL})


def promise_of(*, priority: str, state: str, is_beyond_quota: bool) -> Promise:
    """The weakest that holds: what is low may be preempted in every state."""
    if priority == Priority.LOW:
        return Promise.PREEMPTIBLE
    if state in _NOT_YET or is_beyond_quota:
        return Promise.CONDITIONAL
    return Promise.GUARANTEED
