"""One node of a plan that is otherwise kept: equal devices for some that failed, or the node without them. Pure.

What takes a device's place is of its class and in its zone, nearest first: its switch, its PRU, a PRU the node is
joined to already. Every rule is asked again of the whole plan. A bridged group is replaced whole; what belongs to a
fixed system or to a unit that is granted whole cannot be replaced, nor gone without.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from fabric.topology import BlockFacts
from scheduler.limits import REPLACEMENT_TRIES_MAX
from scheduler.planning.admission import fits
from scheduler.planning.case import Placed
from scheduler.planning.granted import draft_of
from scheduler.planning.index import PoolIndex
from scheduler.planning.path_report import path_report
from scheduler.planning.plan import NodePlan, Plan, Setting
from scheduler.planning.reach import reach_of_block
from scheduler.planning.snapshot import QuotaFacts, Snapshot
from scheduler.refusals import RefusalCode
from scheduler.requests import ReservationRequest

NOT_ASKED = frozenset(
    {
        RefusalCode.DEVICE_UNAVAILABLE,  # another device of it may have failed as well: that is not cured here
        RefusalCode.NEEDS_REBOOT,  # of the time before a start that is past
    }
)
AS_IT_COMES = Setting()
Group = tuple[BlockFacts, ...]  # what is replaced together: one device, or a bridged group


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A reservation with its plan, in the pool as it is. `request` None: it can no longer be read."""

    reservation: str
    project: str
    plan: Plan
    snapshot: Snapshot
    request: ReservationRequest | None = None

    def with_plan(self, plan: Plan) -> "Standing":
        return replace(self, plan=plan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """`given` is old → new; a bridged group goes whole, so that it may name devices that have not failed."""

    plan: Plan
    given: Mapping[str, str] = field(default_factory=dict)


def replaced(*, standing: Standing, node: int, failed: Collection[str], stays_on: bool = False) -> Replaced | None:
    """The plan with equal free devices in place of the failed ones; None if there are none.

    With `stays_on` the node is in use meanwhile: it must also be able to hold old and new ones at once, since a fabric
    adds before it takes away.
    """
    now, given = standing, dict[str, str]()
    for code in sorted(failed):
        if code in given:
            continue
        found = _one_replaced(now, node, code, avoid=failed, stays_on=stays_on)
        if found is None:
            return None
        now, given = now.with_plan(found.plan), {**given, **found.given}
    return Replaced(plan=now.plan, given=given)


def without(*, standing: Standing, node: int, failed: Collection[str]) -> Plan | None:
    """The plan without these; None where they belong to something indivisible, or no other of a class is left."""
    known, before = standing.snapshot.topology, node_of(standing.plan, node)
    lost = [known.blocks[code] for code in failed if code in known.blocks]
    held = Counter(known.blocks[code].device_class for code in before.blocks if code in known.blocks)
    held.subtract(block.device_class for block in lost)
    if len(lost) != len(failed) or any(map(_is_of_a_whole, [standing] * len(lost), lost)):
        return None
    if any(held[block.device_class] < 1 for block in lost):
        return None
    plan = rewired(standing=standing, node=node, removes=failed, adds={})
    return plan if plan is not None and _stands(standing.with_plan(plan), with_request=False) else None


def filled(*, standing: Standing, node: int, like: str, setting: Setting = AS_IT_COMES) -> Replaced | None:
    """The plan with one more device, equal to the one it goes without and set as that was; None if none is free."""
    lost = standing.snapshot.topology.blocks.get(like)
    if lost is None or _is_of_a_whole(standing, lost):
        return None
    for (block,) in _in_order(standing, node, (lost,), avoid=()):
        if setting.layout and not block.is_mig_capable:
            continue
        plan = rewired(standing=standing, node=node, removes=(), adds={block.code: setting})
        if plan is not None and _stands(standing.with_plan(plan), with_request=_is_read(standing.with_plan(plan))):
            return Replaced(plan=plan, given={like: block.code})
    return None


def rewired(
    *, standing: Standing, node: int, removes: Collection[str], adds: Mapping[str, Setting], is_so: bool = False
) -> Plan | None:
    """The node with other devices, and a plane for each new link; links that stay keep theirs. None without a plane.

    With `is_so` the fabric has it so already: a link that finds no plane is written down without one.
    """
    before, topology = node_of(standing.plan, node), standing.snapshot.topology
    codes = tuple(sorted((set(before.blocks) - set(removes)) | set(adds)))
    blocks = tuple(topology.blocks[code] for code in codes if code in topology.blocks)
    planes = _planes(standing, before, {block.pru for block in blocks if block.pru is not None})
    if planes is None and not is_so:
        return None
    planes = before.planes if planes is None else planes
    settings = {code: setting for code, setting in before.settings.items() if code in codes}
    settings |= {code: setting for code, setting in adds.items() if setting != AS_IT_COMES}
    after = replace(before, blocks=codes, settings=settings, planes=planes)
    if before.paths is not None:
        index = PoolIndex(standing.snapshot)
        placed = draft_of(replace(standing.plan, nodes=(after,)), index, None)[0]
        paths = path_report(topology, placed, planes)
        after = replace(after, paths=replace(paths, network_gbit_per_s=before.paths.network_gbit_per_s))
    nodes = tuple(after if one.index == node else one for one in standing.plan.nodes)
    return replace(standing.plan, nodes=nodes, generation=standing.snapshot.generation)


def node_of(plan: Plan, index: int) -> NodePlan:
    return next(node for node in plan.nodes if node.index == index)


def _one_replaced(
    standing: Standing, node: int, code: str, *, avoid: Collection[str], stays_on: bool
) -> Replaced | None:
    topology, before = standing.snapshot.topology, node_of(standing.plan, node)
    lost = topology.blocks.get(code)
    if lost is None or code not in before.blocks or _is_fixed(standing, lost):
        return None
    together = _together(standing, before, lost)
    is_read = _is_read(standing)
    for others in _in_order(standing, node, together, avoid=avoid):
        given = {old.code: new.code for old, new in zip(together, others, strict=True)}
        adds = {new: before.settings.get(old, AS_IT_COMES) for old, new in given.items()}
        plan = rewired(standing=standing, node=node, removes=given.keys(), adds=adds)
        if plan is None or not _stands(standing.with_plan(plan), with_request=is_read):
            continue
        both = rewired(standing=standing, node=node, removes=(), adds=adds) if stays_on else plan
        if both is not None and (not stays_on or _stands(standing.with_plan(both), with_request=False)):
            return Replaced(plan=plan, given=given)
    return None


def _stands(standing: Standing, *, with_request: bool) -> bool:
    """It holds no more than it did, or than it was granted, so that its project's ceiling is not asked."""
    if with_request and not _is_read(standing):
        return False
    found = fits(
        plan=standing.plan,
        snapshot=replace(standing.snapshot, quota=QuotaFacts(standing.project)),
        request=standing.request if with_request else None,
        reservation=standing.reservation,
    )
    return all(refusal.code in NOT_ASKED for refusal in found)


def _is_read(standing: Standing) -> bool:
    """Whether its request says what its blocks are for; if so it must go on saying it."""
    if standing.request is None:
        return False
    groups = standing.request.mix.groups
    draft: Sequence[Placed] = draft_of(standing.plan, PoolIndex(standing.snapshot), standing.request.mix)
    return all(
        placed.wish.group < len(groups) and placed.wish.placement == groups[placed.wish.group].placement
        for placed in draft
    )


def _is_fixed(standing: Standing, block: BlockFacts) -> bool:
    unit = standing.snapshot.topology.classes[block.device_class].allocation_unit_devices
    return block.pru is None or (unit > 1 and block.bridge_group is None)


def _is_of_a_whole(standing: Standing, block: BlockFacts) -> bool:
    """In an NVLink or bridged group, or in a fixed system."""
    return block.bridge_group is not None or _is_fixed(standing, block)


def _together(standing: Standing, node: NodePlan, lost: BlockFacts) -> Group:
    """The whole bridged group, where the node has it whole."""
    if lost.bridge_group is None:
        return (lost,)
    group = _groups(standing, lost.device_class)[lost.bridge_group]
    return group if {block.code for block in group} <= set(node.blocks) else (lost,)


def _groups(standing: Standing, device_class: str) -> Mapping[str, Group]:
    found: defaultdict[str, list[BlockFacts]] = defaultdict(list)
    for block in standing.snapshot.topology.stock.get(device_class, ()):
        if block.bridge_group is not None:
            found[block.bridge_group].append(block)
    return {code: tuple(blocks) for code, blocks in found.items()}


def _in_order(standing: Standing, node: int, lost: Group, *, avoid: Collection[str]) -> Iterator[Group]:
    """Free groups that could take the place, nearest first; one of each switch before the others of it."""
    before = node_of(standing.plan, node)
    joined = {standing.snapshot.topology.blocks[code].pru for code in before.blocks}
    first = lost[0]

    def rank(group: Group) -> tuple[bool, bool, bool, str]:
        one = group[0]
        is_near = one.pru == first.pru
        return (not (is_near and one.switch == first.switch), not is_near, one.pru not in joined, one.code)

    free = sorted(_free(standing, before, lost, avoid), key=rank)
    nth: Counter[tuple[str | None, str]] = Counter()
    turns: list[tuple[int, Group]] = []
    for group in free:
        place = group[0].pru, group[0].switch
        turns.append((nth[place], group))
        nth[place] += 1
    yield from islice((group for _, group in sorted(turns, key=lambda turn: turn[0])), REPLACEMENT_TRIES_MAX)


def _free(standing: Standing, node: NodePlan, lost: Group, avoid: Collection[str]) -> Iterator[Group]:
    """Whole groups for a whole group; single ones that are in no group for one that is in none."""
    first, plan = lost[0], standing.plan
    taken = {*plan.units(), *avoid}
    timeline = PoolIndex(standing.snapshot).timeline
    if first.bridge_group is not None and len(lost) > 1:
        groups: Collection[Group] = [
            group for group in _groups(standing, first.device_class).values() if len(group) == len(lost)
        ]
    else:
        stock = standing.snapshot.topology.stock.get(first.device_class, ())
        groups = [(block,) for block in stock if (block.bridge_group is None) == (first.bridge_group is None)]
    is_cut = any(node.settings.get(block.code, AS_IT_COMES).layout for block in lost)
    for group in groups:
        if all(
            block.is_usable
            and block.pru is not None
            and block.code not in taken
            and reach_of_block(block) == reach_of_block(first)
            and (block.is_mig_capable or not is_cut)
            and not timeline.is_busy(block.code, plan.busy_from, plan.busy_until)
            for block in group
        ):
            yield group


def _planes(standing: Standing, node: NodePlan, prus: Collection[str]) -> Mapping[str, str] | None:
    """PRU → plane (rule R2): those promised stay, a new link takes the plane with most uplinks left."""
    plan, index = standing.plan, PoolIndex(standing.snapshot).without([standing.reservation])
    kept = {pru: plane for pru, plane in node.planes.items() if pru in prus}
    ports = Counter(index.host_planes.get(node.host, {}))
    ports.subtract(kept.values())
    others = Counter((pru, plane) for one in plan.nodes if one.index != node.index for pru, plane in one.planes.items())

    def left(pru: str, plane: str) -> int:
        there = index.pru_planes.get(pru, {}).get(plane, 0)
        held = index.timeline.nodes_on_plane(pru, plane, plan.busy_from, plan.busy_until)
        return there - held - others[pru, plane]

    for pru in sorted(set(prus) - kept.keys()):
        planes = [plane for plane in sorted(ports) if ports[plane] > 0 and left(pru, plane) > 0]
        if not planes:
            return None
        best = max(planes, key=lambda plane: left(pru, plane))
        kept[pru] = best
        ports[best] -= 1
    return kept
