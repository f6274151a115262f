"""The way out of every reservation that has, or may have, hardware: releasing, until every node is closed."""

from datetime import datetime, timedelta

from django.db.models import F

from fabric.models import Composition
from fabric.services.compositions import request_decompose
from fabric.states import LIVE_COMPOSITIONS
from scheduler import limits, nudge
from scheduler.models import Operation, Reservation
from scheduler.requests import Actor
from scheduler.services._finishing import finish
from scheduler.services._moves import move
from scheduler.states import OPEN_OPERATIONS, OperationKind, OperationState, ReservationState


def begin_release(*, reservation: Reservation, intent: ReservationState, reason: str, by: Actor, now: datetime) -> bool:
    """COMPOSING or ACTIVE → RELEASING, with one operation a live node. `intent` is where it will end.

    Runs in the caller's transaction.
    """
    moved = move(
        reservation,
        to=ReservationState.RELEASING,
        message=reason,
        by=by,
        now=now,
        facts={"intent": intent},
        state_reason=reason,
        release_intent=intent,
        next_due_at=None,
    )
    if not moved:
        return False
    free_to_act_at = _stop_composing(reservation, now)
    for composition in Composition.objects.filter(owner=reservation.code, state__in=LIVE_COMPOSITIONS).order_by("id"):
        _queue_release(reservation, composition, by, now, due_at=free_to_act_at.get(composition.pk, now))
    finish_if_closed(reservation=reservation, by=by, now=now)
    return True


def finish_if_closed(*, reservation: Reservation, by: Actor, now: datetime) -> bool:
    """RELEASING → its intent, once no node is live: in this transaction the units are given back."""
    if Composition.objects.filter(owner=reservation.code, state__in=LIVE_COMPOSITIONS).exists():
        return False
    intent = ReservationState(reservation.release_intent)
    message = _farewell(reservation, intent)
    return finish(reservation, to=intent, message=message, reason=reservation.state_reason, by=by, now=now)


def _stop_composing(reservation: Reservation, now: datetime) -> dict[int, datetime]:
    """Overtake open compose operations.

    A worker that holds a lease may be inside a driver call: its node is released when it has stopped or its lease is
    over, whichever comes first.
    """
    open_composes = Operation.objects.filter(
        reservation=reservation, kind=OperationKind.COMPOSE, state__in=OPEN_OPERATIONS
    ).order_by("id")
    leased = {
        operation.composition_id: operation.lease_until
        for operation in open_composes.select_for_update()
        if operation.state == OperationState.RUNNING
        and operation.lease_until is not None
        and operation.lease_until > now
    }
    open_composes.update(
        state=OperationState.DROPPED, fence=F("fence") + 1, finished_at=now, last_error="Overtaken by the release."
    )
    return leased


def _queue_release(
    reservation: Reservation, composition: Composition, by: Actor, now: datetime, *, due_at: datetime
) -> None:
    request_decompose(composition=composition, reason=reservation.state_reason)
    operation = Operation.objects.create(
        kind=OperationKind.RELEASE,
        reservation=reservation,
        composition=composition,
        fabric_manager_id=composition.fabric_manager_id,
        due_at=due_at,
        deadline_at=now + timedelta(minutes=limits.RELEASE_DEADLINE_MINUTES),
        request_id=by.request_id,
        created_at=now,
    )
    if due_at <= now:
        nudge.hint_operation(operation.pk)


def _farewell(reservation: Reservation, intent: ReservationState) -> str:
    reason = reservation.state_reason
    return {
        ReservationState.ENDED: "Given back: every block is proven free or quarantined.",
        ReservationState.CANCELLED: f"Cancelled. {reason} Everything was given back.",
    }.get(intent, f"Failed: {reason} Everything that was done has been undone.")
