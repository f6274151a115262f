"""Decline consent to a booking, with a reason: its devices are free again at once."""

from datetime import datetime

from django.db import transaction

from scheduler.models import Reservation
from scheduler.refusals import FieldError, Invalid, WrongState
from scheduler.requests import Actor
from scheduler.services._approvals import close
from scheduler.services._deciding import open_question
from scheduler.services._finishing import finish
from scheduler.services._tries import tried
from scheduler.states import ReservationState, Verdict


@tried
@transaction.atomic
def reject(
    *,
    reservation: Reservation,
    reason: str,
    by: Actor,
    now: datetime,
    on_behalf_of: int | None = None,
    expected_version: int | None = None,
) -> Reservation:
    """Rejecting again changes nothing. Raises Invalid without a reason, WrongState where it was answered otherwise or
    has run out, and Stale. Whether `by` may decide, and on whose behalf, is the door's to know.
    """
    if not reason.strip():
        raise Invalid([FieldError("reason", "required", "Say why: who asked is told.")])
    asked = open_question(
        reservation=reservation, verb="reject", verdict=Verdict.REJECTED, now=now, expected_version=expected_version
    )
    if asked is None:
        return reservation
    close(
        reservation=reservation,
        verdict=Verdict.REJECTED,
        now=now,
        by=by.user_id,
        on_behalf_of=on_behalf_of,
        reason=reason,
    )
    message = f"Rejected by {by.name}: {reason}"
    facts = {"reason": reason, "route": asked.route, "on_behalf_of": on_behalf_of}
    if not finish(
        reservation, to=ReservationState.REJECTED, message=message, reason=message, by=by, now=now, facts=facts
    ):
        raise WrongState("reject", reservation.state)
    return reservation
