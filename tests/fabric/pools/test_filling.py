"""Counts are exact, most PRUs hold one kind, the rest a few: for the shipped figures and for any others."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fabric.pools.chance import Chance
from fabric.pools.filling import CannotFill, Mixture, fill

SMALL = Mixture(counts={"a": 80, "b": 48, "c": 32}, prus=10, slots=16, switch_slots=4, homogeneous=6, kinds_max=3)


def totals(filled: list[dict[str, int]]) -> Counter[str]:
    return sum((Counter(one) for one in filled), Counter())


def test_every_device_is_placed_once_and_every_slot_filled() -> None:
    filled = fill(SMALL, Chance(1))

    assert (totals(filled), [sum(one.values()) for one in filled]) == (SMALL.counts, [16] * 10)


def test_as_many_prus_as_asked_hold_one_kind_and_no_other_holds_too_many() -> None:
    kinds = Counter(len(one) for one in fill(SMALL, Chance(1)))

    assert (kinds[1], kinds[2] + kinds[3]) == (6, 4)


def test_prus_of_one_kind_follow_the_order_of_the_counts() -> None:
    uniform = [next(iter(one)) for one in fill(SMALL, Chance(1)) if len(one) == 1]

    assert uniform == sorted(uniform)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"prus": 11}, "160 devices for 176 slots"),
        ({"counts": {"a": 150, "b": 9, "c": 1}, "homogeneous": 10}, "no 10 PRUs can hold one kind each: 1 too many"),
        (
            {"counts": {"a": 129, "b": 15, "c": 15, "d": 1}, "homogeneous": 8},
            "4 kinds are left for 2 mixed PRUs",
        ),
    ],
)
def test_contradictions_are_named(change: dict[str, object], reason: str) -> None:
    with pytest.raises(CannotFill, match=f"^{reason}$"):
        fill(replace(SMALL, **change), Chance(1))  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**64), cuts=st.lists(st.integers(1, 639), max_size=7, unique=True), part=st.integers(0, 24))
def test_any_counts_are_placed_exactly_or_refused(seed: int, cuts: list[int], part: int) -> None:
    edges = [0, *sorted(cuts), 640]
    counts = {f"kind-{at}": after - before for at, (before, after) in enumerate(pairwise(edges))}
    mixture = Mixture(counts=counts, prus=40, slots=16, switch_slots=4, homogeneous=part, kinds_max=3)

    try:
        filled = fill(mixture, Chance(seed))
    except CannotFill:
        assert sum(count // 16 for count in counts.values()) < part
        return

    assert totals(filled) == counts
    assert {sum(one.values()) for one in filled} == {16}
    assert max(len(one) for one in filled) <= 3
    assert sum(len(one) == 1 for one in filled) >= part
