"""The only writer of Allocation: make a plan real under the pool's lock, and give its units back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import DateTimeField, F, Func, Value
from django.db.models.functions import Greatest, Least

from fabric.models import Host, Pool, ResourceBlock
from scheduler.models import Allocation, Project, Quota, Reservation
from scheduler.planning.admission import decide, fits
from scheduler.planning.plan import Plan
from scheduler.planning.snapshot import QuotaFacts, Snapshot
from scheduler.queries.snapshots import snapshot
from scheduler.refusals import Refused
from scheduler.requests import ReservationRequest

LOCK_MILLISECONDS_MAX = 8_000
STATEMENT_MILLISECONDS_MAX = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """A plan that holds at this instant, under the pool's lock, and what it was checked against."""

    plan: Plan
    snapshot: Snapshot
    pool: Pool
    project: Project


def admit(
    *, request: ReservationRequest, plan: Plan, now: datetime, may_replan: bool, planned_under: QuotaFacts | None = None
) -> Admission:
    """Lock quota and pool; if either moved since the plan was made, check the plan again.

    `planned_under` is the quota the plan was made with, since no generation tells of its changes; without it the plan
    is always checked. It is planned anew only if it no longer fits, and only where the caller allows it.
    Must run inside a transaction, which then writes and commits. Raises Refused with all reasons.
    """
    _bound_waiting()
    project = Project.objects.get(slug=request.project)
    list(Quota.objects.filter(project=project, pool__code=request.pool).order_by("id").select_for_update())
    pool = Pool.objects.select_for_update(no_key=True).get(code=request.pool)
    seen = snapshot(pool_code=pool.code, project_slug=project.slug, now=now)
    if plan.generation != pool.generation or planned_under != seen.quota:
        refusals = fits(plan=plan, snapshot=seen, request=request)
        if refusals and not may_replan:
            raise Refused(refusals)
        if refusals:
            plan = decide(request=request, snapshot=seen)
    return Admission(plan=plan, snapshot=seen, pool=pool, project=project)


def write_allocations(*, reservation: Reservation, plan: Plan) -> None:
    """One row a unit, in the order of unit ids; the exclusion constraint has the last word.

    Moves the pool's generation.
    """
    blocks = _ids(
        ResourceBlock.objects.filter(pool_id=reservation.pool_id), [code for node in plan.nodes for code in node.blocks]
    )
    hosts = _ids(Host.objects.filter(pool_id=reservation.pool_id), [node.host for node in plan.nodes])
    during = DateTimeTZRange(plan.busy_from, plan.busy_until, "[)")
    common = {"reservation": reservation, "pool_id": reservation.pool_id, "during": during}
    rows = [Allocation(block_id=blocks[code], node=node.index, **common) for node in plan.nodes for code in node.blocks]
    rows += [Allocation(host_id=hosts[node.host], node=node.index, **common) for node in plan.nodes]
    Allocation.objects.bulk_create(
        sorted(rows, key=lambda row: (row.block_id is None, row.block_id or row.host_id or 0))
    )
    _move_generation(reservation.pool_id)


def free_allocations(*, reservation: Reservation, now: datetime) -> None:
    """Give the units back: the rows stay as history, cut at `now`.

    The caller moves the state in the same transaction.
    """
    lower, upper = (Func(F("during"), function=name, output_field=DateTimeField()) for name in ("lower", "upper"))
    cut = Func(
        lower, Least(upper, Greatest(lower, Value(now))), function="tstzrange", output_field=DateTimeRangeField()
    )
    Allocation.objects.filter(reservation=reservation, is_holding=True).update(is_holding=False, during=cut)
    _move_generation(reservation.pool_id)


def lock_pool(*, pool_id: int) -> Pool:
    """For verbs that change allocations without a plan. Inside a transaction."""
    _bound_waiting()
    return Pool.objects.select_for_update(no_key=True).get(pk=pool_id)


def _move_generation(pool_id: int) -> None:
    Pool.objects.filter(pk=pool_id).update(generation=F("generation") + 1)


def _ids(units: Any, codes: list[str]) -> Mapping[str, int]:
    return dict(units.filter(code__in=codes).values_list("code", "id"))


def _bound_waiting() -> None:
    """A lock that is not to be had is a lost race, tried again by the caller, never a hanging request."""
    assert connection.in_atomic_block, "admission runs inside its caller's transaction"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SET LOCAL lock_timeout = {LOCK_MILLISECONDS_MAX};"
            f" SET LOCAL statement_timeout = {STATEMENT_MILLISECONDS_MAX}"
        )
