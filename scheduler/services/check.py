"""Say whether a request fits, and what it would cost, without writing anything: the answer as one types."""

from dataclasses import dataclass
from datetime import datetime

from fabric.models import Pool
from scheduler.planning.admission import decide
from scheduler.planning.plan import Plan
from scheduler.planning.pricing import Price, price, warm_up_seconds, watts
from scheduler.queries.snapshots import snapshot
from scheduler.refusals import Alternative, Refusal, Refused
from scheduler.requests import ReservationRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """Either a plan or refusals. The price is that of the mix, whether it fits or not."""

    plan: Plan | None
    price: Price
    watts: int
    warm_up_seconds: int
    refusals: tuple[Refusal, ...] = ()
    alternatives: tuple[Alternative, ...] = ()


def check(*, request: ReservationRequest, now: datetime) -> CheckResult:
    pool = Pool.objects.get(code=request.pool)
    seen = snapshot(pool_code=request.pool, project_slug=request.project, now=now)
    cost = price(mix=request.mix, window=request.window, topology=seen.topology, currency=pool.currency)
    power = watts(mix=request.mix, topology=seen.topology)
    try:
        plan = decide(request=request, snapshot=seen)
    except Refused as refused:
        return CheckResult(
            plan=None,
            price=cost,
            watts=power,
            warm_up_seconds=0,
            refusals=refused.refusals,
            alternatives=refused.alternatives,
        )
    warm_up = warm_up_seconds(plan=plan, topology=seen.topology, simulation=pool.simulation)
    return CheckResult(plan=plan, price=cost, watts=power, warm_up_seconds=warm_up)
