"""The next starts at which a mix fits, each priced as a quote is. Nothing is held."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fabric.models import Pool
from scheduler import limits
from scheduler.models import Project, Quote
from scheduler.planning.earliest import Earliest, earliest
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan, plan_to_wire
from scheduler.planning.pricing import price_of_plan, price_to_wire, warm_up_seconds, watts
from scheduler.planning.snapshot import Snapshot
from scheduler.queries.snapshots import snapshot
from scheduler.refusals import Refusal
from scheduler.requests import Actor
from scheduler.services._codes import new_code
from scheduler.services.check import slow_bind_seconds
from scheduler.slot_parsing import SlotsWish

_GRACE = timedelta(seconds=limits.START_GRACE_SECONDS)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """`binds` is what stands against the first moment, empty where the mix fits there."""

    quotes: tuple[Quote, ...]
    is_proven: bool
    binds: tuple[Refusal, ...]


def slots(*, wish: SlotsWish, by: Actor, now: datetime) -> Slots:
    """Each window is a quote of its own: its code books exactly that plan while it lasts, as long as it still fits."""
    found, seen = openings(wish=wish, now=now)
    topology, terms = seen.topology, seen.terms(wish.request.priority)
    pool = Pool.objects.get(code=wish.request.pool)
    project = Project.objects.get(slug=wish.request.project)
    bind_seconds = slow_bind_seconds(pool)
    quotes = [
        Quote(
            code=new_code("q"),
            project=project,
            pool=pool,
            created_by_id=by.user_id,
            request={**wish.request.wire, **_times(plan)},
            plan=plan_to_wire(plan),
            price=price_to_wire(price_of_plan(plan=plan, topology=topology, terms=terms)),
            watts=watts(plan=plan, topology=topology),
            warm_up_seconds=math.ceil(warm_up_seconds(plan=plan, topology=topology, bind_seconds=bind_seconds)),
            expires_at=min(now + timedelta(minutes=limits.QUOTE_MINUTES), plan.starts_at + _GRACE),
            created_at=now,
        )
        for plan in found.windows
    ]
    return Slots(quotes=_stored(quotes), is_proven=found.is_proven, binds=found.binds)


def openings(*, wish: SlotsWish, now: datetime) -> tuple[Earliest, Snapshot]:
    """The same without a quote, for pages. A start that is not given falls on a whole minute."""
    asked = wish.request
    seen = snapshot(pool_code=asked.pool, project_slug=asked.project, now=now, priority=asked.priority)
    lead = max(seen.topology.policy.setup_minutes, seen.bounds.min_lead_minutes)
    soonest = now + timedelta(minutes=lead)
    found = earliest(
        request=wish.request,
        index=PoolIndex(seen),
        duration=wish.duration,
        not_before=wish.not_before if wish.not_before > soonest else _whole_minute(soonest),
        not_after=wish.not_after,
        limit=wish.limit,
    )
    return found, seen


def _stored(quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    return tuple(Quote.objects.bulk_create(quotes))


def _times(plan: Plan) -> dict[str, str]:
    return {"starts_at": plan.starts_at.isoformat(), "ends_at": plan.ends_at.isoformat()}


def _whole_minute(moment: datetime) -> datetime:
    down = moment.replace(second=0, microsecond=0)
    return down if down == moment else down + _MINUTE
