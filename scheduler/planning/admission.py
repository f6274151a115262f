"""The planner's front door: a plan, or all the reasons why not; and whether a plan made earlier still fits. Pure."""

from dataclasses import replace
from datetime import datetime

from scheduler.planning.alternatives import look_around
from scheduler.planning.attempts import attempt
from scheduler.planning.case import Case, Draft
from scheduler.planning.diagnosis import distinct
from scheduler.planning.granted import draft_of, lost_planes
from scheduler.planning.hours import HourSum
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan
from scheduler.planning.quota import hours, is_near_term, is_over
from scheduler.planning.rules import budget, quota
from scheduler.planning.rules.registry import PLANNED_RULES
from scheduler.planning.snapshot import Snapshot
from scheduler.refusals import Refusal, Refused
from scheduler.requests import ReservationRequest, Window
from scheduler.states import Priority


def decide(*, request: ReservationRequest, snapshot: Snapshot) -> Plan:
    """The placement of every node, or `Refused` with every reason and what would fit instead.

    Deterministic: the order of blocks, hosts and commitments in the snapshot does not matter.
    """
    index = PoolIndex(snapshot)
    outcome = attempt(request=request, index=index)
    if isinstance(outcome, Plan):
        return outcome
    refusals, alternatives = look_around(request=request, index=index, refusals=outcome)
    raise Refused(refusals, alternatives)


def fits(
    *,
    plan: Plan,
    snapshot: Snapshot,
    request: ReservationRequest | None = None,
    reservation: str = "",
    charged_from: datetime | None = None,
) -> tuple[Refusal, ...]:
    """What stands against a plan made from an older snapshot; empty if nothing does.

    The commitments of `reservation` itself are not held against it. With the request given, fields are named as it
    names them; what only the request and the inventory decide (bridges, paths) is then checked again too.
    What `reservation` is charged until `charged_from` (none: its start) stays, and the plan is charged from then on.
    """
    case, draft = _case_of(plan, snapshot, request, reservation, charged_from)
    ceilings = [*quota.devices(case), *quota.device_hours(case), *budget.budget(case)]
    ceilings += [*quota.slices_only(case), *quota.priority(case)] if request is not None else []
    found = [refusal for rule in PLANNED_RULES for refusal in rule(case, draft)]
    return tuple(distinct([*ceilings, *found, *lost_planes(case, plan)]))


def hours_against(*, plan: Plan, snapshot: Snapshot, reservation: str, charged_from: datetime) -> tuple[Refusal, ...]:
    """What ceilings on hours and money say of a plan that takes another's place from a moment on."""
    case, _ = _case_of(plan, snapshot, None, reservation, charged_from)
    return (*quota.device_hours(case), *budget.budget(case))


def ceilings_near(
    *, plan: Plan, snapshot: Snapshot, reservation: str = "", charged_from: datetime | None = None
) -> tuple[HourSum, ...]:
    """Ceilings on hours that this plan brings its project near, and that it was not near before."""
    if not snapshot.quota.hour_limits:
        return ()
    case, _ = _case_of(plan, snapshot, None, reservation, charged_from)
    return tuple(one for one in hours(case) if one.becomes_near)


def is_beyond_quota(
    *, plan: Plan, snapshot: Snapshot, reservation: str = "", charged_from: datetime | None = None
) -> bool:
    """Whether a plan that fits does so only since it takes what is idle and near, beyond its project's ceilings."""
    begins_at = charged_from or plan.starts_at
    if not is_near_term(quota=snapshot.quota, begins_at=begins_at, now=snapshot.now):
        return False
    case, _ = _case_of(plan, snapshot, None, reservation, charged_from)
    return is_over(case)


def _case_of(
    plan: Plan,
    snapshot: Snapshot,
    request: ReservationRequest | None,
    reservation: str,
    charged_from: datetime | None,
) -> tuple[Case, Draft]:
    charged = snapshot.quota.leaving_out(reservation, since=charged_from) if reservation else snapshot.quota
    index = PoolIndex(replace(snapshot, quota=charged)).without([reservation] if reservation else [])
    draft = draft_of(plan, index, request.mix if request is not None else None)
    case = Case(
        wishes=[placed.wish for placed in draft],
        window=Window(starts_at=plan.starts_at, ends_at=plan.ends_at),
        project=snapshot.quota.project,
        index=index,
        busy=(plan.busy_from, plan.busy_until),
        priority=request.priority if request is not None else Priority.LOW,
        charged_from=charged_from,
    )
    return case, draft
