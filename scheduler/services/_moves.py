"""A change of a reservation's state: one conditional update and its journal entry, in the caller's transaction."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import F

from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import Reservation
from scheduler.planning.sentences import in_utc
from scheduler.refusals import Stale, WrongState
from scheduler.requests import Actor
from scheduler.states import FINAL, TRANSITIONS, ReservationState

REASON_CHARS_MAX = 500  # width of the column


class IllegalMove(ValueError):
    """The table knows no such move: a mistake in the caller, never an answer to a person."""


def move(
    reservation: Reservation,
    *,
    to: ReservationState,
    message: str,
    by: Actor,
    now: datetime,
    facts: dict[str, Any] | None = None,
    told: Collection[int] = (),
    **changes: Any,
) -> bool:
    """Move it if it still is as seen; False if somebody was faster. `message` is one sentence for people; `told` are
    people who hear of it beside the reservation's own.

    A `state_reason` is cut to its column: a fabric's long tale must not keep the move from being made.
    """
    seen = ReservationState(reservation.state)
    if to not in TRANSITIONS[seen]:
        raise IllegalMove(f"{seen} → {to} is not in the table of moves")
    if "state_reason" in changes:
        changes["state_reason"] = changes["state_reason"][:REASON_CHARS_MAX]
    changed = Reservation.objects.filter(pk=reservation.pk, state=seen, version=reservation.version).update(
        state=to, version=F("version") + 1, updated_at=now, **changes
    )
    if not changed:
        return False
    reservation.refresh_from_db()
    kind = JournalKind(f"reservation.{to}")
    journal.record(kind=kind, message=message, by=by, now=now, reservation=reservation, facts=facts, told=told)
    return True


def require_staying(reservation: Reservation, verb: str) -> None:
    """Raises WrongState for one that was told to give way: what it holds later is promised to another."""
    if reservation.preempt_at is not None and reservation.state not in FINAL:
        at = in_utc(reservation.preempt_at)
        raise WrongState(verb, reservation.state, f"It gives way to a higher priority at {at}; its rest waits again.")


def require_open(reservation: Reservation, verb: str, *, among: Collection[ReservationState], now: datetime) -> None:
    """Raises WrongState for one that is in none of these states, and for one whose window has closed: that is as good
    as releasing, even where nobody has begun with it yet.
    """
    if reservation.state not in among:
        raise WrongState(verb, reservation.state)
    if reservation.ends_at <= now:
        raise WrongState(verb, ReservationState.RELEASING)


def require_version(reservation: Reservation, expected: int | None) -> None:
    """Raises Stale when the caller saw another version than the row now has."""
    if expected is not None and reservation.version != expected:
        raise Stale(reservation.version)
