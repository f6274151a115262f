"""A plan made earlier, read back: the wishes its blocks answer, and whether its planes are still free. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from fabric.topology import BlockFacts
from scheduler.planning.assigning import assign
from scheduler.planning.case import Ask, Case, Draft, Placed, Wish
from scheduler.planning.choices import choices, open_wishes, variants
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import NodePlan, Plan
from scheduler.planning.settings import as_set, settings_of
from scheduler.planning.wishes import make_wish
from scheduler.refusals import Refusal, RefusalCode
from scheduler.requests import Mix, Placement


def draft_of(plan: Plan, index: PoolIndex, mix: Mix | None) -> Draft:
    """With the mix given, its lines say what the blocks are for; without it, what cannot have changed is waived.

    The RDMA network is the plan's, and a card is held to the watts it was: what else would do now is not what was
    promised.
    """
    blocks = [_blocks(node, index) for node in plan.nodes]
    wishes = _wishes_of_mix(mix, plan, blocks, index) if mix is not None else None
    if wishes is None:
        wishes = [_wish_of_node(node, ones, index) for node, ones in zip(plan.nodes, blocks, strict=True)]
    hosts = index.topology.hosts
    drafted = [
        Placed(replace(wish, network=node.network or wish.network), hosts[node.host], ones)
        for wish, node, ones in zip(wishes, plan.nodes, blocks, strict=True)
    ]
    return [
        replace(placed, wish=as_set(index.topology.classes, placed, node.settings))
        for placed, node in zip(drafted, plan.nodes, strict=True)
    ]


def wishes_of(plan: Plan, index: PoolIndex, mix: Mix) -> Sequence[Wish] | None:
    """What each node was granted, as wishes that other blocks may answer as well; None where the mix, as it is read
    today, does not say what the plan's blocks are for.
    """
    return _wishes_of_mix(mix, plan, [_blocks(node, index) for node in plan.nodes], index)


def lost_planes(case: Case, plan: Plan) -> Iterator[Refusal]:
    """R2 for planes that were promised: others may have taken the uplinks there, or a host lost its ports."""
    for node in plan.nodes:
        ports = case.index.host_planes.get(node.host, {})
        for plane, links in sorted(Counter(node.planes.values()).items()):
            if links > ports.get(plane, 0):
                field, have = f"mix[{node.group}]", ports.get(plane, 0)
                message = f"{node.host} was to have {links} links on {plane}; it has {have} ports there."
                yield Refusal(RefusalCode.NO_FABRIC_PORT, field, message, links, have, "links")
    wanted = Counter((pru, plane) for node in plan.nodes for pru, plane in node.planes.items())
    for (pru, plane), links in sorted(wanted.items()):
        need, have = case.nodes_on_plane(pru, plane) + links, case.index.pru_planes[pru].get(plane, 0)
        if need > have:
            message = f"{need} links of {pru} would be on {plane} at once; it has {have} uplinks there."
            yield Refusal(RefusalCode.NO_FABRIC_PORT, "mix", message, need, have, "links")


def _blocks(node: NodePlan, index: PoolIndex) -> tuple[BlockFacts, ...]:
    known = index.topology.blocks
    return tuple(known[code] for code in node.blocks if code in known)


def _wishes_of_mix(
    mix: Mix, plan: Plan, blocks: Sequence[Sequence[BlockFacts]], index: PoolIndex
) -> Sequence[Wish] | None:
    """Of the first reading of the mix that these blocks answer as they are set; None if they answer none.

    Alternatives of one class differ by their caps and slices alone. Where no reading would set the cards so any more,
    as when a class got another TDP, the first that they answer by their classes is taken.
    """
    by_class: Sequence[Wish] | None = None
    for choice in choices(mix, index.topology):
        readings = (open_wishes(choice, index.topology),) if choice.has_selectors else variants(choice, index.topology)
        for wishes in readings:
            if len(wishes) != len(plan.nodes):
                continue
            settled = [
                _settled(Placed(wish, index.topology.hosts[node.host], tuple(ones)), index)
                for wish, node, ones in zip(wishes, plan.nodes, blocks, strict=True)
            ]
            if not all(settled):
                continue
            found = [wish for wish in settled if wish is not None]
            if all(map(partial(_is_set_so, index), found, plan.nodes, blocks)):
                return found
            by_class = by_class or found
    return by_class


def _is_set_so(index: PoolIndex, wish: Wish, node: NodePlan, blocks: Sequence[BlockFacts]) -> bool:
    classes = index.topology.classes
    placed = Placed(wish, index.topology.hosts[node.host], tuple(blocks))
    return settings_of(classes, replace(placed, wish=as_set(classes, placed, node.settings))) == node.settings


def _settled(placed: Placed, index: PoolIndex) -> Wish | None:
    """The wish with one class an ask, as its blocks are; None if they do not answer it."""
    wish = placed.wish
    if all(len(ask.classes) == 1 for ask in wish.asks):
        held = Counter(block.device_class for block in placed.blocks)
        return wish if held == Counter(wish.need) else None
    given = assign(placed)
    counts = Counter((id(given[b.code]), b.device_class) for b in placed.blocks if b.code in given)
    if len(given) != len(placed.blocks) or len(given) != wish.devices:
        return None
    asks = [
        replace(ask, classes=(code,), count=counts[id(ask), code])
        for ask in wish.asks
        for code in ask.classes
        if counts[id(ask), code]
    ]
    return _remade(wish, asks, index)


def _remade(wish: Wish, asks: Sequence[Ask], index: PoolIndex) -> Wish:
    return make_wish(
        index=wish.index,
        group=wish.group,
        role=wish.role,
        asks=asks,
        placement=wish.placement,
        classes=index.topology.classes,
        network=wish.network,
        rails=wish.rails,
    )


def _wish_of_node(node: NodePlan, blocks: Sequence[BlockFacts], index: PoolIndex) -> Wish:
    """Every cap of a card is an ask of its own, so that power is counted as it was granted."""
    caps: dict[tuple[str, int | None], list[str]] = {}
    for block in blocks:
        cap = node.settings[block.code].power_cap_w if block.code in node.settings else None
        caps.setdefault((block.device_class, cap), []).append(block.code)
    asks = [
        Ask(f"mix[{node.group}]", (code,), len(ones), power_cap_w=cap, blocks=frozenset(ones) if cap else None)
        for (code, cap), ones in sorted(caps.items(), key=_by_class_and_cap)
    ]
    return make_wish(
        index=node.index,
        group=node.group,
        role=node.role,
        asks=asks,
        placement=Placement(allow_bridge_split=True),
        classes=index.topology.classes,
        network=node.network or None,
        rails=node.rails or None,
    )


def _by_class_and_cap(item: tuple[tuple[str, int | None], Sequence[str]]) -> tuple[str, int]:
    (code, cap), _ = item
    return code, cap or 0
