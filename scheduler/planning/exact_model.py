"""The model of one exact search: counts per node, ask and cell, and a kind of host for each node. Pure.

It is what `rules.model.Model` promises, kept as a `Program`. Nodes of one group are alike, so they choose kinds of
hosts in order: of placements that differ only in who is who, one is enough.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise

from fabric.topology import HostFacts
from scheduler.planning.case import Ask, Case, Wish
from scheduler.planning.exact_cells import Stock
from scheduler.planning.exact_program import Program
from scheduler.planning.reach import reach_of_block, reach_of_host
from scheduler.planning.rules.model import Bundle, Cell, Node, Sum, Var


class CellModel:
    """`is_zoned` says that rule R1 is kept, so that zones without enough for a node need not be looked at.

    In the parties `told_apart`, who is who of a group's nodes does matter.
    """

    def __init__(self, stock: Stock, *, is_zoned: bool, told_apart: Collection[int] = ()) -> None:
        self.stock = stock
        self.program = Program()
        self.planes: dict[tuple[Node, str], Mapping[str, Sum]] = {}
        self._alike = {kind[0].code: len(kind) for kind in stock.kinds}
        self.nodes: Sequence[Node] = tuple(self._make_nodes(is_zoned))
        self._taken: dict[Node, dict[Cell, list[tuple[Ask, Var]]]] = {}
        self._on: dict[Node, tuple[Var, ...]] = {}
        self._held: dict[tuple[Node, frozenset[Cell]], Var] = {}
        for node in self.nodes:
            self._add_node(node, is_zoned)
        self._by_chassis = {node: _by_chassis(cells) for node, cells in self._taken.items()}
        self._state_what_always_holds(told_apart)

    @property
    def bundles(self) -> Sequence[Bundle]:
        return self.stock.bundles

    def alike(self, host: HostFacts) -> int:
        return self._alike[host.code]

    def cells(self, node: Node) -> Sequence[Cell]:
        return tuple(self._taken[node])

    def cells_in(self, node: Node, pru: str) -> Sequence[Cell]:
        return self._by_chassis[node].get(pru, ())

    def asks(self, node: Node, cell: Cell) -> Sequence[Ask]:
        return [ask for ask, _ in self._taken[node].get(cell, ())]

    def taken(self, node: Node) -> Mapping[Cell, Sequence[tuple[Ask, Var]]]:
        return self._taken[node]

    def chosen(self, node: Node) -> Sequence[Var]:
        """One for each of `node.hosts`: 1 for the kind it runs on."""
        return self._on[node]

    def takes(self, node: Node, cells: Iterable[Cell], weight: Callable[[Ask, Cell], int] | None = None) -> Sum:
        taken = self._taken[node]
        if weight is None:
            return Sum({var: 1 for cell in cells for _, var in taken.get(cell, ())})
        return Sum({var: weight(ask, cell) for cell in cells for ask, var in taken.get(cell, ())})

    def holds(self, node: Node, cells: Collection[Cell]) -> Var:
        key = (node, frozenset(cells))
        if key not in self._held:
            held = self._held[key] = self.program.boolean()
            amount = self.takes(node, cells)
            most = sum(ask.count for ask in node.wish.asks)
            self.at_most(amount, Sum.of(held, min(most, sum(self.program.highs[var] for var in amount.terms))))
            self.at_most(Sum.of(held), amount)
        return self._held[key]

    def uses(self, node: Node, pru: str) -> Var:
        return self.holds(node, self.cells_in(node, pru))

    def on_host(self, node: Node, value: Callable[[HostFacts], int]) -> Sum:
        return Sum({var: value(host) for host, var in zip(node.hosts, self._on[node], strict=True)})

    def bound(self, node: Node, amount: Sum, limit: Callable[[HostFacts], int | None]) -> None:
        highest = self._highest(amount)
        limits = {host.code: limit(host) for host in node.hosts}

        def most(host: HostFacts) -> int:
            own = limits[host.code]
            return highest if own is None else min(own, highest)

        self.at_most(amount, self.on_host(node, most))

    def boolean(self) -> Var:
        return self.program.boolean()

    def integer(self, most: int) -> Var:
        return self.program.integer(most)

    def at_most(self, amount: Sum, most: Sum | int, *, only_if: Sequence[Var] = ()) -> None:
        excess = amount - most
        if self._highest(excess) > 0:
            self.program.add(excess, high=0, only_if=only_if)

    def equal(self, amount: Sum, to: Sum | int, *, only_if: Sequence[Var] = ()) -> None:
        self.program.add(amount - to, low=0, high=0, only_if=only_if)

    def forbid(self, node: Node, cells: Iterable[Cell]) -> None:
        for cell in cells:
            for _, var in self._taken[node].get(cell, ()):
                self.program.cap(var, 0)

    def forbid_hosts(self, node: Node, unfit: Callable[[HostFacts], bool]) -> None:
        for host, var in zip(node.hosts, self._on[node], strict=True):
            if unfit(host):
                self.program.cap(var, 0)

    def share(
        self, amounts: Mapping[Node, Sum], most: int, held: Callable[[datetime, datetime], int] | None = None
    ) -> None:
        for present, begin, end in _instants(amounts):
            left = most - (held(begin, end) if held else 0)
            total = Sum.total(amounts[node] for node in present)
            if self._highest(total) > max(0, left):
                self.program.add(total, high=max(0, left))

    def link(self, node: Node, pru: str, by_plane: Mapping[str, Sum]) -> None:
        self.planes[node, pru] = by_plane

    def _highest(self, amount: Sum) -> int:
        return amount.constant + sum(max(0, by * self.program.highs[var]) for var, by in amount.terms.items())

    def _make_nodes(self, is_zoned: bool) -> Iterator[Node]:
        index = 0
        for party, case in enumerate(self.stock.cases):
            kinds: dict[int, tuple[HostFacts, ...]] = {}
            for wish in case.wishes:
                if wish.group not in kinds:
                    kinds[wish.group] = tuple(self._kinds(case, wish, party, is_zoned))
                yield Node(index, party, wish, case, kinds[wish.group])
                index += 1

    def _kinds(self, case: Case, wish: Wish, party: int, is_zoned: bool) -> Iterator[HostFacts]:
        """A fixed system is of use only for devices of its own, a pooled host only for pooled ones or none."""
        named = wish.placement.host_class
        cells = [cell for cell in self._offered(party) if any(ask.accepts(cell.one) for ask in wish.asks)]
        owners = {cell.one.host for cell in cells if cell.one.pru is None}
        has_pooled = not wish.asks or any(cell.one.pru is not None for cell in cells)
        enough = _reaches_with_enough(wish, cells) if is_zoned and wish.asks else None
        for host in (alike[0] for alike in self.stock.kinds):
            suits = host.code in owners if host.is_fixed else has_pooled
            is_near = enough is None or reach_of_host(host) in enough
            if suits and is_near and (named is None or host.template == named):
                yield host

    def _offered(self, party: int) -> Iterator[Cell]:
        return (cell for cell in self.stock.cells if party in self.stock.free[cell.one.code])

    def _add_node(self, node: Node, is_zoned: bool) -> None:
        reaches = {reach_of_host(host) for host in node.hosts} if is_zoned else None
        self._on[node] = tuple(self.program.boolean() for _ in node.hosts)
        cells: dict[Cell, list[tuple[Ask, Var]]] = {}
        for cell in self._offered(node.party):
            if reaches is not None and reach_of_block(cell.one) not in reaches:
                continue
            fitting = [ask for ask in node.wish.asks if ask.accepts(cell.one)]
            if fitting:
                cells[cell] = [(ask, self.integer(min(ask.count, len(cell.blocks)))) for ask in fitting]
        self._taken[node] = cells

    def _state_what_always_holds(self, told_apart: Collection[int]) -> None:
        """Every ask is served, every node has one host, no block is taken twice; nodes that are alike, in order."""
        for node in self.nodes:
            self.equal(Sum(dict.fromkeys(self._on[node], 1)), 1)
            for ask in node.wish.asks:
                taken = [var for pairs in self._taken[node].values() for one, var in pairs if one is ask]
                self.equal(Sum(dict.fromkeys(taken, 1)), ask.count)
        takers: defaultdict[Cell, list[Node]] = defaultdict(list)
        for node, cells in self._taken.items():
            for cell in cells:
                takers[cell].append(node)
        for cell, nodes in takers.items():
            self.share({node: self.takes(node, (cell,)) for node in nodes}, len(cell.blocks))
        for first, second in pairwise(self.nodes):
            alike = (first.party, first.wish.group) == (second.party, second.wish.group)
            if alike and first.party not in told_apart:
                self.at_most(self._rank(first), self._rank(second))

    def _rank(self, node: Node) -> Sum:
        return Sum({var: rank for rank, var in enumerate(self._on[node])})


def _reaches_with_enough(wish: Wish, cells: Iterable[Cell]) -> set[str]:
    """Where every ask by itself could be served."""
    counts: defaultdict[str, list[int]] = defaultdict(lambda: [0] * len(wish.asks))
    for cell in cells:
        for nth, ask in enumerate(wish.asks):
            counts[reach_of_block(cell.one)][nth] += len(cell.blocks) if ask.accepts(cell.one) else 0
    needs = [ask.count for ask in wish.asks]
    return {reach for reach, has in counts.items() if all(h >= n for h, n in zip(has, needs, strict=True))}


def _by_chassis(cells: Iterable[Cell]) -> Mapping[str, Sequence[Cell]]:
    sorted_out: defaultdict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        sorted_out[cell.chassis].append(cell)
    return sorted_out


def _instants(nodes: Collection[Node]) -> Iterator[tuple[tuple[Node, ...], datetime, datetime]]:
    """Who is present from one change of that to the next."""
    edges = sorted({at for node in nodes for at in node.span})
    for begin, end in pairwise(edges):
        present = tuple(node for node in nodes if node.span[0] <= begin and end <= node.span[1])
        if present:
            yield present, begin, end
