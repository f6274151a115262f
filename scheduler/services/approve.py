"""Consent to a booking: it is confirmed, on the devices that were kept for it."""

from datetime import datetime

from django.db import transaction

from scheduler import journal, nudge
from scheduler.journal_kinds import JournalKind
from scheduler.models import Reservation
from scheduler.refusals import WrongState
from scheduler.requests import Actor
from scheduler.services._approvals import close
from scheduler.services._deciding import open_question
from scheduler.services._moves import move
from scheduler.services._tries import tried
from scheduler.states import ReservationState, Verdict


@tried
@transaction.atomic
def approve(
    *,
    reservation: Reservation,
    by: Actor,
    now: datetime,
    reason: str = "",
    on_behalf_of: int | None = None,
    expected_version: int | None = None,
) -> Reservation:
    """Approving again changes nothing. Raises WrongState where it was answered otherwise or has run out, and Stale.

    Whether `by` may decide, and on whose behalf, is the door's to know.
    """
    asked = open_question(
        reservation=reservation, verb="approve", verdict=Verdict.APPROVED, now=now, expected_version=expected_version
    )
    if asked is None:
        return reservation
    close(
        reservation=reservation,
        verdict=Verdict.APPROVED,
        now=now,
        by=by.user_id,
        on_behalf_of=on_behalf_of,
        reason=reason,
    )
    moved = move(
        reservation,
        to=ReservationState.CONFIRMED,
        message="Confirmed, as it was approved.",
        by=by,
        now=now,
        next_due_at=max(reservation.busy_from, now),
    )
    if not moved:
        raise WrongState("approve", reservation.state)
    message = f"Approved by {by.name}: {reason}" if reason else f"Approved by {by.name}."
    facts = {"reason": reason, "route": asked.route, "on_behalf_of": on_behalf_of}
    kind = JournalKind.RESERVATION_APPROVED
    journal.record(kind=kind, message=message, by=by, now=now, reservation=reservation, facts=facts)
    nudge.hint_advance()
    return reservation
