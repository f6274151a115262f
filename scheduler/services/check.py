"""Say whether a request fits, and what it would cost, without writing anything: the answer as one types."""

import math
from dataclasses import dataclass
from datetime import datetime

from fabric.models import Pool
from scheduler.planning.admission import is_beyond_quota
from scheduler.planning.admitting import end_state
from scheduler.planning.plan import Plan
from scheduler.planning.pricing import Price, price_of_mix, price_of_plan, warm_up_seconds, watts
from scheduler.planning.promising import promise_of
from scheduler.planning.snapshot import Snapshot
from scheduler.planning.turnarounds import cleaning_in_words, turnaround_of
from scheduler.queries.snapshots import snapshot
from scheduler.refusals import Alternative, Refusal, Refused
from scheduler.requests import ReservationRequest
from scheduler.services._approvals import Question, question_of_plan
from scheduler.services._making_room import find_room
from scheduler.services._preempting import words
from scheduler.states import Promise

BIND_SECONDS_ASSUMED = 60.0  # where a pool says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """A plan or refusals; both where it fits only once others are moved, or give back, or give way.

    The price is that of the plan, or of what of the mix was preferred. `cleaning` says what takes so long after the
    end, where that is longer than the pool's own clean-up.
    """

    plan: Plan | None
    price: Price
    pool: Pool
    watts: int = 0  # hosts and devices of the plan at their worst
    warm_up_seconds: int = 0
    cleaning: str = ""
    moves: int = 0  # reservations that would be planned anew
    given_back: int = 0  # elastic reservations that would give back nodes above their floors
    preempts: int = 0  # reservations of low priority that would give way
    giving_way: str = ""  # which these are, as far as the asker may know
    promise: Promise = Promise.GUARANTEED  # of the booking, if it is made
    consent: Question | None = None  # who would be asked; None: nobody
    refusals: tuple[Refusal, ...] = ()
    alternatives: tuple[Alternative, ...] = ()


def check(*, request: ReservationRequest, now: datetime) -> CheckResult:
    pool = Pool.objects.get(code=request.pool)
    seen = snapshot(pool_code=request.pool, project_slug=request.project, now=now, priority=request.priority)
    try:
        room = find_room(request=request, seen=seen, now=now)
    except Refused as refused:
        cost = price_of_mix(
            mix=request.mix, window=request.window, topology=seen.topology, terms=seen.terms(request.priority)
        )
        return CheckResult(
            plan=None, price=cost, pool=pool, refusals=refused.refusals, alternatives=refused.alternatives
        )
    plan, why_not = room.plan, room.refused
    warm_up = warm_up_seconds(plan=plan, topology=seen.topology, bind_seconds=slow_bind_seconds(pool))
    power = watts(plan=plan, topology=seen.topology)
    cost = price_of_plan(plan=plan, topology=seen.topology, terms=seen.terms(request.priority))
    consent = question_of_plan(
        pool_id=pool.pk, plan=plan, topology=seen.topology, request=request, usd=cost.usd, now=now
    )
    return CheckResult(
        plan=plan,
        price=cost,
        pool=pool,
        watts=power,
        warm_up_seconds=math.ceil(warm_up),
        cleaning=cleaning_in_words(turnaround_of(mix=request.mix, topology=seen.topology), topology=seen.topology),
        moves=len(room.moved),
        given_back=len(room.given_back),
        preempts=len(room.preempted),
        giving_way=words(victims=room.preempted, project=request.project, seen=seen) if room.preempted else "",
        promise=_promise(request, plan, seen, consent is not None),
        consent=consent,
        refusals=why_not.refusals if why_not else (),
        alternatives=why_not.alternatives if why_not else (),
    )


def _promise(request: ReservationRequest, plan: Plan, seen: Snapshot, needs_approval: bool) -> Promise:
    state = end_state(request=request, needs_approval=needs_approval)
    is_beyond = is_beyond_quota(plan=plan, snapshot=seen)
    return promise_of(priority=request.priority, state=state, is_beyond_quota=is_beyond)


def slow_bind_seconds(pool: Pool) -> float:
    """The 95th percentile of a bind, where the pool's file gives one."""
    return float(pool.simulation.get("bind_seconds", {}).get("p95", BIND_SECONDS_ASSUMED))
