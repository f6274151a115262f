"""Turn a hold into a booking, or into one that waits for somebody's consent."""

from datetime import datetime

from django.db import transaction

from scheduler import nudge
from scheduler.models import Reservation
from scheduler.planning.admitting import confirmed_state
from scheduler.refusals import WrongState
from scheduler.requests import Actor
from scheduler.services._approvals import ask, question_about
from scheduler.services._commit import lock_pool
from scheduler.services._moves import move, require_version
from scheduler.services._tries import tried
from scheduler.states import LIVE, ReservationState

_DONE = LIVE | {ReservationState.CONFIRMED, ReservationState.PENDING_APPROVAL}


@tried
@transaction.atomic
def confirm(*, reservation: Reservation, by: Actor, now: datetime, expected_version: int | None = None) -> Reservation:
    """Confirming again changes nothing. Raises WrongState when the hold has run out, Stale on another version."""
    lock_pool(pool_id=reservation.pool_id)  # as every verb: none may move it between another one's look and its move
    reservation.refresh_from_db()
    if reservation.state in _DONE:
        return reservation
    require_version(reservation, expected_version)
    is_open = reservation.hold_expires_at is not None and now < reservation.hold_expires_at
    if reservation.state != ReservationState.HELD or not is_open or now >= reservation.ends_at:
        raise WrongState(
            "confirm", reservation.state if reservation.state != ReservationState.HELD else ReservationState.EXPIRED
        )
    confirm_held(reservation=reservation, by=by, now=now)
    return reservation


def confirm_held(*, reservation: Reservation, by: Actor, now: datetime) -> None:
    """Under the pool's lock: of a hold that is open. The rules are asked as of any booking. Raises WrongState."""
    consent = question_about(reservation=reservation, now=now)
    told = ask(reservation=reservation, question=consent, now=now) if consent else ()
    moved = move(
        reservation,
        to=confirmed_state(needs_approval=consent is not None),
        message=consent.words if consent else "The hold was confirmed.",
        by=by,
        now=now,
        told=told,
        hold_expires_at=None,
        next_due_at=consent.expires_at if consent else max(reservation.busy_from, now),
    )
    if not moved:
        reservation.refresh_from_db()
        raise WrongState("confirm", reservation.state)
    nudge.hint_advance()
