"""A reservation that extends itself, step by step up to a ceiling, while it fits. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta

from scheduler import limits
from scheduler.planning.case import Case
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan
from scheduler.planning.rules import policy
from scheduler.planning.shortening import clean_up
from scheduler.planning.snapshot import Snapshot
from scheduler.refusals import Refusal, RefusalCode
from scheduler.requests import Window

STEP = timedelta(minutes=limits.AUTO_EXTEND_STEP_MINUTES)
FIELD = "until"


def next_end(*, ends_at: datetime, until: datetime) -> datetime:
    """One step on, or the ceiling."""
    return min(ends_at + STEP, until)


def beyond_policy(*, plan: Plan, snapshot: Snapshot, until: datetime) -> tuple[Refusal, ...]:
    """A ceiling that no extension could ever reach is refused when it is set: who has it next is asked step by step."""
    window = Window(starts_at=plan.starts_at, ends_at=until)
    busy = (plan.busy_from, until + clean_up(plan))
    case = Case(wishes=(), window=window, project=snapshot.quota.project, index=PoolIndex(snapshot), busy=busy)
    found = (one for one in policy.duration(case) if one.code == RefusalCode.TOO_LONG)
    return tuple(replace(one, field=FIELD) for one in found)
