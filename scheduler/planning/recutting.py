"""Another mix for a reservation in use: what comes beside all it has, and what goes once that is proven. Pure.

What comes and what goes is held at the same time for a while, so that every rule, and the project's ceiling, is asked
of both together; and of what is left in the end. Nodes that stay keep their hosts and devices. A node that is to have
other devices keeps those that answer its lines still. How cards are cut or held to watts, what belongs to a fixed
system, and ports of a network are settled when a node is composed: they are not changed in place.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from fabric.topology import PoolTopology
from scheduler.planning import certificate
from scheduler.planning.admission import fits, hours_against
from scheduler.planning.case import Case, Wish
from scheduler.planning.change import Change, Stage
from scheduler.planning.choices import Choice, choices, unmatched, variants
from scheduler.planning.diagnosis import distinct, find, placement_refusals
from scheduler.planning.index import PoolIndex
from scheduler.planning.inplace import Changed, changed_in_place, unchangeable
from scheduler.planning.pairing import Pairing, pair
from scheduler.planning.plan import NodePlan, Plan, Setting
from scheduler.planning.replacing import NOT_ASKED, Standing, node_of, rewired
from scheduler.planning.rules import availability, quota
from scheduler.planning.rules.rdma import asks_for_rdma
from scheduler.planning.rules.registry import DEVICE_RULES
from scheduler.planning.search import SearchLimit
from scheduler.planning.snapshot import QuotaFacts
from scheduler.planning.stays import stays_of_plan
from scheduler.planning.turnarounds import turnaround_of
from scheduler.refusals import Refusal, RefusalCode
from scheduler.requests import Mix, ReservationRequest, Window

ENDS_TOO_SOON = "It ends in {minutes:,} minutes, before more could be composed; extend it first."
_OF_A_START = frozenset({"starts_at", "ends_at"})
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recut:
    """`both` is all it holds until what goes is gone, `after` what it has in the end.

    `comes` are the nodes to compose; `grows` are the devices a node gets, with how each is set.
    """

    both: Plan
    after: Plan
    comes: tuple[NodePlan, ...] = ()
    goes: tuple[int, ...] = ()
    grows: Mapping[int, Mapping[str, Setting]] = field(default_factory=dict)
    shrinks: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    @property
    def adds(self) -> bool:
        return bool(self.comes or self.grows)

    @property
    def changed_nodes(self) -> tuple[int, ...]:
        """Those in use whose fabric must be able to change them."""
        return tuple(sorted({*self.grows, *self.shrinks}))

    def change(self, *, before: Plan, request: Mapping[str, object]) -> Change:
        grows = {node: tuple(sorted(adds)) for node, adds in self.grows.items()}
        return Change(
            stage=Stage.ADDING,
            request=request,
            comes=tuple(node.index for node in self.comes),
            goes=self.goes,
            grows=grows,
            shrinks=self.shrinks,
            had={node: node_of(before, node).blocks for node in grows},
            groups={node.index: (node.group, node.role) for node in self.after.nodes},
        )


def recut(
    *,
    standing: Standing,
    old: Mix,
    request: ReservationRequest,
    worn: Collection[int] = (),
    first_index: int,
) -> Recut | tuple[Refusal, ...]:
    """`standing` has the plan as it is and the snapshot with its project's ceiling; `request` the new mix.

    `worn` are nodes that lack something; `first_index` is the first number no node of it ever had. Every reason why
    not, where there is no way.
    """
    ways = [_Way(standing, old, request, pairing, first_index) for pairing in _pairings(standing, old, request, worn)]
    refusals: tuple[Refusal, ...] = ()
    for way in ways:
        found = way.go()
        if isinstance(found, Recut):
            return found
        refusals = refusals or found
    return refusals


def against(*, recut: Recut, standing: Standing, request: ReservationRequest) -> list[Refusal]:
    """What stands against both together, and against the end of it; not what stands against it already."""
    snapshot, code = standing.snapshot, standing.reservation
    unbounded = replace(snapshot, quota=QuotaFacts(standing.project))
    found: list[Refusal] = []
    if recut.adds or recut.both.busy_until != standing.plan.busy_until:
        both = replace(recut.both, busy_from=snapshot.now)
        at_once = replace(snapshot, quota=replace(snapshot.quota, hour_limits=()))  # hours are of what stays
        found += fits(plan=both, snapshot=at_once if recut.adds else unbounded, reservation=code)
    before = fits(plan=standing.plan, snapshot=unbounded, request=standing.request, reservation=code)
    known = {refusal.code for refusal in before}
    after = fits(plan=recut.after, snapshot=unbounded, request=request, reservation=code)
    found += [refusal for refusal in after if refusal.code not in known]
    if recut.adds:
        found += hours_against(plan=recut.after, snapshot=snapshot, reservation=code, charged_from=snapshot.now)
    return [refusal for refusal in found if refusal.code not in NOT_ASKED]


def _pairings(standing: Standing, old: Mix, request: ReservationRequest, worn: Collection[int]) -> Iterator[Pairing]:
    """Without nodes that change their role only where with them it cannot be."""
    first = pair(old=old, new=request.mix, nodes=standing.plan.nodes, worn=worn)
    yield first
    plain = pair(old=old, new=request.mix, nodes=standing.plan.nodes, worn=worn, may_rename=False)
    if plain != first:
        yield plain


@dataclass(frozen=True)
class _Way:
    standing: Standing
    old: Mix
    request: ReservationRequest
    pairing: Pairing
    first_index: int

    def go(self) -> Recut | tuple[Refusal, ...]:
        """The first reading of the mix that can be; the reasons are those of the one preferred."""
        fixed = tuple(unchangeable(self.standing, self.old, self.request.mix, self.pairing))
        if fixed:
            return fixed
        reasons: list[Refusal] = []
        for choice in choices(self.request.mix, self._topology):
            for wishes in variants(choice, self._topology):
                found = self._read_so(wishes)
                if isinstance(found, Recut):
                    return found
                reasons = reasons or list(found)
            reasons = reasons or self._unmatched(choice)
        return tuple(distinct(map(_of_the_mix, reasons)))

    def _unmatched(self, choice: Choice) -> list[Refusal]:
        return unmatched(choice, self._topology, self.standing.snapshot.catalogue_only)

    def _read_so(self, wishes: Sequence[Wish]) -> Recut | Sequence[Refusal]:
        short = self._short(wishes)
        if short:
            return short
        by_group = {wish.group: wish for wish in reversed(wishes)}
        changed: dict[int, Changed] = {}
        both = replace(self.standing.plan, busy_until=self._busy_until())
        for node, group in sorted(self.pairing.changes.items()):
            around = self._holding(both, leaving=node)
            found = changed_in_place(
                standing=self.standing.with_plan(both), node=node, wish=by_group[group], case=self._case((), around)
            )
            if not isinstance(found, Changed):
                return found
            changed[node], both = found, found.both
        asked = [replace(by_group[group], index=self.first_index + nth) for nth, group in enumerate(self.pairing.comes)]
        comes = self._composed(asked, both)
        if not isinstance(comes, Plan):
            return comes
        recut = self._joined(replace(both, nodes=(*both.nodes, *comes.nodes)), changed, comes)
        return against(recut=recut, standing=self.standing, request=self.request) or recut

    def _short(self, wishes: Sequence[Wish]) -> list[Refusal]:
        """Of the whole mix, what the pool never has: what stays is counted with what comes."""
        index = PoolIndex(self.standing.snapshot).without([self.standing.reservation])
        case = self._case(wishes, index)
        return [*availability.not_poolable(case), *availability.unavailable(case)]

    def _composed(self, asked: Sequence[Wish], both: Plan) -> Plan | Sequence[Refusal]:
        """The nodes that come, as a plan of their own."""
        if not asked:
            return replace(both, nodes=())
        if self._window.ends_at <= self._window.starts_at:
            return [self._too_soon()]
        case = self._case([replace(wish, network=self._network(wish)) for wish in asked], self._holding(both))
        ceilings = [*quota.devices(case), *quota.slices_only(case)]
        devices = [refusal for rule in DEVICE_RULES for refusal in rule(case)]
        if ceilings or devices:
            return [*ceilings, *devices]
        try:
            draft = find(case)
        except SearchLimit:
            draft = None
        return certificate.plan_of(case, draft) if draft is not None else placement_refusals(case)

    def _joined(self, both: Plan, changed: Mapping[int, Changed], comes: Plan) -> Recut:
        mix, groups = self.request.mix, self.pairing.groups
        after = both
        for node, one in changed.items():
            rewired_ = rewired(
                standing=self.standing.with_plan(after), node=node, removes=one.removes, adds={}, is_so=True
            )
            assert rewired_ is not None, "with is_so there always is one"
            after = rewired_
        nodes = [
            replace(node, group=groups[node.index], role=mix.groups[groups[node.index]].role)
            if node.index in groups
            else node
            for node in after.nodes
            if node.index not in self.pairing.goes
        ]
        return Recut(
            both=both,
            after=replace(after, nodes=tuple(sorted(nodes, key=lambda node: (node.group, node.index)))),
            comes=comes.nodes,
            goes=self.pairing.goes,
            grows={node: one.adds for node, one in changed.items() if one.adds},
            shrinks={node: tuple(sorted(one.removes)) for node, one in changed.items() if one.removes},
        )

    def _holding(self, plan: Plan, *, leaving: int | None = None) -> PoolIndex:
        """The pool with all that the plan holds, but for one node."""
        nodes = tuple(node for node in plan.nodes if node.index != leaving)
        index = PoolIndex(self.standing.snapshot).without([self.standing.reservation])
        stays = stays_of_plan(
            index.shape,
            replace(plan, nodes=nodes),
            reservation=self.standing.reservation,
            project=self.standing.project,
        )
        index.timeline.add_stays(stays)
        return index

    def _case(self, wishes: Sequence[Wish], index: PoolIndex) -> Case:
        """From now on, as for a booking that begins at once: the set-up is what a host has to start again."""
        busy = (self.standing.snapshot.now, self._busy_until())
        return Case(wishes=wishes, window=self._window, project=self.standing.project, index=index, busy=busy)

    def _busy_until(self) -> datetime:
        """What comes may take longer to clean than what there was."""
        plan = self.standing.plan
        clean_up = turnaround_of(mix=self.request.mix, topology=self._topology).length
        return max(plan.busy_until, self._window.ends_at + clean_up)

    @property
    def _window(self) -> Window:
        plan, now = self.standing.plan, self.standing.snapshot.now
        return Window(starts_at=now + self._topology.policy.setup_minutes * _MINUTE, ends_at=plan.ends_at)

    def _too_soon(self) -> Refusal:
        left = (self._window.ends_at - self.standing.snapshot.now) // _MINUTE
        message = ENDS_TOO_SOON.format(minutes=max(0, left))
        need = self._topology.policy.setup_minutes
        return Refusal(RefusalCode.TOO_SHORT, "mix", message, need, max(0, left), "minutes")

    def _network(self, wish: Wish) -> str | None:
        """The one its nodes are on, where it asks for one."""
        joined = (node.network for node in self.standing.plan.nodes if node.network)
        return wish.network or (next(joined, None) if asks_for_rdma(wish) else None)

    @property
    def _topology(self) -> PoolTopology:
        return self.standing.snapshot.topology


def _of_the_mix(refusal: Refusal) -> Refusal:
    """There is no window to be changed here."""
    return replace(refusal, field="mix") if refusal.field in _OF_A_START else refusal
