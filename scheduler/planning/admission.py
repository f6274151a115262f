"""The planner's front door: a plan, or all the reasons why not; and whether a plan made earlier still fits. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from scheduler.planning.alternatives import look_around
from scheduler.planning.attempts import attempt
from scheduler.planning.case import Ask, Case, Draft, Placed, Wish
from scheduler.planning.diagnosis import distinct
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan
from scheduler.planning.rules import quota
from scheduler.planning.rules.registry import PLANNED_RULES
from scheduler.planning.snapshot import Snapshot
from scheduler.planning.wishes import make_wish, wishes_of
from scheduler.refusals import Refusal, Refused
from scheduler.requests import Placement, ReservationRequest, Window


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
    others = tuple(one for one in snapshot.commitments if not reservation or one.reservation != reservation)
    index = PoolIndex(replace(snapshot, commitments=others))
    wishes = wishes_of(request.mix, index.topology.classes) if request is not None else _wishes_of_plan(plan, index)
    window = Window(starts_at=plan.starts_at, ends_at=plan.ends_at)
    busy = (plan.busy_from, plan.busy_until)
    case = Case(wishes=wishes, window=window, project=snapshot.quota.project, index=index, busy=busy)
    draft = _draft(plan, wishes, index)
    return tuple(
        distinct([*quota.devices(case), *(refusal for rule in PLANNED_RULES for refusal in rule(case, draft))])
    )


def _wishes_of_plan(plan: Plan, index: PoolIndex) -> tuple[Wish, ...]:
    """What each node was granted, read back as a wish that waives what cannot have changed."""
    wishes = []
    for node in plan.nodes:
        classes = [index.topology.blocks[code].device_class for code in node.blocks if code in index.topology.blocks]
        need = {code: classes.count(code) for code in sorted(set(classes))}
        wish = make_wish(
            index=node.index,
            group=node.group,
            role=node.role,
            asks=[Ask(f"mix[{node.group}]", (code,), count) for code, count in need.items()],
            placement=Placement(allow_bridge_split=True),
            classes=index.topology.classes,
        )
        wishes.append(wish)
    return tuple(wishes)


def _draft(plan: Plan, wishes: Sequence[Wish], index: PoolIndex) -> Draft:
    topology = index.topology
    return [
        Placed(
            wish,
            topology.hosts[node.host],
            tuple(topology.blocks[code] for code in node.blocks if code in topology.blocks),
        )
        for wish, node in zip(wishes, plan.nodes, strict=True)
    ]
