"""Composing the quick way: the facts that the executor leaves in rows when all goes well, at once.

What is booked, told, charged and given back follows from them through the product's own `settle`.
"""

from datetime import datetime

from django.db import transaction

from fabric.composing.results import NodeOutcome, NodeResult
from fabric.models import Attachment, Composition
from fabric.states import CompositionState
from scheduler.services._lease import take
from scheduler.services._settling import settle
from scheduler.states import OperationKind


def carry_out(*, operation_id: int, now: datetime) -> bool:
    """False where there was nothing to take."""
    operation = take(operation_id=operation_id, owner="worker-1", now=now)
    if operation is None:
        return False
    if operation.kind == OperationKind.COMPOSE:
        _attach(operation.composition, now)
        outcome = NodeOutcome.COMPOSED
    elif operation.kind == OperationKind.RELEASE:
        _detach(operation.composition, now)
        outcome = NodeOutcome.RELEASED
    else:
        raise NotImplementedError("nobody changes a node in use in this month")
    settle(operation=operation, result=NodeResult(outcome=outcome), now=now)
    return True


@transaction.atomic
def _attach(node: Composition, now: datetime) -> None:
    Attachment.objects.bulk_create(
        Attachment(block=block, host_id=node.host_id, composition=node, since=now) for block in node.blocks.all()
    )
    Composition.objects.filter(pk=node.pk).update(state=CompositionState.COMPOSED, composed_at=now)


@transaction.atomic
def _detach(node: Composition, now: datetime) -> None:
    Attachment.objects.filter(composition=node, until=None).update(until=now)
    Composition.objects.filter(pk=node.pk).update(state=CompositionState.CLOSED, closed_at=now)
