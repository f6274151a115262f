"""Under the pool's lock: does a plan made a moment ago still hold, with the moves that make room for it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from scheduler.limits import SEARCH_STEPS_QUICK_MAX
from scheduler.models import Reservation
from scheduler.planning import elastic
from scheduler.planning.admission import fits
from scheduler.planning.attempts import plan_or_none
from scheduler.planning.elastic import Surplus
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan
from scheduler.planning.preempting import Preemptible, given_way
from scheduler.planning.search import SearchLimit
from scheduler.planning.snapshot import QuotaFacts, Snapshot
from scheduler.planning.stays import stays_of_plan
from scheduler.planning.timeline import Committed
from scheduler.refusals import Refusal
from scheduler.requests import ReservationRequest
from scheduler.services._tries import Overtaken
from scheduler.states import Priority


@dataclass(frozen=True, slots=True)
class Preempted:
    """One of low priority that gives way: at once, or at that moment if it has begun."""

    reservation: Reservation
    is_begun: bool
    preempt_at: datetime

    @property
    def as_planned(self) -> Preemptible:
        row = self.reservation
        return Preemptible(reservation=row.code, begins_at=row.busy_from, is_begun=self.is_begun)


@dataclass(frozen=True, slots=True)
class GivenBack:
    """An elastic one that gives back nodes above its floor."""

    reservation: Reservation
    surplus: Surplus


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A reservation that gets another plan, to make room."""

    reservation: Reservation
    project: str  # slug
    plan: Plan


def against(
    *,
    plan: Plan,
    seen: Snapshot,
    request: ReservationRequest,
    moved: Sequence[Moved] = (),
    preempted: Sequence[Preempted] = (),
    given_back: Sequence[GivenBack] = (),
) -> tuple[Refusal, ...]:
    """What stands against it; empty if nothing does."""
    seen = elastic.given_back(seen=seen, ones=[one.surplus for one in given_back]) if given_back else seen
    for one in preempted:
        seen = given_way(seen=seen, victims=[one.as_planned], preempt_at=one.preempt_at)
    return fits(plan=plan, snapshot=after_moves(seen=seen, moved=moved), request=request)


def after_moves(*, seen: Snapshot, moved: Sequence[Moved]) -> Snapshot:
    """As it would be with these plans. Raises Overtaken if one of them does not fit any more.

    The moved ones are taken out all together and put in one by one; they hold no more than they did, so that their own
    projects' ceilings are not asked.
    """
    timeline = PoolIndex(seen).without(one.reservation.code for one in moved).timeline
    around = replace(seen, commitments=Committed(timeline))
    for one in moved:
        if fits(plan=one.plan, snapshot=replace(around, quota=QuotaFacts(one.project))):
            raise Overtaken
        code = one.reservation.code
        priority = Priority(one.reservation.priority)
        timeline.add_stays(
            stays_of_plan(timeline.shape, one.plan, reservation=code, project=one.project, priority=priority)
        )
    return around


def planned_anew(*, request: ReservationRequest, seen: Snapshot) -> Plan:
    """Another place, if it is found quickly, because the pool is locked meanwhile. Raises Overtaken."""
    try:
        plan = plan_or_none(request=request, index=PoolIndex(seen), steps_max=SEARCH_STEPS_QUICK_MAX)
    except SearchLimit:
        plan = None
    if plan is None:
        raise Overtaken
    return plan
