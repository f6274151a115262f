"""End a reservation early: take the nodes apart, prove it, give the blocks back."""

from datetime import datetime

from django.db import transaction

from scheduler.models import Reservation
from scheduler.requests import Actor
from scheduler.services._charging import late_charge_of
from scheduler.services._commit import lock_pool
from scheduler.services._moves import require_version
from scheduler.services._releasing import begin_release
from scheduler.services._tries import tried
from scheduler.services.cancel import cancel
from scheduler.states import CANCELLABLE, FINAL, ReservationState


@tried
@transaction.atomic
def release(
    *, reservation: Reservation, by: Actor, now: datetime, reason: str = "", expected_version: int | None = None
) -> Reservation:
    """Before anything is composed this is a cancel. Calling it again on a finished or releasing one changes nothing."""
    pool = lock_pool(pool_id=reservation.pool_id)
    reservation.refresh_from_db()
    if reservation.state in FINAL or reservation.state == ReservationState.RELEASING:
        return reservation
    if reservation.state in CANCELLABLE:
        return cancel(reservation=reservation, by=by, now=now, reason=reason, expected_version=expected_version)
    require_version(reservation, expected_version)
    begin_release(
        reservation=reservation,
        intent=ReservationState.ENDED,
        reason=reason or "Ended early.",
        by=by,
        now=now,
        least=late_charge_of(reservation=reservation, pool=pool, now=now),
    )
    return reservation
