"""What follows from how an operation ended: the next state, the next try, or the way out."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from fabric.composing.run import NodeOutcome, NodeResult
from fabric.models import Composition, ResourceBlock
from fabric.services.units import move_blocks
from fabric.states import BlockState, CompositionState
from scheduler import journal, limits, nudge
from scheduler.journal_kinds import JournalKind
from scheduler.models import Operation, Reservation
from scheduler.planning.plan import plan_from_wire
from scheduler.requests import Actor
from scheduler.services._commit import lock_pool
from scheduler.services._moves import move
from scheduler.services._releasing import begin_release, finish_if_closed
from scheduler.services._starting import open_node
from scheduler.states import OPEN_OPERATIONS, OperationKind, OperationState, ReservationState

RETRY_SECONDS = (1, 2, 3, 5, 8, 10)  # the last one repeats
Settle = Callable[[Operation, NodeResult, Actor, datetime], None]


@transaction.atomic
def settle(*, operation: Operation, result: NodeResult, now: datetime) -> None:
    """One transaction under the pool's lock.

    A result under an old fence changes nothing but wakes the release that overtook it.
    """
    lock_pool(pool_id=operation.composition.pool_id)
    by = Actor(name="heddle", request_id=operation.request_id)
    operation.reservation.refresh_from_db()
    if result.outcome == NodeOutcome.SUPERSEDED or not _still_mine(operation):
        _hurry_release(operation, now)
        return
    _SETTLERS[operation.kind, result.outcome](operation, result, by, now)


def _still_mine(operation: Operation) -> bool:
    return Operation.objects.filter(pk=operation.pk, fence=operation.fence, state=OperationState.RUNNING).exists()


def _hurry_release(operation: Operation, now: datetime) -> None:
    """The overtaken worker has stopped: its node can be released now, not only when the lease would have run out."""
    waiting = Operation.objects.filter(
        composition_id=operation.composition_id, kind=OperationKind.RELEASE, state=OperationState.QUEUED
    )
    for pk in waiting.values_list("pk", flat=True):
        Operation.objects.filter(pk=pk, due_at__gt=now).update(due_at=now)
        nudge.hint_operation(pk)


def _composed(operation: Operation, result: NodeResult, by: Actor, now: datetime) -> None:
    """The last node makes the reservation active, even before its window: the early minutes are not charged."""
    _close(operation, OperationState.DONE, now)
    reservation = operation.reservation
    nodes = len(reservation.plan["nodes"])
    done = Composition.objects.filter(owner=reservation.code, state=CompositionState.COMPOSED).count()
    if reservation.state != ReservationState.COMPOSING or done < nodes:
        return
    remind_at = max(now, reservation.ends_at - timedelta(minutes=limits.ENDING_SOON_MINUTES))
    message = f"Active: read-back proves {nodes} node{'s'[: nodes != 1]}."
    move(reservation, to=ReservationState.ACTIVE, message=message, by=by, now=now, active_at=now, next_due_at=remind_at)


def _not_ready(operation: Operation, result: NodeResult, by: Actor, now: datetime) -> None:
    """Somebody's release overruns: wait, tell the owner once, and fail at the deadline."""
    if now >= operation.deadline_at:
        _undone(operation, result, by, now)
        return
    if operation.last_error != result.reason:
        message = f"Waiting: {result.reason}"
        journal.record(
            kind=JournalKind.RESERVATION_WAITING, message=message, by=by, now=now, reservation=operation.reservation
        )
    _again(operation, result, now)


def _unknown(operation: Operation, result: NodeResult, by: Actor, now: datetime) -> None:
    """The fabric does not say: look again.

    Composing gives up at its deadline by releasing; a release never gives up.
    """
    is_late = now >= operation.deadline_at and operation.kind == OperationKind.COMPOSE
    if is_late and operation.reservation.state == ReservationState.COMPOSING:
        _close(operation, OperationState.FAILED, now, result.reason)
        _fail(operation.reservation, result, by, now)
    else:
        _again(operation, result, now)


