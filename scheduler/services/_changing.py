"""Begin to change a node in use: hold what it is to get, write down what is wanted, and queue the work.

In the caller's transaction, under the pool's lock. What it is to give up stays its own until that is proven gone.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.db.models import F

from fabric.drivers.base import CardSetting, DriverError
from fabric.models import Composition
from fabric.services.compositions import open_resize
from fabric.services.drivers import driver_for
from fabric.states import LIVE_COMPOSITIONS, CompositionState
from scheduler import limits, nudge
from scheduler.models import Operation, Reservation
from scheduler.planning.plan import Setting
from scheduler.planning.replacing import Standing, rewired
from scheduler.requests import Actor
from scheduler.services._commit import Footing, rewrite_allocations
from scheduler.states import OPEN_OPERATIONS, OperationKind


def begin_change(
    *,
    reservation: Reservation,
    composition: Composition,
    standing: Standing,
    footing: Footing,
    adds: Mapping[str, Setting],
    removes: Collection[str],
    reason: str,
    by: Actor,
    now: datetime,
) -> Operation:
    """The plan stays as it is until the node is as wished."""
    both = rewired(standing=standing, node=composition.node, removes=(), adds=adds, is_so=True)
    assert both is not None, "with is_so there always is one"
    rewrite_allocations(reservation=reservation, holds=both, footing=footing, now=now)
    resize = open_resize(
        composition=composition,
        adds=sorted(adds),
        removes=sorted(removes),
        settings={code: CardSetting(one.layout, one.power_cap_w) for code, one in adds.items() if one != Setting()},
        reason=reason,
        now=now,
    )
    operation = Operation.objects.create(
        kind=OperationKind.RESIZE,
        reservation=reservation,
        composition=composition,
        resize=resize,
        fabric_manager_id=composition.fabric_manager_id,
        due_at=now,
        deadline_at=now + timedelta(minutes=limits.RESIZE_DEADLINE_MINUTES),
        request_id=by.request_id,
        created_at=now,
    )
    Reservation.objects.filter(pk=reservation.pk).update(version=F("version") + 1, updated_at=now)
    reservation.refresh_from_db()
    nudge.hint_operation(operation.pk)
    return operation


def node_in_use(*, reservation: Reservation, node: int) -> Composition | None:
    """None while it is composed, changed or taken apart."""
    return Composition.objects.filter(owner=reservation.code, node=node, state=CompositionState.COMPOSED).first()


def open_change(*, reservation: Reservation, node: int) -> Operation | None:
    """The change of this node that is under way or waits for its turn."""
    rows = Operation.objects.filter(reservation=reservation, kind=OperationKind.RESIZE, composition__node=node)
    return rows.filter(state__in=sorted(OPEN_OPERATIONS)).select_related("resize").first()


def is_being_resized(reservation: Reservation) -> bool:
    """Whether its mix is being changed: no node of it is changed otherwise until that is over."""
    return bool(reservation.plan.get("change"))


def can_change(*, reservation: Reservation, node: int) -> bool:
    """Whether its fabric changes a node in use at all. Asks the fabric: never under a lock."""
    live = Composition.objects.filter(owner=reservation.code, node=node, state__in=LIVE_COMPOSITIONS)
    composition = live.select_related("fabric_manager__pool").first()
    if composition is None or composition.fabric_manager.is_paused:
        return False
    try:
        return driver_for(composition.fabric_manager).capabilities().can_resize
    except DriverError:
        return False
