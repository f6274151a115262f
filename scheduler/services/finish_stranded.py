"""A node that is being wired, changed or taken apart, and no operation works on it: its work is queued again.

An operation is always written with what it is for, and ends with it, so this finds something only after a mistake or
a repair by hand. The fabric is read first then, as after any death of a worker.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from fabric.models import Composition, Resize
from fabric.services.compositions import request_decompose
from fabric.states import LIVE_COMPOSITIONS, CompositionState, ResizeState
from scheduler import limits, nudge
from scheduler.models import Operation, Reservation
from scheduler.requests import SYSTEM
from scheduler.services._commit import lock_pool
from scheduler.states import OPEN_OPERATIONS, OperationKind, ReservationState

IN_USE = (ReservationState.COMPOSING, ReservationState.ACTIVE)
WIRING = (CompositionState.OPENED, CompositionState.COMPOSING)
MINUTES: dict[OperationKind, int] = {
    OperationKind.COMPOSE: limits.COMPOSE_DEADLINE_MINUTES,
    OperationKind.RESIZE: limits.RESIZE_DEADLINE_MINUTES,
    OperationKind.RELEASE: limits.RELEASE_DEADLINE_MINUTES,
}


def finish_stranded(*, now: datetime) -> int:
    """How many nodes are worked on again. One whose reservation is not known is left to operators: it is drift."""
    rows = list(_stranded().values_list("pk", "pool_id"))
    return sum(_queue_again(pk, pool_id, now) for pk, pool_id in rows)


def _stranded() -> "QuerySet[Composition]":
    work = Operation.objects.filter(composition=OuterRef("pk"), state__in=sorted(OPEN_OPERATIONS))
    holder = Reservation.objects.filter(code=OuterRef("owner"))
    live = Composition.objects.filter(~Exists(work), Exists(holder), state__in=sorted(LIVE_COMPOSITIONS))
    in_use = Exists(holder.filter(state__in=IN_USE))
    return live.exclude(in_use, state=CompositionState.COMPOSED).order_by("id")


@transaction.atomic
def _queue_again(pk: int, pool_id: int, now: datetime) -> bool:
    """Under the pool's lock, look again."""
    lock_pool(pool_id=pool_id)
    composition = _stranded().filter(pk=pk).first()
    if composition is None:
        return False
    reservation = Reservation.objects.get(code=composition.owner)
    kind, resize = _work_left(composition, reservation)
    if kind == OperationKind.RELEASE:
        request_decompose(composition=composition, reason=reservation.state_reason or "Nobody works on it any more.")
    operation = Operation.objects.create(
        kind=kind,
        reservation=reservation,
        composition=composition,
        resize=resize,
        fabric_manager_id=composition.fabric_manager_id,
        due_at=now,
        deadline_at=now + timedelta(minutes=MINUTES[kind]),
        request_id=SYSTEM.request_id,
        created_at=now,
    )
    nudge.hint_operation(operation.pk)
    return True


def _work_left(composition: Composition, reservation: Reservation) -> tuple[OperationKind, Resize | None]:
    """Whatever nobody needs is taken apart."""
    if reservation.state == ReservationState.COMPOSING and composition.state in WIRING:
        return OperationKind.COMPOSE, None
    resize = composition.resizes.filter(state=ResizeState.OPEN).first()
    if reservation.state in IN_USE and composition.state == CompositionState.RESIZING and resize is not None:
        return OperationKind.RESIZE, resize
    return OperationKind.RELEASE, None
