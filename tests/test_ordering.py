"""How tests are shared out."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.ordering import spread

SHORT = [f"tests/a/test_{letter}.py::test" for letter in "abcdef"]
MONTH = ["tests/simulation/test_month.py::test_a", "tests/simulation/test_month.py::test_b"]
UP = ["tests/runtime/test_up.py::test_a"]


@dataclass(frozen=True)
class Item:
    nodeid: str


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        (1, [*MONTH, *UP, *SHORT]),
        (2, [*MONTH, *SHORT[:2], *UP, *SHORT[2:]]),
        (3, [*MONTH, SHORT[0], *UP, *SHORT[1:3], *SHORT[3:]]),
    ],
)
def test_each_share_begins_with_long_ones_and_nothing_is_lost(shares: int, expected: list[str]) -> None:
    items: Any = [Item(name) for name in [*SHORT[:3], *UP, *SHORT[3:], *MONTH]]

    assert [one.nodeid for one in spread(items, shares=shares)] == expected


def test_more_long_ones_than_a_share_holds_are_kept_whole() -> None:
    items: Any = [Item(name) for name in [*UP, *(f"{MONTH[0]}{nth}" for nth in range(5))]]

    assert [one.nodeid for one in spread(items, shares=3)] == [*(f"{MONTH[0]}{nth}" for nth in range(5)), *UP]
