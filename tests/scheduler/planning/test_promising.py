"""One word for what a booking may count on: worked out by hand from its priority, its state and its quota."""

import pytest

from scheduler.planning.promising import promise_of
from scheduler.states import Priority, Promise, ReservationState


@pytest.mark.parametrize(
    ("state", "is_beyond_quota", "promise"),
    [
        (ReservationState.CONFIRMED, False, Promise.GUARANTEED),
        (ReservationState.ACTIVE, False, Promise.GUARANTEED),
        (ReservationState.ACTIVE, True, Promise.CONDITIONAL),
        (ReservationState.HELD, False, Promise.CONDITIONAL),
        (ReservationState.PENDING_APPROVAL, False, Promise.CONDITIONAL),
        (ReservationState.WAITLISTED, False, Promise.CONDITIONAL),
    ],
)
def test_what_is_not_low_is_guaranteed_once_nothing_is_open(
    state: ReservationState, is_beyond_quota: bool, promise: Promise
) -> None:
    for priority in (Priority.NORMAL, Priority.PRODUCTION):
        assert promise_of(priority=priority, state=state, is_beyond_quota=is_beyond_quota) == promise


@pytest.mark.parametrize("state", list(ReservationState))
def test_what_is_low_is_preemptible_in_every_state(state: ReservationState) -> None:
    assert promise_of(priority=Priority.LOW, state=state, is_beyond_quota=False) == Promise.PREEMPTIBLE
