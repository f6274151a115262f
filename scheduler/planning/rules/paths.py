"""R15: same_switch asks for one switch (PIX), same_pru and p2p for one PRU (PXB), for a node's accelerators.

Inside a PRU traffic between two cards never goes up to the host, so that it never crosses its sockets either. Where no
accelerator is asked for, same_switch and same_pru speak of all devices of the node, p2p of none.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from fabric.topology import BlockFacts
from scheduler.planning.case import Case, Draft, Placed, Wish
from scheduler.planning.reach import chassis_of
from scheduler.planning.rules.base import PlacementRule
from scheduler.planning.rules.model import Cell, Model, Node, Sum, Var
from scheduler.refusals import Refusal, RefusalCode

Place = tuple[str, ...]


def place_of(wish: Wish, block: BlockFacts) -> Place:
    """What the peers of this wish have to share: a chassis, or a switch in it."""
    chassis = chassis_of(block)
    return (chassis, block.switch) if wish.placement.same_switch else (chassis,)


def is_joined(wish: Wish) -> bool:
    """Whether the peers of this wish have to share a place at all; a node without devices has none."""
    asks = wish.placement
    if not wish.devices:
        return False
    return asks.same_switch or asks.same_pru or (asks.p2p and wish.accelerators > 0)


def _violations(case: Case, draft: Draft) -> Iterator[Refusal]:
    for placed in draft:
        wish = placed.wish
        if not is_joined(wish):
            continue
        peers = [block for block in placed.blocks if block.device_class in wish.peers]
        if len({place_of(wish, block) for block in peers}) > 1:
            yield _refusal(case, draft, placed, len(peers))


def _refusal(case: Case, draft: Draft, placed: Placed, need: int) -> Refusal:
    wish = placed.wish
    key, place = _asked(wish)
    have = _best_place(case, draft, placed)
    return Refusal(
        code=RefusalCode.P2P_PATH,
        field=f"{wish.field}.placement.{key}",
        message=f"{need} devices of one node are to share a {place}; the best {place} has {have} of them free.",
        need=need,
        have=have,
        unit="devices",
    )


def _asked(wish: Wish) -> tuple[str, str]:
    """The narrowest that was asked for, as key and word."""
    if wish.placement.same_switch:
        return "same_switch", "switch"
    return "same_pru" if wish.placement.same_pru else "p2p", "PRU"


def _best_place(case: Case, draft: Draft, placed: Placed) -> int:
    others = {block.code for other in draft if other is not placed for block in other.blocks}
    free: defaultdict[Place, Counter[str]] = defaultdict(Counter)
    for code in placed.wish.peers:
        for block in case.free[code]:
            if block.code not in others:
                free[place_of(placed.wish, block)][code] += 1
    need = placed.wish.need
    return max((sum(min(count[code], need[code]) for code in placed.wish.peers) for count in free.values()), default=0)


def _encode(model: Model) -> None:
    """Where asks leave the class open, what is a peer turns on whether an accelerator is taken at all."""
    for node in model.nodes:
        asks, classes = node.wish.placement, node.case.topology.classes
        if not (asks.same_switch or asks.same_pru or asks.p2p):
            continue
        cells = model.cells(node)
        accelerators = [cell for cell in cells if classes[cell.one.device_class].is_accelerator]
        _gather(model, node, accelerators)
        if (asks.same_switch or asks.same_pru) and len(accelerators) < len(cells):
            _gather(model, node, cells, only_if=(~model.holds(node, accelerators),))


def _gather(model: Model, node: Node, cells: Sequence[Cell], only_if: tuple[Var, ...] = ()) -> None:
    """All that is taken of these lies in one place."""
    places: defaultdict[Place, list[Cell]] = defaultdict(list)
    for cell in cells:
        places[place_of(node.wish, cell.one)].append(cell)
    taken = [Sum.of(model.holds(node, ones)) for _, ones in sorted(places.items())]
    model.at_most(Sum.total(taken), 1, only_if=only_if)


RULE = PlacementRule(RefusalCode.P2P_PATH, _violations, encode=_encode)
