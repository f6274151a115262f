"""Write another plan on a reservation that goes on, and what it holds by it, in the caller's transaction."""

from datetime import datetime
from typing import Any

from django.db.models import F

from fabric.topology import PoolTopology
from scheduler.models import Reservation
from scheduler.planning.plan import Plan, plan_to_wire
from scheduler.planning.pricing import watts
from scheduler.services._commit import Footing, rewrite_allocations


def rewrite(*, reservation: Reservation, plan: Plan, footing: Footing, now: datetime, **changes: Any) -> None:
    """Plan, watts and units; `changes` are further columns. The state stays: who asked for its end was faster."""
    topology = footing.board.inventory.shape.topology
    rewrite_allocations(reservation=reservation, holds=plan, footing=footing, now=now)
    write_plan_of(reservation=reservation, plan=plan, topology=topology, now=now, **changes)


def write_plan_of(
    *, reservation: Reservation, plan: Plan, topology: PoolTopology, now: datetime, **changes: Any
) -> None:
    """Without its units, for who writes those of several together."""
    Reservation.objects.filter(pk=reservation.pk).update(
        plan=plan_to_wire(plan),
        watts=watts(plan=plan, topology=topology),
        version=F("version") + 1,
        updated_at=now,
        **changes,
    )
    reservation.refresh_from_db()
