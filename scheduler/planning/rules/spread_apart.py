"""Nodes of a group kept apart: so that one rack, or one PRU, that fails takes one of them at most.

Part of R0 (a rack holds a host or a device of one node only) and of R3 (a PRU holds devices of one node only).
"""

from collections import defaultdict
from collections.abc import Callable, Iterator

from fabric.topology import BlockFacts
from scheduler.planning.case import Case, Draft, Placed
from scheduler.planning.reach import chassis_of, rack_of
from scheduler.planning.rules.model import Model, Node, Sum
from scheduler.refusals import Refusal, RefusalCode
from scheduler.requests import Spread

WORDS = {Spread.RACK: "racks", Spread.PRU: "PRUs"}
CODES = {Spread.RACK: RefusalCode.NO_FREE_HOST, Spread.PRU: RefusalCode.PRU_FANOUT}


def racks_apart(case: Case, draft: Draft) -> Iterator[Refusal]:
    def rack(block: BlockFacts) -> str:
        return rack_of(case.topology, block)

    def racks(placed: Placed) -> set[str]:
        return {placed.host.rack, *map(rack, placed.blocks)}

    return _violations(case, draft, Spread.RACK, racks, rack)


def prus_apart(case: Case, draft: Draft) -> Iterator[Refusal]:
    def pru(block: BlockFacts) -> str:
        return chassis_of(block)

    def prus(placed: Placed) -> set[str]:
        return {block.pru for block in placed.blocks if block.pru is not None}

    return _violations(case, draft, Spread.PRU, prus, pru)


def _violations(
    case: Case,
    draft: Draft,
    spread: Spread,
    places: Callable[[Placed], set[str]],
    place_of: Callable[[BlockFacts], str],
) -> Iterator[Refusal]:
    """No more can be apart than there are places with devices of every class; else so many as the placement has."""
    groups: defaultdict[int, list[Placed]] = defaultdict(list)
    for placed in draft:
        if placed.wish.placement.spread is spread:
            groups[placed.wish.group].append(placed)
    for nodes in groups.values():
        need, have = len(nodes), _apart([places(placed) for placed in nodes])
        if have < need:
            wanted = nodes[0].wish.need
            most = min((len({place_of(block) for block in case.free[code]}) for code in wanted), default=need)
            have = most if most < need else have
            yield Refusal(
                code=CODES[spread],
                field=f"{nodes[0].wish.field}.placement.spread",
                message=f"{need:,} nodes are to lie in {WORDS[spread]} of their own; {have:,} can.",
                need=need,
                have=have,
                unit="nodes",
            )


def _apart(nodes: list[set[str]]) -> int:
    """Nodes that share nothing with those counted before them."""
    taken: set[str] = set()
    count = 0
    for places in nodes:
        if not places & taken:
            taken |= places
            count += 1
    return count


def encode_racks(model: Model) -> None:
    for nodes in _together(model, Spread.RACK):
        racks = {host.rack for node in nodes for host in node.hosts} | {
            cell.rack for node in nodes for cell in model.cells(node)
        }
        for rack in sorted(racks):
            model.at_most(Sum.total(_in_rack(model, node, rack) for node in nodes), 1)


def _in_rack(model: Model, node: Node, rack: str) -> Sum:
    """1 if the node has its host or a device in the rack."""
    cells = [cell for cell in model.cells(node) if cell.rack == rack]
    is_there = Sum.of(model.boolean())
    model.at_most(model.on_host(node, lambda host: host.rack == rack), is_there)
    if cells:
        model.at_most(Sum.of(model.holds(node, cells)), is_there)
    return is_there


def encode_prus(model: Model) -> None:
    for nodes in _together(model, Spread.PRU):
        users: defaultdict[str, list[Sum]] = defaultdict(list)
        for node in nodes:
            for pru in sorted({cell.one.pru for cell in model.cells(node) if cell.one.pru is not None}):
                users[pru].append(Sum.of(model.uses(node, pru)))
        for uses in users.values():
            model.at_most(Sum.total(uses), 1)


def _together(model: Model, spread: Spread) -> list[list[Node]]:
    """Nodes of one group of one request."""
    groups: defaultdict[tuple[int, int], list[Node]] = defaultdict(list)
    for node in model.nodes:
        if node.wish.placement.spread is spread:
            groups[node.party, node.wish.group].append(node)
    return list(groups.values())
