"""Begin to compose: one composition and one operation a node, in the transaction that moves the state."""

from datetime import datetime, timedelta

from fabric.drivers.base import CardSetting
from fabric.models import Composition, Host, ResourceBlock
from fabric.services.compositions import open_composition
from scheduler import limits, nudge
from scheduler.models import Operation, Reservation
from scheduler.planning.plan import NodePlan, plan_from_wire
from scheduler.requests import Actor
from scheduler.services._moves import move
from scheduler.states import OperationKind, ReservationState

TAG_PREFIX = "heddle"


def start(*, reservation: Reservation, by: Actor, now: datetime) -> bool:
    """CONFIRMED → COMPOSING. The end of the reservation is what the lifecycle looks at next."""
    plan = plan_from_wire(reservation.plan)
    moved = move(
        reservation,
        to=ReservationState.COMPOSING,
        message=f"Composing {len(plan.nodes)} node{'s'[: len(plan.nodes) != 1]}.",
        by=by,
        now=now,
        next_due_at=reservation.ends_at,
    )
    for node in plan.nodes if moved else ():
        open_node(reservation=reservation, node=node, generation=1, by=by, now=now)
    return moved


def open_node(*, reservation: Reservation, node: NodePlan, generation: int, by: Actor, now: datetime) -> Composition:
    """Write down one node's target and queue its operation. A new try has a new generation: names are never reused."""
    composition = open_composition(
        pool=reservation.pool,
        host=Host.objects.get(pool_id=reservation.pool_id, code=node.host),
        blocks=list(ResourceBlock.objects.filter(pool_id=reservation.pool_id, code__in=node.blocks).order_by("id")),
        owner=reservation.code,
        node=node.index,
        role=node.role,
        generation=generation,
        tag=f"{TAG_PREFIX}-{reservation.code}-n{node.index}-g{generation}",
        now=now,
        settings={block: CardSetting(setting.layout, setting.power_cap_w) for block, setting in node.settings.items()},
    )
    operation = Operation.objects.create(
        kind=OperationKind.COMPOSE,
        reservation=reservation,
        composition=composition,
        fabric_manager_id=composition.fabric_manager_id,
        due_at=now,
        deadline_at=max(now, reservation.starts_at) + timedelta(minutes=limits.COMPOSE_DEADLINE_MINUTES),
        request_id=by.request_id,
        created_at=now,
    )
    nudge.hint_operation(operation.pk)
    return composition
