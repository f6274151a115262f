"""The way out of every reservation that has, or may have, hardware: releasing, until every node is closed."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F

from fabric.models import Composition
from fabric.services.compositions import request_decompose
from fabric.states import LIVE_COMPOSITIONS
from scheduler import limits, nudge
from scheduler.journal_kinds import JournalKind
from scheduler.models import JournalEntry, Operation, Reservation
from scheduler.requests import Actor
from scheduler.services._charging import settled_price
from scheduler.services._finishing import finish
from scheduler.services._moves import move
from scheduler.states import OPEN_OPERATIONS, OperationKind, OperationState, ReservationState


def begin_release(
    *,
    reservation: Reservation,
    intent: ReservationState,
    reason: str,
    by: Actor,
    now: datetime,
    facts: dict[str, Any] | None = None,
    least: Decimal = Decimal(0),
) -> bool:
    """COMPOSING or ACTIVE → RELEASING, with one operation a live node. `intent` is where it will end.

    Runs in the caller's transaction. The `facts` are told again with the end. `least`
    is charged whatever it used.
    """
    price, charge = settled_price(reservation=reservation, to=intent, now=now, least=least)
    moved = move(
        reservation,
        to=ReservationState.RELEASING,
        message=reason,
        by=by,
        now=now,
        facts={"intent": intent, **(facts or {}), **charge},
        price=price,
        state_reason=reason,
        release_intent=intent,
        next_due_at=None,
    )
    if not moved:
        return False
    free_to_act_at = _stop_changing(reservation, now)
    for composition in Composition.objects.filter(owner=reservation.code, state__in=LIVE_COMPOSITIONS).order_by("id"):
        queue_release(
            reservation=reservation,
            composition=composition,
            reason=reservation.state_reason,
            by=by,
            now=now,
            due_at=free_to_act_at.get(composition.pk, now),
        )
    finish_if_closed(reservation=reservation, by=by, now=now)
    return True


def queue_release(
    *, reservation: Reservation, composition: Composition, reason: str, by: Actor, now: datetime, due_at: datetime
) -> None:
    """Of one node; nothing where it is being taken apart already, as one that is no longer part of the mix."""
    request_decompose(composition=composition, reason=reason)
    open_yet = Operation.objects.filter(composition=composition, kind=OperationKind.RELEASE)
    if open_yet.filter(state__in=sorted(OPEN_OPERATIONS)).exists():
        return
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


def finish_if_closed(*, reservation: Reservation, by: Actor, now: datetime) -> bool:
    """RELEASING → its intent, once no node is live: in this transaction the units are given back."""
    if Composition.objects.filter(owner=reservation.code, state__in=LIVE_COMPOSITIONS).exists():
        return False
    intent = ReservationState(reservation.release_intent)
    message = _farewell(reservation, intent)
    reason = reservation.state_reason
    return finish(reservation, to=intent, message=message, reason=reason, by=by, now=now, facts=_told(reservation))


def _told(reservation: Reservation) -> dict[str, Any]:
    """What was said of its end when that began, such as the next time that fits."""
    begun = JournalEntry.objects.filter(reservation=reservation, kind=JournalKind.RESERVATION_RELEASING)
    facts = begun.order_by("-id").values_list("facts", flat=True).first() or {}
    return {name: value for name, value in facts.items() if name != "intent"}


def _stop_changing(reservation: Reservation, now: datetime) -> dict[int, datetime]:
    """Overtake open operations that compose or change a node: the end of a reservation beats them.

    A worker that holds a lease may be inside a driver call: its node is released when it has stopped or its lease is
    over, whichever comes first.
    """
    overtaken = Operation.objects.filter(
        reservation=reservation, kind__in=(OperationKind.COMPOSE, OperationKind.RESIZE), state__in=OPEN_OPERATIONS
    ).order_by("id")
    leased = {
        operation.composition_id: operation.lease_until
        for operation in overtaken.select_for_update()
        if operation.state == OperationState.RUNNING
        and operation.lease_until is not None
        and operation.lease_until > now
    }
    overtaken.update(
        state=OperationState.DROPPED, fence=F("fence") + 1, finished_at=now, last_error="Overtaken by the release."
    )
    return leased


def _farewell(reservation: Reservation, intent: ReservationState) -> str:
    reason = reservation.state_reason
    return {
        ReservationState.ENDED: "Given back: every block is proven free or quarantined.",
        ReservationState.CANCELLED: f"Cancelled. {reason} Everything was given back.",
    }.get(intent, f"Failed: {reason} Everything that was done has been undone.")
