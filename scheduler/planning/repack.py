"""Make room: plan reservations that have not begun anew, where nothing else lets a request in. Pure.

None is made worse. Every node keeps the devices it was granted, class by class (and with them the alternative that
was picked), its power caps and slices, its RDMA network and rails, its window and all the rules of its request; it lies
in no more PRUs than before, over links as fast, and on a host that takes devices while it runs if it did so before. All
reservations that meet the request in time, or meet one that does, are asked at once, at every instant of all their
windows.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from fabric.topology import HostFacts
from scheduler.limits import REPACK_MOVABLE_MAX
from scheduler.planning import certificate, exact_solver
from scheduler.planning.case import Case, Draft, Placed
from scheduler.planning.choices import choices, open_wishes
from scheduler.planning.exact import SEARCH, Mismatch, check, stated
from scheduler.planning.exact_drafting import drafts
from scheduler.planning.exact_model import CellModel
from scheduler.planning.exact_program import value_of
from scheduler.planning.exact_solver import Effort
from scheduler.planning.granted import draft_of, lost_planes
from scheduler.planning.index import PoolIndex
from scheduler.planning.links import Planes
from scheduler.planning.plan import NodePlan, Plan
from scheduler.planning.repacking import Movable, Move, Repacked
from scheduler.planning.rules.fanout import prus_of, reachable_prus
from scheduler.planning.rules.model import Node, Sum, Var
from scheduler.planning.rules.registry import ADMISSION_RULES, PLACEMENT_RULES, PLANNED_RULES
from scheduler.planning.search import SearchLimit
from scheduler.planning.stays import stays_of_plan
from scheduler.planning.turnarounds import padded
from scheduler.refusals import RefusalCode
from scheduler.requests import ReservationRequest, Window


def repack(
    *, request: ReservationRequest, index: PoolIndex, movable: Sequence[Movable], effort: Effort = SEARCH
) -> Repacked | None:
    """A plan and the fewest moves that make room for it; None if it is proven that no moves do.

    `movable` have not begun and are not pinned. Raises `SearchLimit` in doubt: where the effort runs out, or where more
    than `REPACK_MOVABLE_MAX` reservations hang together.
    """
    is_doubtful = False
    for choice in choices(request.mix, index.topology):
        wishes = open_wishes(choice, index.topology)
        busy = padded(request=request, index=index)
        case = Case(wishes=wishes, window=request.window, project=request.project, index=index, busy=busy)
        if not wishes or any(refusal for rule in ADMISSION_RULES for refusal in rule(case)):
            continue
        try:
            found = _Repacking(case, movable, effort).run()
        except SearchLimit:
            is_doubtful = True
            continue
        if found is not None:
            return found
    if is_doubtful:
        raise SearchLimit
    return None


@dataclass(frozen=True)
class _Held:
    """A reservation that may be moved, and its nodes as wishes that ask for just what they have."""

    movable: Movable
    draft: Draft

    @property
    def plan(self) -> Plan:
        return self.movable.plan

    @property
    def units(self) -> frozenset[str]:
        return frozenset(self.plan.units())

    def case(self, index: PoolIndex) -> Case:
        return Case(
            wishes=[placed.wish for placed in self.draft],
            window=Window(self.plan.starts_at, self.plan.ends_at),
            project=self.movable.request.project,
            index=index,
            busy=(self.plan.busy_from, self.plan.busy_until),
        )


class _Repacking:
    """One search over the request and all that hang together with it."""

    def __init__(self, case: Case, movable: Sequence[Movable], effort: Effort) -> None:
        self.case = case
        self.index = case.index
        self.effort = effort
        self.held = sorted(self._together(movable), key=lambda one: one.movable.reservation)

    def run(self) -> Repacked | None:
        if not self.held:
            return None
        rest = self.index.without(one.movable.reservation for one in self.held)
        own = {unit for one in self.held for unit in one.units}
        cases = [_asking(self.case, rest), *(one.case(rest) for one in self.held)]
        model = stated(cases, PLACEMENT_RULES, own=own, told_apart=range(1, len(cases)))
        moved = [self._state(model, party, one) for party, one in enumerate(self.held, start=1)]
        cost = Sum.total(Sum.of(var) for var in moved)
        found = exact_solver.minimise(model.program, cost=cost, effort=self.effort)
        if found is None:
            return None
        gone = [party for party, var in enumerate(moved, start=1) if value_of(Sum.of(var), found)]
        return self._written(drafts(model, found), gone, _Planes(model, found))

    def _together(self, movable: Sequence[Movable]) -> list[_Held]:
        """Those that meet the request in time, and those that meet them; only such as keep the rules as they are."""
        left = {one.reservation: one for one in movable}
        spans, found = [(self.case.busy_from, self.case.busy_until)], list[_Held]()
        while spans:
            begin, end = spans.pop()
            meeting = [c for c, one in left.items() if one.plan.busy_from < end and begin < one.plan.busy_until]
            for held in filter(None, (_held(left.pop(code), self.index) for code in sorted(meeting))):
                found.append(held)
                spans.append((held.plan.busy_from, held.plan.busy_until))
            if len(found) > REPACK_MOVABLE_MAX:
                raise SearchLimit
        return found

    def _state(self, model: CellModel, party: int, one: _Held) -> Var:
        """Not worse than before; and 1 if it is moved at all."""
        moved = model.boolean()
        nodes = [node for node in model.nodes if node.party == party]
        for node, placed, plan in zip(nodes, one.draft, one.plan.nodes, strict=True):
            used = Sum.total(Sum.of(model.uses(node, pru)) for pru in reachable_prus(model, node))
            model.at_most(used, len({block.pru for block in placed.blocks if block.pru is not None}))
            model.forbid_hosts(node, partial(_is_slower if placed.blocks else _is_smaller, than=placed.host))
            for amount in _as_it_is(model, node, placed, plan):
                model.at_most(Sum(constant=1), amount, only_if=(~moved,))
        return moved

    def _written(self, found: Sequence[Sequence[Placed]], gone: Sequence[int], planes: "_Planes") -> Repacked:
        """The new plans one after the other, each measured among those that stay and those before it."""
        index = self.index.without(self.held[party - 1].movable.reservation for party in gone)
        moves = []
        for party in gone:
            one = self.held[party - 1]
            plan = _plan(one.case(index), found[party], planes.of(party, found[party]))
            moves.append(Move(one.movable.reservation, plan))
            index = _with(index, plan, one.movable.reservation, one.movable.request.project)
        return Repacked(_plan(_asking(self.case, index), found[0], planes.of(0, found[0])), tuple(moves))


@dataclass(frozen=True)
class _Planes:
    """Which plane each link was given, as the solver found them for all reservations together."""

    model: CellModel
    values: Sequence[int]

    def of(self, party: int, draft: Draft) -> Planes:
        nodes = [node for node in self.model.nodes if node.party == party]
        return [self._of_node(node, placed) for node, placed in zip(nodes, draft, strict=True)]

    def _of_node(self, node: Node, placed: Placed) -> Mapping[str, str]:
        """Links to PRUs with room on every plane take what ports are left."""
        found = {pru: self._chosen(node, pru) for pru in prus_of(placed) if (node, pru) in self.model.planes}
        left = Counter(port.plane for port in placed.host.ports)
        left.subtract(found.values())
        spare = sorted(left.elements())
        return {**found, **dict(zip((pru for pru in prus_of(placed) if pru not in found), spare, strict=False))}

    def _chosen(self, node: Node, pru: str) -> str:
        by_plane = self.model.planes[node, pru]
        return next(plane for plane, amount in by_plane.items() if value_of(amount, self.values))


def _asking(case: Case, index: PoolIndex) -> Case:
    busy = (case.busy_from, case.busy_until)
    return Case(wishes=case.wishes, window=case.window, project=case.project, index=index, busy=busy)


def _held(one: Movable, index: PoolIndex) -> _Held | None:
    """None where it could not stay as it is, or where its request does not say what its blocks are for."""
    alone = index.without([one.reservation])
    groups = one.request.mix.groups
    granted = draft_of(one.plan, alone, one.request.mix)
    draft = [_joined(placed, node) for placed, node in zip(granted, one.plan.nodes, strict=True)]
    held = _Held(one, draft)
    is_read = all(placed.wish.placement == groups[placed.wish.group].placement for placed in draft)
    if not is_read or any(True for _ in _faults(held, alone)):
        return None
    return held


def _joined(placed: Placed, node: NodePlan) -> Placed:
    """With the network it is on as the one that is asked for."""
    return replace(placed, wish=replace(placed.wish, network=node.network or placed.wish.network))


def _faults(held: _Held, index: PoolIndex) -> Iterator[object]:
    case = held.case(index)
    yield from (refusal for rule in PLANNED_RULES for refusal in rule(case, held.draft))
    yield from lost_planes(case, held.plan)


def _is_slower(host: HostFacts, than: HostFacts) -> bool:
    """It must reboot to take devices, or reaches them over less of a link. Size that nobody asked for is not kept."""
    is_narrower = host.port_generation < than.port_generation or host.port_lanes < than.port_lanes
    return is_narrower or (than.hot_add and not host.hot_add)


def _is_smaller(host: HostFacts, than: HostFacts) -> bool:
    """Of a node without devices the host is all there is."""
    return host.cores < than.cores or host.memory_gib < than.memory_gib


def _as_it_is(model: CellModel, node: Node, placed: Placed, plan: NodePlan) -> Iterator[Sum]:
    """What must all be 1 for a node to stay where it is: its host, each of its blocks, the planes of its links."""
    yield model.on_host(node, lambda host: int(host.code == placed.host.code))
    codes = {block.code for block in placed.blocks}
    mine = {cell.one.code: cell for cell in model.cells(node) if cell.one.code in codes}
    for code in sorted(codes):
        yield model.takes(node, (mine[code],)) if code in mine else Sum()
    for pru, plane in sorted(plan.planes.items()):
        yield model.planes.get((node, pru), {}).get(plane, Sum(constant=1))


def _plan(case: Case, draft: Draft, planes: Planes) -> Plan:
    """With the planes it was given, in place of those that rule R2 would look for."""
    check(case, draft, [rule for rule in PLACEMENT_RULES if rule.code is not RefusalCode.NO_FABRIC_PORT])
    plan = certificate.plan_of(case, draft, planes)
    lost = next(lost_planes(case, plan), None)
    if lost is not None:
        raise Mismatch(lost.message)
    return plan


def _with(index: PoolIndex, plan: Plan, reservation: str, project: str) -> PoolIndex:
    other = index.without(())
    other.timeline.add_stays(stays_of_plan(other.shape, plan, reservation=reservation, project=project))
    return other
