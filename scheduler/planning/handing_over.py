"""A reservation that another project is to take over: what of that project's own bounds stands against it. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from scheduler.planning.admission import fits
from scheduler.planning.case import Case
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan
from scheduler.planning.rules import policy
from scheduler.planning.rules.budget import budget_at
from scheduler.planning.settlement import due_usd
from scheduler.planning.snapshot import Snapshot
from scheduler.refusals import Refusal, RefusalCode
from scheduler.requests import ReservationRequest, Window

FIELD = "project"
_C = RefusalCode
OF_A_PROJECT = frozenset({_C.QUOTA_DEVICES, _C.QUOTA_HOURS, _C.PRIORITY_LIMIT, _C.TOO_LONG})


def against(
    *, plan: Plan, snapshot: Snapshot, reservation: str, request: ReservationRequest | None, price: Mapping[str, Any]
) -> tuple[Refusal, ...]:
    """`plan` is what it holds, and the snapshot's quota that of the taker; where the devices are is not asked again.

    Its `price` goes with it: the taker's money is asked for that, and not for what it would cost today.
    """
    index = PoolIndex(snapshot).without([reservation])
    window = Window(starts_at=plan.starts_at, ends_at=plan.ends_at)
    busy = (plan.busy_from, plan.busy_until)
    case = Case(wishes=(), window=window, project=snapshot.quota.project, index=index, busy=busy)
    found = [*policy.duration(case), *fits(plan=plan, snapshot=snapshot, request=request, reservation=reservation)]
    kept = [one for one in found if one.code in OF_A_PROJECT]
    return tuple(replace(one, field=FIELD) for one in (*kept, *budget_at(case, due_usd(price))))
