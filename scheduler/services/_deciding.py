"""How a question ends: one decides under the pool's lock, and who comes later, or the clock, finds it answered."""

from datetime import datetime

from scheduler.models import Approval, Reservation
from scheduler.queries.approvals import latest_approval
from scheduler.refusals import WrongState
from scheduler.requests import SYSTEM
from scheduler.services._approvals import close
from scheduler.services._commit import lock_pool
from scheduler.services._finishing import finish
from scheduler.services._moves import require_version
from scheduler.states import ReservationState, Verdict

EXPIRED = "Nobody decided in time."


def open_question(
    *, reservation: Reservation, verb: str, verdict: Verdict, now: datetime, expected_version: int | None
) -> Approval | None:
    """Locks the pool and looks anew. None: it was answered so before.

    The moment decides, not who writes first: what has run out is over, even where nobody has given it back yet.
    Raises WrongState with what was answered, and Stale on another version.
    """
    lock_pool(pool_id=reservation.pool_id)
    reservation.refresh_from_db()
    asked = latest_approval(reservation_id=reservation.pk)
    if asked is not None and asked.verdict == verdict:
        return None
    if asked is None or asked.verdict or reservation.state != ReservationState.PENDING_APPROVAL:
        raise WrongState(verb, reservation.state, _answer(asked))
    require_version(reservation, expected_version)
    if now >= min(asked.expires_at, reservation.ends_at):
        raise WrongState(verb, ReservationState.EXPIRED, f"{EXPIRED} Book it again.")
    return asked


def expire_undecided(reservation: Reservation, now: datetime) -> bool:
    """Its time to be decided is over: the devices are given back. A phase of `advance_due`, under the pool's lock."""
    close(reservation=reservation, verdict=Verdict.EXPIRED, now=now)
    message = "Expired: nobody decided in time."
    return finish(reservation, to=ReservationState.EXPIRED, message=message, reason=EXPIRED, by=SYSTEM, now=now)


def _answer(asked: Approval | None) -> str:
    if asked is None or not asked.verdict:
        return "It does not wait for anybody's consent."
    if asked.verdict == Verdict.WITHDRAWN:
        return "It was withdrawn before anybody decided."
    if asked.verdict == Verdict.EXPIRED:
        return f"{EXPIRED} Book it again."
    return f"{asked.decided_by} has {asked.verdict} it already."
