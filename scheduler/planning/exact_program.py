"""Whole numbers to be found and what must hold of them, as plain lists that a solver can be given. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scheduler.planning.rules.model import Sum, Var


@dataclass(frozen=True, slots=True)
class Row:
    """`low <= terms <= high`, where all of `only_if` are 1; None is no bound."""

    terms: Mapping[Var, int]
    low: int | None
    high: int | None
    only_if: tuple[Var, ...] = ()


@dataclass
class Program:
    """Every number has a highest value and none is below zero."""

    highs: list[int] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def integer(self, most: int) -> Var:
        self.highs.append(most)
        return len(self.highs) - 1

    def boolean(self) -> Var:
        return self.integer(1)

    def cap(self, var: Var, most: int) -> None:
        self.highs[var] = min(self.highs[var], most)

    def add(self, amount: Sum, *, low: int | None = None, high: int | None = None, only_if: Sequence[Var] = ()) -> None:
        low = None if low is None else low - amount.constant
        high = None if high is None else high - amount.constant
        terms = {var: weight for var, weight in amount.terms.items() if weight}
        self.rows.append(Row(terms, low, high, tuple(only_if)))


def value_of(amount: Sum, values: Sequence[int]) -> int:
    return amount.constant + sum(weight * values[var] for var, weight in amount.terms.items())
