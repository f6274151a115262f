"""The end of a wait that had no turn before its last start was past."""

from datetime import datetime

from scheduler.models import Reservation, WaitlistEntry
from scheduler.requests import SYSTEM
from scheduler.services._finishing import finish
from scheduler.states import ReservationState


def wait_out(reservation: Reservation, now: datetime) -> bool:
    """Under the pool's lock. The reason is what stood in its way at the last look."""
    reason = _reason(reservation)
    message = f"Waited until no start was early enough any more. {reason}"
    return finish(reservation, to=ReservationState.EXPIRED, message=message, reason=reason, by=SYSTEM, now=now)


def _reason(reservation: Reservation) -> str:
    reasons = WaitlistEntry.objects.filter(reservation=reservation).values_list("reasons", flat=True).first()
    words = reasons[0]["message"] if reasons else "It was not looked at in time."
    return f"No turn came between its dates: {words}"
