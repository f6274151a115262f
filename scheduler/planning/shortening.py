"""A reservation that is to end earlier: its plan and its price then, and whether it may. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta

from scheduler.planning.case import Case
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan
from scheduler.planning.rules import policy
from scheduler.planning.snapshot import Snapshot
from scheduler.refusals import Refusal, RefusalCode
from scheduler.requests import Window


def last_end(*, plan: Plan, given_back_at: datetime) -> datetime:
    """The end with which its own clean-up is over at that moment."""
    return given_back_at - clean_up(plan)


def clean_up(plan: Plan) -> timedelta:
    return plan.busy_until - plan.ends_at


def ending_at(*, plan: Plan, ends_at: datetime) -> Plan:
    """The same clean-up after another end."""
    return replace(plan, ends_at=ends_at, busy_until=ends_at + clean_up(plan))


def too_short(*, plan: Plan, snapshot: Snapshot, ends_at: datetime) -> tuple[Refusal, ...]:
    """The least length counts until it begins; what is in use may be given back whenever somebody wants to."""
    if plan.starts_at <= snapshot.now:
        return ()
    window = Window(starts_at=plan.starts_at, ends_at=ends_at)
    busy = (plan.busy_from, ends_at + clean_up(plan))
    case = Case(wishes=(), window=window, project=snapshot.quota.project, index=PoolIndex(snapshot), busy=busy)
    return tuple(one for one in policy.duration(case) if one.code == RefusalCode.TOO_SHORT)
