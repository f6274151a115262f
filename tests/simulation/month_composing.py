"""Composing the quick way: the facts that the executor leaves in rows when all goes well, at once.

What is booked, told, charged and given back follows from them through the product's own `settle`.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from fabric.composing.results import NodeOutcome, NodeResult
from fabric.models import Attachment, Composition, Resize, ResourceBlock
from fabric.states import CompositionState, ResizeState
from scheduler.models import Operation
from scheduler.services._lease import take
from scheduler.services._settling import settle
from scheduler.states import OperationKind


def carry_out(*, operation_id: int, now: datetime) -> bool:
    """False where there was nothing to take."""
    operation = take(operation_id=operation_id, owner="worker-1", now=now)
    if operation is None:
        return False
    settle(operation=operation, result=NodeResult(outcome=_done(operation, now)), now=now)
    return True


@transaction.atomic
def _done(operation: Operation, now: datetime) -> NodeOutcome:
    node = operation.composition
    if operation.kind == OperationKind.COMPOSE:
        _attach(node, node.blocks.order_by("id"), now)
        Composition.objects.filter(pk=node.pk).update(state=CompositionState.COMPOSED, composed_at=now)
        return NodeOutcome.COMPOSED
    if operation.kind == OperationKind.RELEASE:
        Attachment.objects.filter(composition=node, until=None).update(until=now)
        Composition.objects.filter(pk=node.pk).update(state=CompositionState.CLOSED, closed_at=now)
        return NodeOutcome.RELEASED
    assert operation.resize is not None, "a change says how"
    _change(node, operation.resize, now)
    return NodeOutcome.RESIZED


def _change(node: Composition, resize: Resize, now: datetime) -> None:
    """First what comes, then what goes."""
    comes = ResourceBlock.objects.filter(pool=node.pool_id, code__in=resize.adds).order_by("id")
    goes = list(ResourceBlock.objects.filter(pool=node.pool_id, code__in=resize.removes))
    node.blocks.add(*comes)
    _attach(node, comes, now)
    Attachment.objects.filter(composition=node, until=None, block__in=goes).update(until=now)
    node.blocks.remove(*goes)
    Resize.objects.filter(pk=resize.pk).update(state=ResizeState.DONE, finished_at=now)


def _attach(node: Composition, blocks: Iterable[ResourceBlock], now: datetime) -> None:
    rows = [Attachment(block=block, host_id=node.host_id, composition=node, since=now) for block in blocks]
    Attachment.objects.bulk_create(rows)
