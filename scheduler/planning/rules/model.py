"""How a rule states itself for the exact search: limits on sums of what the nodes take. Pure; knows no solver.

The search works on *cells*: free blocks that nothing tells apart. What a node takes is a count per ask and cell, where
it runs a choice among *kinds* of hosts that nothing tells apart. A rule's `encode(model)` adds whatever must hold of
these so that exactly the placements without `violations` are left. It may take for granted that every ask is served
by blocks it accepts, that no block is taken twice, and that a host is of the class that was asked for.

One model may hold nodes of several requests, each in its own window (that is how repacking asks). So a rule reads the
case and the wish of each node, ties nodes of one request through `node.party`, and states what nodes share over time
with `share` only.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from fabric.topology import BlockFacts, HostFacts
from scheduler.planning.case import Ask, Case, Wish

Var = int  # a whole number to be found; `~var` is the negation of one that is 0 or 1


@dataclass(frozen=True, slots=True)
class Sum:
    """A weighted sum of variables and a constant."""

    terms: Mapping[Var, int] = field(default_factory=dict)
    constant: int = 0

    @classmethod
    def of(cls, var: Var, weight: int = 1) -> "Sum":
        return cls({~var: -weight}, weight) if var < 0 else cls({var: weight})

    @classmethod
    def total(cls, parts: Iterable["Sum"]) -> "Sum":
        terms: dict[Var, int] = {}
        constant = 0
        for part in parts:
            constant += part.constant
            for var, weight in part.terms.items():
                terms[var] = terms.get(var, 0) + weight
        return cls(terms, constant)

    def __add__(self, other: "Sum | int") -> "Sum":
        return Sum.total((self, other if isinstance(other, Sum) else Sum(constant=other)))

    def __sub__(self, other: "Sum | int") -> "Sum":
        return self + other * -1

    def __mul__(self, by: int) -> "Sum":
        return Sum({var: weight * by for var, weight in self.terms.items()}, self.constant * by)


@dataclass(frozen=True, eq=False, slots=True)
class Cell:
    """Blocks alike in class, chassis, switch, kind of slot, MIG, the asks that accept them, and when they are free.

    A device of a fixed system is a cell of its own, because its place in the system counts (rule R9).
    """

    blocks: tuple[BlockFacts, ...]  # in order of their places
    chassis: str  # PRU, or the host of a fixed system
    rack: str  # where they draw their power

    @property
    def one(self) -> BlockFacts:
        """Any of them, to read what is the same of all but code and slot."""
        return self.blocks[0]


@dataclass(frozen=True, eq=False, slots=True)
class Bundle:
    """Bridged groups alike in their free cards (rule R10): each cell gives so many cards to each group."""

    groups: int
    cards: Mapping[Cell, int]
    is_whole: bool  # every card of each group is free


@dataclass(frozen=True, eq=False, slots=True)
class Node:
    """A wish to be placed. `party` is its request: 0 where there is one only."""

    index: int  # over the whole model
    party: int
    wish: Wish
    case: Case
    hosts: tuple[HostFacts, ...]  # one of each kind it may run on

    @property
    def span(self) -> tuple[datetime, datetime]:
        return self.case.busy_from, self.case.busy_until


class Model(Protocol):
    """What a rule may ask and say. Cells and hosts it forbids to a node are simply not taken."""

    @property
    def nodes(self) -> Sequence[Node]: ...

    @property
    def bundles(self) -> Sequence[Bundle]: ...

    def alike(self, host: HostFacts) -> int:
        """How many hosts there are of the kind of which this is one."""
        ...

    def cells(self, node: Node) -> Sequence[Cell]:
        """Those that some ask of the node accepts."""
        ...

    def asks(self, node: Node, cell: Cell) -> Sequence[Ask]:
        """The asks of the node that accept the blocks of the cell."""
        ...

    def takes(self, node: Node, cells: Iterable[Cell], weight: Callable[[Ask, Cell], int] | None = None) -> Sum:
        """How many devices the node takes of these cells; with `weight`, each counts that much."""
        ...

    def cells_in(self, node: Node, pru: str) -> Sequence[Cell]:
        """Those of `cells(node)` in one PRU, or in one fixed system."""
        ...

    def holds(self, node: Node, cells: Collection[Cell]) -> Var:
        """1 if the node takes any device of these cells, else 0."""
        ...

    def uses(self, node: Node, pru: str) -> Var:
        """1 if the node takes any device of this PRU, else 0."""
        ...

    def on_host(self, node: Node, value: Callable[[HostFacts], int]) -> Sum:
        """The value of the host that is chosen for the node. Not to depend on the code of the host."""
        ...

    def bound(self, node: Node, amount: Sum, limit: Callable[[HostFacts], int | None]) -> None:
        """`amount` is at most the limit of the host that is chosen for the node; None is no limit."""
        ...

    def boolean(self) -> Var:
        """A new choice between 0 and 1."""
        ...

    def integer(self, most: int) -> Var:
        """A new whole number from 0 on."""
        ...

    def at_most(self, amount: Sum, most: Sum | int, *, only_if: Sequence[Var] = ()) -> None:
        """`amount <= most`; with `only_if`, only where all of these are 1."""
        ...

    def equal(self, amount: Sum, to: Sum | int, *, only_if: Sequence[Var] = ()) -> None: ...

    def forbid(self, node: Node, cells: Iterable[Cell]) -> None:
        """The node takes nothing of these cells."""
        ...

    def forbid_hosts(self, node: Node, unfit: Callable[[HostFacts], bool]) -> None:
        """The node runs on no host of which `unfit` is true."""
        ...

    def share(
        self, amounts: Mapping[Node, Sum], most: int, held: Callable[[datetime, datetime], int] | None = None
    ) -> None:
        """At every instant, the amounts of the nodes present then, and what others hold, are at most `most`.

        `held(begin, end)` is the highest that others hold in a span. An instant at which nobody's amount is above
        zero is not judged, whatever others hold.
        """
        ...

    def link(self, node: Node, pru: str, by_plane: Mapping[str, Sum]) -> None:
        """Tell which plane the node's link to a PRU is on: 1 for that plane, 0 for the others (rule R2)."""
        ...
