"""Say whether a request fits, and what it would cost, without writing anything: the answer as one types."""

import math
from dataclasses import dataclass
from datetime import datetime

from fabric.models import Pool
from scheduler.planning.admission import decide
from scheduler.planning.plan import Plan
from scheduler.planning.pricing import Price, price_of_mix, price_of_plan, warm_up_seconds, watts
from scheduler.queries.snapshots import snapshot
from scheduler.refusals import Alternative, Refusal, Refused
from scheduler.requests import ReservationRequest

BIND_SECONDS_ASSUMED = 60.0  # where a pool says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """Either a plan or refusals. The price is that of the plan, or of what of the mix was preferred."""

    plan: Plan | None
    price: Price
    pool_id: int
    watts: int = 0  # hosts and devices of the plan at their worst
    warm_up_seconds: int = 0
    refusals: tuple[Refusal, ...] = ()
    alternatives: tuple[Alternative, ...] = ()


def check(*, request: ReservationRequest, now: datetime) -> CheckResult:
    pool = Pool.objects.get(code=request.pool)
    seen = snapshot(pool_code=request.pool, project_slug=request.project, now=now)
    try:
        plan = decide(request=request, snapshot=seen)
    except Refused as refused:
        cost = price_of_mix(mix=request.mix, window=request.window, topology=seen.topology)
        return CheckResult(
            plan=None, price=cost, pool_id=pool.pk, refusals=refused.refusals, alternatives=refused.alternatives
        )
    warm_up = warm_up_seconds(plan=plan, topology=seen.topology, bind_seconds=slow_bind_seconds(pool))
    power = watts(plan=plan, topology=seen.topology)
    cost = price_of_plan(plan=plan, topology=seen.topology)
    return CheckResult(plan=plan, price=cost, pool_id=pool.pk, watts=power, warm_up_seconds=math.ceil(warm_up))


def slow_bind_seconds(pool: Pool) -> float:
    """The 95th percentile of a bind, where the pool's file gives one."""
    return float(pool.simulation.get("bind_seconds", {}).get("p95", BIND_SECONDS_ASSUMED))
