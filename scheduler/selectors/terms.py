"""The parts of a selector that answer for a device. Pure.

As in CEL what is missing is neither true nor false: `a && b` is false as soon as one of them is, whatever the other,
and a whole that is still missing does not match.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from scheduler.selectors.attributes import BLOCK_ATTRIBUTES, Attributes, Kind, Value

Answer = Callable[[Attributes], Value | None]  # None: the device has no such attribute
Check = Callable[[Attributes], bool | None]
Comparison = Callable[[Value, Value], bool]


@dataclass(frozen=True, slots=True)
class Term:
    """Something with a value of a known kind."""

    kind: Kind
    answer: Answer
    position: int


ORDERS: Mapping[str, Comparison] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
COMPARISONS: Mapping[str, Comparison] = {"==": operator.eq, "!=": operator.ne, **ORDERS}
METHODS: Mapping[str, Comparison] = {
    "startsWith": lambda text, part: str(text).startswith(str(part)),
    "endsWith": lambda text, part: str(text).endswith(str(part)),
    "contains": lambda text, part: str(part) in str(text),
}


def constant(value: Value) -> Answer:
    return lambda _: value


def attribute(name: str) -> Answer:
    return lambda attributes: attributes.get(name)


def presence(name: str) -> Check:
    """Of an attribute that only blocks have, a class can say nothing."""
    is_of_blocks = name in BLOCK_ATTRIBUTES

    def check(attributes: Attributes) -> bool | None:
        return True if name in attributes else None if is_of_blocks and "code" not in attributes else False

    return check


def compared(left: Answer, right: Answer, compare: Comparison) -> Check:
    def check(attributes: Attributes) -> bool | None:
        one, other = left(attributes), right(attributes)
        return None if one is None or other is None else compare(one, other)

    return check


def one_of(left: Answer, values: frozenset[Value]) -> Check:
    def check(attributes: Attributes) -> bool | None:
        value = left(attributes)
        return None if value is None else value in values

    return check


def inverted(term: Answer) -> Check:
    def check(attributes: Attributes) -> bool | None:
        value = term(attributes)
        return None if value is None else not value

    return check


def joined(terms: Sequence[Answer], *, decides: bool) -> Check:
    """`&&` is decided by a false side, `||` by a true one; what is missing only if no side decides."""

    def check(attributes: Attributes) -> bool | None:
        is_missing = False
        for term in terms:
            value = term(attributes)
            if value is decides:
                return decides
            is_missing |= value is None
        return None if is_missing else not decides

    return check