def _undone(operation: Operation, result: NodeResult, by: Actor, now: datetime) -> None:
    """Taken back cleanly. Try the same node again some times, then fail with the reason."""
    _close(operation, OperationState.FAILED, now, result.reason)
    reservation, composition = operation.reservation, operation.composition
    is_closed = Composition.objects.filter(pk=composition.pk, state=CompositionState.CLOSED).exists()
    may_retry = is_closed and composition.generation < limits.COMPOSE_ATTEMPTS_MAX and now < operation.deadline_at
    if reservation.state == ReservationState.COMPOSING and may_retry:
        node = plan_from_wire(reservation.plan).nodes[composition.node]
        open_node(reservation=reservation, node=node, generation=composition.generation + 1, by=by, now=now)
    else:
        _set_aside(operation, result, by, now)
        _fail(reservation, result, by, now)


def _set_aside(operation: Operation, result: NodeResult, by: Actor, now: datetime) -> None:
    """Blocks that would not bind, try after try, are given back and offered to nobody until somebody has looked."""
    blocks = ResourceBlock.objects.filter(pool_id=operation.composition.pool_id, code__in=result.failed_blocks)
    ids = list(blocks.values_list("pk", flat=True))
    if move_blocks(ids=ids, seen=BlockState.FREE, to=BlockState.QUARANTINED, reason=result.reason):
        _tell_quarantine(operation, result, by, now)


def _tell_quarantine(operation: Operation, result: NodeResult, by: Actor, now: datetime) -> None:
    journal.record(
        kind=JournalKind.BLOCK_QUARANTINED,
        message=f"Quarantined: {result.reason}",
        by=by,
        now=now,
        reservation=operation.reservation,
        facts={"blocks": list(result.failed_blocks)},
    )


def _quarantined(operation: Operation, result: NodeResult, by: Actor, now: datetime) -> None:
    """A block that cannot be proven is offered to nobody: the reservation cannot have it either."""
    _close(
        operation,
        OperationState.FAILED if operation.kind == OperationKind.COMPOSE else OperationState.DONE,
        now,
        result.reason,
    )
    _tell_quarantine(operation, result, by, now)
    if operation.kind == OperationKind.COMPOSE:
        _fail(operation.reservation, result, by, now)
    else:
        _finish(operation.reservation, by, now)


def _released(operation: Operation, result: NodeResult, by: Actor, now: datetime) -> None:
    _close(operation, OperationState.DONE, now)
    _finish(operation.reservation, by, now)


def _fail(reservation: Reservation, result: NodeResult, by: Actor, now: datetime) -> None:
    if reservation.state == ReservationState.COMPOSING:
        begin_release(reservation=reservation, intent=ReservationState.FAILED, reason=result.reason, by=by, now=now)
    else:
        _finish(reservation, by, now)


def _finish(reservation: Reservation, by: Actor, now: datetime) -> None:
    if reservation.state == ReservationState.RELEASING:
        finish_if_closed(reservation=reservation, by=by, now=now)


def _again(operation: Operation, result: NodeResult, now: datetime) -> None:
    pause = RETRY_SECONDS[min(operation.attempt, len(RETRY_SECONDS)) - 1]
    Operation.objects.filter(pk=operation.pk, fence=operation.fence).update(
        state=OperationState.QUEUED,
        due_at=now + timedelta(seconds=pause),
        lease_until=None,
        fence=F("fence") + 1,
        hinted_at=None,
        last_error=result.reason[:500],
    )


def _close(operation: Operation, state: OperationState, now: datetime, error: str = "") -> None:
    Operation.objects.filter(pk=operation.pk, fence=operation.fence, state__in=sorted(OPEN_OPERATIONS)).update(
        state=state, finished_at=now, lease_until=None, last_error=error[:500]
    )


_SETTLERS: dict[tuple[str, NodeOutcome], Settle] = {
    (OperationKind.COMPOSE, NodeOutcome.COMPOSED): _composed,
    (OperationKind.COMPOSE, NodeOutcome.NOT_READY): _not_ready,
    (OperationKind.COMPOSE, NodeOutcome.UNKNOWN): _unknown,
    (OperationKind.COMPOSE, NodeOutcome.UNDONE): _undone,
    (OperationKind.COMPOSE, NodeOutcome.QUARANTINED): _quarantined,
    (OperationKind.RELEASE, NodeOutcome.RELEASED): _released,
    (OperationKind.RELEASE, NodeOutcome.NOT_READY): _unknown,
    (OperationKind.RELEASE, NodeOutcome.UNKNOWN): _unknown,
    (OperationKind.RELEASE, NodeOutcome.QUARANTINED): _quarantined,
}
