"""Turn a hold into a booking."""

from datetime import datetime

from django.db import transaction

from scheduler import nudge
from scheduler.models import Reservation
from scheduler.refusals import WrongState
from scheduler.requests import Actor
from scheduler.services._commit import lock_pool
from scheduler.services._moves import move, require_version
from scheduler.services._tries import tried
from scheduler.states import LIVE, ReservationState


@tried
@transaction.atomic
def confirm(*, reservation: Reservation, by: Actor, now: datetime, expected_version: int | None = None) -> Reservation:
    """Confirming again changes nothing. Raises WrongState when the hold has run out, Stale on another version."""
    lock_pool(pool_id=reservation.pool_id)  # as every verb: none may move it between another one's look and its move
    reservation.refresh_from_db()
    if reservation.state == ReservationState.CONFIRMED or reservation.state in LIVE:
        return reservation
    require_version(reservation, expected_version)
    is_open = reservation.hold_expires_at is not None and now < reservation.hold_expires_at
    if reservation.state != ReservationState.HELD or not is_open or now >= reservation.ends_at:
        raise WrongState(
            "confirm", reservation.state if reservation.state != ReservationState.HELD else ReservationState.EXPIRED
        )
    moved = move(
        reservation,
        to=ReservationState.CONFIRMED,
        message="The hold was confirmed.",
        by=by,
        now=now,
        hold_expires_at=None,
        next_due_at=max(reservation.busy_from, now),
    )
    if not moved:
        reservation.refresh_from_db()
        raise WrongState("confirm", reservation.state)
    nudge.hint_advance()
    return reservation
