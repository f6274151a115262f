"""Another plan for a reservation that lost units: in its own window, as near to the old one as can be. Pure.

What was promised is kept as far as it goes: first the nodes that lost nothing stay as they are and the others stay on
their hosts; then the others go elsewhere; then all of it is planned anew, with whatever its request would accept. What
is booked already is not asked how soon, how long or how much may be booked, so that no ceiling changed since then
stands in its way; every rule of topology does.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from scheduler.planning import certificate
from scheduler.planning.admission import fits
from scheduler.planning.alternatives import look_around
from scheduler.planning.case import Case, Draft, Wish
from scheduler.planning.choices import choices, unmatched, variants
from scheduler.planning.diagnosis import UNPROVEN, distinct, placement_refusals, prove, seek
from scheduler.planning.granted import draft_of, wishes_of
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import NodePlan, Plan
from scheduler.planning.repacking import Movable
from scheduler.planning.rules.registry import DEVICE_RULES, WARNINGS
from scheduler.planning.search import SearchLimit
from scheduler.planning.snapshot import QuotaFacts
from scheduler.planning.stays import stays_of_plan
from scheduler.planning.timeline import Committed
from scheduler.refusals import Alternative, Refusal
from scheduler.requests import Window

Key = tuple[bool, str]  # whether it is a host, and its code


@dataclass(frozen=True, slots=True)
class WhyNot:
    """The reasons as the request's own fields name them, and what could be booked instead."""

    refusals: tuple[Refusal, ...]
    alternatives: tuple[Alternative, ...]


def another_plan(
    *, of: Movable, gone: Collection[Key], index: PoolIndex, steps_max: int, is_thorough: bool = False
) -> Plan | None:
    """None where none is found: a proof only if it is thorough and does not raise `SearchLimit`.

    `index` holds everything but the reservation itself, and none of what is gone is free in it.
    """
    near = _near_the_old_one(of, gone, index, steps_max)
    if near is not None:
        return near
    return _as_asked(of, index, steps_max, is_thorough=is_thorough)


def why_not(*, of: Movable, index: PoolIndex) -> WhyNot:
    """Called where there is no other plan."""
    refusals = tuple(distinct(_reasons(of, index))) or (UNPROVEN,)
    answered, alternatives = look_around(request=of.request, index=index, refusals=refusals)
    return WhyNot(answered, alternatives)


def with_plan(*, index: PoolIndex, of: Movable, plan: Plan) -> PoolIndex:
    """The index for those that are planned after it."""
    other = index.without(())
    project = of.request.project
    other.timeline.add_stays(stays_of_plan(other.shape, plan, reservation=of.reservation, project=project))
    return other


def _near_the_old_one(of: Movable, gone: Collection[Key], index: PoolIndex, steps_max: int) -> Plan | None:
    """With the very classes, caps and slices it was granted, where its request still says what its blocks are for."""
    lost = [node for node in of.plan.nodes if _is_hit(node, gone)]
    wishes = wishes_of(of.plan, index, of.request.mix)
    if wishes is None or not lost or not _are_alike(wishes):
        return None
    kept = tuple(node for node in of.plan.nodes if node not in lost)
    asked = [
        replace(wish, network=node.network or wish.network)
        for wish, node in zip(wishes, of.plan.nodes, strict=True)
        if node in lost
    ]
    around = with_plan(index=index, of=of, plan=replace(of.plan, nodes=kept))
    healthy = {(True, node.host) for node in lost} - set(gone)
    for there in (_on_hosts(around, healthy) if len(healthy) == len(lost) else None, around):
        draft = _found(_case(of, asked, there), steps_max) if there is not None else None
        plan = _joined(of, kept, asked, draft, around) if draft is not None else None
        if plan is not None and not _faults(of, plan, index):
            return _warned(of, plan, index)
    return None


def _is_hit(node: NodePlan, gone: Collection[Key]) -> bool:
    return (True, node.host) in gone or any((False, block) in gone for block in node.blocks)


def _are_alike(wishes: Sequence[Wish]) -> bool:
    """The search takes nodes of one group to ask for the same; granted different classes they no longer do."""
    asks = {wish.group: wish.asks for wish in wishes}
    return all(wish.asks == asks[wish.group] for wish in wishes)


def _on_hosts(index: PoolIndex, wanted: Collection[Key]) -> PoolIndex:
    return index.leaving_out((True, host.code) for host in index.hosts if (True, host.code) not in wanted)


def _case(of: Movable, wishes: Sequence[Wish], index: PoolIndex) -> Case:
    """In the padded window it has."""
    window = Window(of.plan.starts_at, of.plan.ends_at)
    busy = (of.plan.busy_from, of.plan.busy_until)
    return Case(wishes=wishes, window=window, project=of.request.project, index=index, busy=busy)


def _found(case: Case, steps_max: int) -> Draft | None:
    try:
        return seek(case, steps_max=steps_max)
    except SearchLimit:
        return None


def _joined(of: Movable, kept: Sequence[NodePlan], asked: Sequence[Wish], draft: Draft, index: PoolIndex) -> Plan:
    part = certificate.plan_of(_case(of, asked, index), draft)
    return replace(part, nodes=tuple(sorted((*kept, *part.nodes), key=lambda node: node.index)))


def _warned(of: Movable, plan: Plan, index: PoolIndex) -> Plan:
    """With the warnings of the whole."""
    draft = draft_of(plan, index, of.request.mix)
    case = _case(of, [placed.wish for placed in draft], index)
    return replace(plan, warnings=tuple(dict.fromkeys(words for warn in WARNINGS for words in warn(case, draft))))


def _faults(of: Movable, plan: Plan, index: PoolIndex) -> Sequence[Refusal]:
    """What nodes ask of each other (racks of their own, one network) shows only in the whole."""
    quota = QuotaFacts(of.request.project)
    seen = replace(index.snapshot, commitments=Committed(index.timeline), quota=quota)
    return fits(plan=plan, snapshot=seen, request=of.request)


def _as_asked(of: Movable, index: PoolIndex, steps_max: int, *, is_thorough: bool) -> Plan | None:
    doubtful: list[Case] = []
    for case in _readings(of, index):
        if any(True for rule in DEVICE_RULES for _ in rule(case)):
            continue
        try:
            draft = seek(case, steps_max=steps_max)
        except SearchLimit:
            doubtful.append(case)
            continue
        if draft is not None:
            return certificate.plan_of(case, draft)
    for case in doubtful if is_thorough else ():
        draft = prove(case)
        if draft is not None:
            return certificate.plan_of(case, draft)
    return None


def _readings(of: Movable, index: PoolIndex) -> Iterator[Case]:
    """In the order of what the request prefers."""
    for choice in choices(of.request.mix, index.topology):
        for wishes in variants(choice, index.topology):
            yield _case(of, wishes, index)


def _reasons(of: Movable, index: PoolIndex) -> Iterator[Refusal]:
    """Of the reading that is preferred, as every refusal is."""
    case = next(_readings(of, index), None)
    if case is None:
        choice = next(iter(choices(of.request.mix, index.topology)))
        yield from unmatched(choice, index.topology, index.snapshot.catalogue_only)
        return
    devices = [refusal for rule in DEVICE_RULES for refusal in rule(case)]
    yield from devices or placement_refusals(case)
