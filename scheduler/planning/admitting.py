"""The state in which something that was admitted begins. Pure."""

from scheduler.requests import ReservationRequest
from scheduler.states import ReservationState


def end_state(*, request: ReservationRequest, needs_approval: bool) -> ReservationState:
    """A hold comes first: nobody is asked about what may never be wanted. Confirming it asks then."""
    if request.hold_minutes:
        return ReservationState.HELD
    return confirmed_state(needs_approval=needs_approval)


def confirmed_state(*, needs_approval: bool) -> ReservationState:
    """Where confirming leads: of a hold, and of the offer of a waitlist."""
    return ReservationState.PENDING_APPROVAL if needs_approval else ReservationState.CONFIRMED
