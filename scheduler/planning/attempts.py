"""One try at one request in one window: its plan, or every reason why not. Pure."""

from collections.abc import Sequence

from scheduler.limits import SEARCH_STEPS_MAX
from scheduler.planning.case import Case, Draft, Placed
from scheduler.planning.diagnosis import distinct, find, placement_refusals
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import NodePlan, Plan
from scheduler.planning.rules import hosts_alone
from scheduler.planning.rules.registry import ADMISSION_RULES, DEVICE_RULES
from scheduler.planning.search import SearchLimit
from scheduler.planning.wishes import wishes_of
from scheduler.refusals import Refusal
from scheduler.requests import ReservationRequest


def attempt(*, request: ReservationRequest, index: PoolIndex) -> Plan | Sequence[Refusal]:
    """`decide` without the alternatives."""
    case = case_of(request=request, index=index)
    admission = [refusal for rule in ADMISSION_RULES for refusal in rule(case)]
    devices = [refusal for rule in DEVICE_RULES for refusal in rule(case)]
    if devices:  # where blocks are short already, only what no host could bear is still certain
        return tuple(distinct([*admission, *devices, *hosts_alone.refusals(case)]))
    try:
        draft = find(case)
    except SearchLimit:
        draft = None
    if draft is None:
        return tuple(distinct([*admission, *placement_refusals(case)]))
    return tuple(admission) if admission else _plan(case, draft)


def plan_or_none(*, request: ReservationRequest, index: PoolIndex, steps_max: int = SEARCH_STEPS_MAX) -> Plan | None:
    """Whether it fits, without asking why not: what alternatives are tried with. Raises `SearchLimit` in doubt."""
    case = case_of(request=request, index=index)
    if any(refusal for rule in (*ADMISSION_RULES, *DEVICE_RULES) for refusal in rule(case)):
        return None
    draft = find(case, steps_max=steps_max)
    return None if draft is None else _plan(case, draft)


def case_of(*, request: ReservationRequest, index: PoolIndex) -> Case:
    wishes = wishes_of(request.mix, index.topology.classes)
    return Case(wishes=wishes, window=request.window, project=request.project, index=index)


def _plan(case: Case, draft: Draft) -> Plan:
    return Plan(
        pool=case.topology.pool,
        generation=case.index.snapshot.generation,
        starts_at=case.window.starts_at,
        ends_at=case.window.ends_at,
        busy_from=case.busy_from,
        busy_until=case.busy_until,
        nodes=tuple(_node(placed) for placed in draft),
    )


def _node(placed: Placed) -> NodePlan:
    wish = placed.wish
    blocks = tuple(sorted(block.code for block in placed.blocks))
    return NodePlan(index=wish.index, group=wish.group, role=wish.role, host=placed.host.code, blocks=blocks)
