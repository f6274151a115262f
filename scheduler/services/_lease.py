"""Take due work and keep it: a lease in the row, and a fence that rises with every take-over."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, SmallIntegerField, Subquery, Value, When
from django.db.models.functions import Coalesce

from fabric.models import FabricManager
from scheduler import limits
from scheduler.models import Operation
from scheduler.states import IN_TURN, OPEN_OPERATIONS, OperationState

LEASE = timedelta(seconds=limits.LEASE_SECONDS)
_IN_TURN = Case(
    *(When(kind=kind, then=Value(nth)) for nth, kind in enumerate(IN_TURN)),
    output_field=SmallIntegerField(),
)


def takeable(*, now: datetime) -> Q:
    """Due and taken by nobody, or taken by somebody whose lease has run out."""
    is_queued = Q(state=OperationState.QUEUED, due_at__lte=now)
    return is_queued | Q(state=OperationState.RUNNING, lease_until__lt=now)


@transaction.atomic
def take(*, operation_id: int, owner: str, now: datetime) -> Operation | None:
    """The operation under a new fence, or None: somebody has it, it is not due, or its fabric is busy or paused."""
    waiting = (
        Operation.objects.filter(takeable(now=now), pk=operation_id).values_list("fabric_manager_id", flat=True).first()
    )
    if waiting is None:
        return None
    manager = FabricManager.objects.select_for_update(no_key=True).get(pk=waiting)
    running = Operation.objects.filter(
        fabric_manager=manager, state=OperationState.RUNNING, lease_until__gte=now
    ).count()
    if manager.is_paused or running >= manager.max_parallel_mutations:
        return None
    taken = Operation.objects.filter(takeable(now=now), pk=operation_id).update(
        state=OperationState.RUNNING,
        fence=F("fence") + 1,
        attempt=F("attempt") + 1,
        lease_until=now + LEASE,
        lease_owner=owner,
        hinted_at=now,
    )
    return _whole().get(pk=operation_id) if taken else None


def keep(*, operation: Operation, now: datetime) -> bool:
    """Prolong the lease; False when another fence has overtaken it."""
    mine = Operation.objects.filter(pk=operation.pk, fence=operation.fence, state=OperationState.RUNNING)
    return bool(mine.update(lease_until=now + LEASE))


def is_mine(*, operation: Operation) -> bool:
    return Operation.objects.filter(pk=operation.pk, fence=operation.fence, state=OperationState.RUNNING).exists()


def due_operations(*, now: datetime) -> list[int]:
    """Ids of what could be taken now, releases before composes before changes of nodes in use, oldest first.

    What waits for a fabric that is paused or busy is left out: at the head of the queue it would hide the rest.
    """
    running = Operation.objects.filter(
        fabric_manager=OuterRef("fabric_manager"), state=OperationState.RUNNING, lease_until__gte=now
    )
    count = running.order_by().values("fabric_manager").annotate(n=Count("pk")).values("n")
    rows = Operation.objects.filter(
        takeable(now=now), state__in=sorted(OPEN_OPERATIONS), fabric_manager__is_paused=False
    ).exclude(fabric_manager__max_parallel_mutations__lte=Coalesce(Subquery(count), 0))
    return list(rows.order_by(_IN_TURN, "due_at", "id").values_list("pk", flat=True)[: limits.ADVANCE_BATCH_MAX])


def _whole() -> QuerySet[Operation]:
    return Operation.objects.select_related(
        "composition__host",
        "composition__pool",
        "resize",
        "fabric_manager",
        "reservation__pool",
        "reservation__project",
    )
