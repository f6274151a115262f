"""The end of a reservation: its final state and the return of its units, in one transaction."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from scheduler.models import Reservation
from scheduler.requests import Actor
from scheduler.services._approvals import close
from scheduler.services._charging import settled_price
from scheduler.services._commit import free_allocations
from scheduler.services._moves import move
from scheduler.states import ReservationState, Verdict


def finish(
    reservation: Reservation,
    *,
    to: ReservationState,
    message: str,
    reason: str,
    by: Actor,
    now: datetime,
    facts: dict[str, Any] | None = None,
    least: Decimal = Decimal(0),
) -> bool:
    """Move it and free what it held, under the pool's lock; False, and nothing freed, if somebody was faster.

    What has not begun costs nothing, or `least`; what was released was charged when that began.
    """
    is_pending = reservation.state == ReservationState.PENDING_APPROVAL
    price: dict[str, Any] = reservation.price
    charge: dict[str, str] = {}
    if reservation.state != ReservationState.RELEASING:
        price, charge = settled_price(reservation=reservation, to=to, now=now, least=least)
    moved = move(
        reservation,
        to=to,
        message=message,
        by=by,
        now=now,
        facts={**(facts or {}), **charge} or None,
        price=price,
        state_reason=reason,
        finished_at=now,
        next_due_at=None,
    )
    if moved:
        free_allocations(reservation=reservation, now=now)
    if moved and is_pending:  # what has not been answered by now will not be
        close(reservation=reservation, verdict=Verdict.WITHDRAWN, now=now)
    return moved
