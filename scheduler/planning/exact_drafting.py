"""From counts back to blocks and hosts: the first that are free, in order. Pure.

Counts suffice: nodes that meet in a cell never need more of it at an instant than it has, and windows on a line can
then be given blocks one after the other in order of their beginnings, and never run out.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from fabric.topology import BlockFacts, HostFacts
from scheduler.planning.assigning import is_plain
from scheduler.planning.case import Ask, Placed, Wish
from scheduler.planning.exact_model import CellModel
from scheduler.planning.rules.model import Bundle, Cell, Node
from scheduler.planning.wishes import make_wish

Answered = list[tuple[Ask, BlockFacts]]


def drafts(model: CellModel, values: Sequence[int]) -> Sequence[tuple[Placed, ...]]:
    """For each request its nodes, in the order of its wishes."""
    drafting = _Drafting(model, values)
    hosts, answered = drafting.hosts(), drafting.blocks()
    found: dict[int, list[Placed]] = defaultdict(list)
    for node in model.nodes:
        blocks = tuple(sorted((block for _, block in answered[node]), key=lambda block: block.code))
        wish = _settled(node.wish, answered[node], model)
        found[node.party].append(Placed(wish, hosts[node], blocks))
    return [tuple(found[party]) for party in range(len(model.stock.cases))]


class _Drafting:
    def __init__(self, model: CellModel, values: Sequence[int]) -> None:
        self._model = model
        self._values = values
        self._busy: defaultdict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
        self._in_order = sorted(model.nodes, key=lambda node: (node.span[0], node.index))

    def hosts(self) -> Mapping[Node, HostFacts]:
        """Where rule R0 is left out there may be too few, and then nodes share the last one."""
        kinds = {kind[0].code: kind for kind in self._model.stock.kinds}
        chosen: dict[Node, HostFacts] = {}
        for node in self._in_order:
            choice = zip(node.hosts, self._model.chosen(node), strict=True)
            kind = kinds[next(host.code for host, var in choice if self._values[var])]
            chosen[node] = next((host for host in kind if self._is_free(host.code, node)), kind[-1])
            self._busy[chosen[node].code].append(node.span)
        return chosen

    def blocks(self) -> Mapping[Node, Answered]:
        """Whole bridged groups are given out before single cards of others, which come from the last groups."""
        answered: dict[Node, Answered] = {node: [] for node in self._model.nodes}
        bundle_of = {cell: bundle for bundle in self._model.bundles for cell in bundle.cards}
        by_bundle: defaultdict[Bundle, list[Cell]] = defaultdict(list)
        for cell in self._model.stock.cells:
            if cell in bundle_of:
                by_bundle[bundle_of[cell]].append(cell)
                continue
            for node in self._in_order:
                answered[node] += self._pick(node, cell, cell.blocks)
        for bundle in by_bundle:
            self._give(bundle, answered)
        return answered

    def _give(self, bundle: Bundle, answered: Mapping[Node, Answered]) -> None:
        groups: defaultdict[str, list[BlockFacts]] = defaultdict(list)
        for cell in bundle.cards:
            for block in cell.blocks:
                groups[block.bridge_group or ""].append(block)
        whole = {node: self._whole_groups(node, bundle) for node in self._in_order}
        for node in sorted(self._in_order, key=lambda node: (node.span[0], whole[node] is None, node.index)):
            number = whole[node]
            if number is None:
                offered = [block for name in reversed(list(groups)) for block in groups[name]]
            else:
                free = [ones for ones in groups.values() if all(self._is_free(block.code, node) for block in ones)]
                offered = [block for ones in free[:number] for block in ones]
            for cell in bundle.cards:
                answered[node] += self._pick(node, cell, [block for block in offered if block in cell.blocks])

    def _whole_groups(self, node: Node, bundle: Bundle) -> int | None:
        """How many whole groups the node takes; None if it takes single cards."""
        taken = {cell: self._taken(node, cell) for cell in bundle.cards}
        numbers = {divmod(sum(taken[cell].values()), cards) for cell, cards in bundle.cards.items()}
        return numbers.pop()[0] if len(numbers) == 1 and all(rest == 0 for _, rest in numbers) else None

    def _taken(self, node: Node, cell: Cell) -> Mapping[int, int]:
        """Which of the node's asks takes how many."""
        pairs = self._model.taken(node).get(cell, ())
        return {nth: self._values[var] for nth, (_, var) in enumerate(pairs) if self._values[var]}

    def _pick(self, node: Node, cell: Cell, offered: Sequence[BlockFacts]) -> Answered:
        free = iter([block for block in offered if self._is_free(block.code, node)])
        picked = [
            (self._model.taken(node)[cell][nth][0], next(free))
            for nth, count in self._taken(node, cell).items()
            for _ in range(count)
        ]
        for _, block in picked:
            self._busy[block.code].append(node.span)
        return picked

    def _is_free(self, code: str, node: Node) -> bool:
        begin, end = node.span
        return all(until <= begin or end <= since for since, until in self._busy[code])


def _settled(wish: Wish, answered: Answered, model: CellModel) -> Wish:
    """The wish with one class an ask, as its blocks are.

    Where two asks could answer for a block, which of them does is kept: each may have a power cap of its own.
    """
    asks: list[Ask] = []
    for ask in wish.asks:
        got: dict[str, set[str]] = defaultdict(set)
        for one, block in answered:
            if one is ask:
                got[block.device_class].add(block.code)
        for code in ask.classes:
            if got[code]:
                own = ask.blocks if is_plain(wish.asks) else frozenset(got[code])
                asks.append(replace(ask, classes=(code,), count=len(got[code]), blocks=own))
    if tuple(asks) == tuple(wish.asks):
        return wish
    return make_wish(
        index=wish.index,
        group=wish.group,
        role=wish.role,
        asks=asks,
        placement=wish.placement,
        classes=model.stock.cases[0].topology.classes,
        network=wish.network,
        rails=wish.rails,
    )
