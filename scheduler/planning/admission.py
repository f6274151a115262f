"""The planner's front door: a plan, or all the reasons why not; and whether a plan made earlier still fits. Pure."""

from scheduler.planning.alternatives import look_around
from scheduler.planning.attempts import attempt
from scheduler.planning.case import Case
from scheduler.planning.diagnosis import distinct
from scheduler.planning.granted import draft_of, lost_planes
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan
from scheduler.planning.rules import quota
from scheduler.planning.rules.registry import PLANNED_RULES
from scheduler.planning.snapshot import Snapshot
from scheduler.refusals import Refusal, Refused
from scheduler.requests import ReservationRequest, Window


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
    *, plan: Plan, snapshot: Snapshot, request: ReservationRequest | None = None, reservation: str = ""
) -> tuple[Refusal, ...]:
    """What stands against a plan made from an older snapshot; empty if nothing does.

    The commitments of `reservation` itself are not held against it. With the request given, fields are named as it
    names them; what only the request and the inventory decide (bridges, paths) is then checked again too.
    """
    index = PoolIndex(snapshot).without([reservation] if reservation else [])
    draft = draft_of(plan, index, request.mix if request is not None else None)
    case = Case(
        wishes=[placed.wish for placed in draft],
        window=Window(starts_at=plan.starts_at, ends_at=plan.ends_at),
        project=snapshot.quota.project,
        index=index,
        busy=(plan.busy_from, plan.busy_until),
    )
    ceilings = [*quota.devices(case), *(quota.slices_only(case) if request is not None else ())]
    found = [refusal for rule in PLANNED_RULES for refusal in rule(case, draft)]
    return tuple(distinct([*ceilings, *found, *lost_planes(case, plan)]))
