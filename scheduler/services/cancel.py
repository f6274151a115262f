"""Withdraw a reservation: give the units back, or start releasing when hardware may be attached."""

from datetime import datetime

from django.db import transaction

from scheduler.models import Reservation
from scheduler.requests import Actor
from scheduler.services._charging import late_charge_of
from scheduler.services._commit import lock_pool
from scheduler.services._finishing import finish
from scheduler.services._moves import require_version
from scheduler.services._releasing import begin_release
from scheduler.services._tries import tried
from scheduler.states import CANCELLABLE, FINAL, ReservationState


@tried
@transaction.atomic
def cancel(
    *, reservation: Reservation, by: Actor, now: datetime, reason: str = "", expected_version: int | None = None
) -> Reservation:
    """Calling it again on a finished or releasing reservation changes nothing. Raises Stale on another version."""
    pool = lock_pool(pool_id=reservation.pool_id)
    reservation.refresh_from_db()
    if reservation.state in FINAL or reservation.state == ReservationState.RELEASING:
        return reservation
    require_version(reservation, expected_version)
    charge = late_charge_of(reservation=reservation, pool=pool, now=now)
    told = f"{reason} It was cancelled late and costs {charge:,} {pool.currency}.".strip() if charge else reason
    if reservation.state not in CANCELLABLE:
        begin_release(
            reservation=reservation,
            intent=ReservationState.CANCELLED,
            reason=told or "Cancelled.",
            by=by,
            now=now,
            least=charge,
        )
        return reservation
    message = f"Cancelled: {told}" if told else "Cancelled."
    finish(reservation, to=ReservationState.CANCELLED, message=message, reason=told, by=by, now=now, least=charge)
    return reservation
