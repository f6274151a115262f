"""Withdraw a reservation: give the units back, or start releasing when hardware may be attached."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from fabric.models import Pool
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
    if reservation.state in CANCELLABLE:
        withdraw(reservation=reservation, pool=pool, reason=reason, by=by, now=now)
        return reservation
    charge, told = _late(reservation, pool, reason, now)
    begin_release(
        reservation=reservation,
        intent=ReservationState.CANCELLED,
        reason=told or "Cancelled.",
        by=by,
        now=now,
        least=charge,
    )
    return reservation


def withdraw(*, reservation: Reservation, pool: Pool, reason: str, by: Actor, now: datetime) -> bool:
    """One that has not begun, inside the transaction and under the pool's lock. False if somebody was faster."""
    charge, told = _late(reservation, pool, reason, now)
    message = f"Cancelled: {told}" if told else "Cancelled."
    to = ReservationState.CANCELLED
    return finish(reservation, to=to, message=message, reason=told, by=by, now=now, least=charge)


def _late(reservation: Reservation, pool: Pool, reason: str, now: datetime) -> tuple[Decimal, str]:
    """What it costs to cancel it now, and the reason with that."""
    charge = late_charge_of(reservation=reservation, pool=pool, now=now)
    words = f"{reason} It was cancelled late and costs {charge:,} {pool.currency}.".strip()
    return charge, words if charge else reason
