"""What a rule is: a code, a measure of a placement, and how far a host is from bearing a node. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from fabric.topology import HostFacts
from scheduler.planning.case import Case, Draft, Wish
from scheduler.planning.rules.model import Model
from scheduler.refusals import Refusal, RefusalCode

RequestRule = Callable[[Case], Iterable[Refusal]]


@dataclass(frozen=True, slots=True)
class PlacementRule:
    """`violations` measures a whole placement.

    `excess` is 0 for a host that bears the wish, else how far over it is. `encode` states the rule for the exact
    search: it leaves exactly the placements that have no violations.
    """

    code: RefusalCode
    violations: Callable[[Case, Draft], Iterable[Refusal]]
    excess: Callable[[Case, Wish, HostFacts], float] | None = None
    encode: Callable[[Model], None] | None = None


def over(need: float, have: float) -> float:
    """By how much `need` exceeds `have`, as a share of the need, so that unlike limits can be added."""
    return max(0.0, need - have) / need if need > 0 else 0.0


def heaviest(wish: Wish, weight: Callable[[str], float]) -> str:
    """Path of the line that weighs most in what was exceeded."""
    code = max(wish.need, key=lambda c: (wish.need[c] * weight(c), c))
    return wish.fields.get(code, wish.field)


def whole(value: float) -> int | float:
    """12.0 is shown as 12."""
    return int(value) if float(value).is_integer() else value


def plural(count: int | float, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"
