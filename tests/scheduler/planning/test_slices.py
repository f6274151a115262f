"""MIG layouts, by hand from NVIDIA's placements: memory slices 0–7, of which seven have compute beside them."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from fabric.topology import DeviceClassFacts
from scheduler.planning.slices import fits, pack
from tests.shipped import pod

A100 = pod().classes["nvidia-a100-pcie-80gb"]
RTX = pod().classes["nvidia-rtx-pro-6000-server-96gb"]


def so(text: str, facts: DeviceClassFacts = A100) -> dict[str, int]:
    """`3 1 1d` is one 3g, one 1g and one 1g of double memory."""
    names = {
        A100.code: {"1": "1g.10gb", "1d": "1g.20gb", "2": "2g.20gb", "3": "3g.40gb", "4": "4g.40gb", "7": "7g.80gb"},
        RTX.code: {"1": "1g.24gb", "2": "2g.48gb", "4": "4g.96gb"},
    }[facts.code]
    found: dict[str, int] = {}
    for word in text.split():
        found[names[word]] = found.get(names[word], 0) + 1
    return found


@pytest.mark.parametrize(
    ("layout", "is_possible"),
    [
        ("7", True),
        ("7 1", False),
        ("4 3", True),
        ("4 2 1", True),
        ("4 2 1d", True),  # 2g at 4, the double 1g at 6
        ("4 2 2", False),  # the second 2g would begin at 6, where one compute slice is left
        ("4 4", False),
        ("4 1 1 1", True),
        ("4 1 1 1 1", False),
        ("4 1d 1d", True),
        ("3 3", True),
        ("3 3 1", False),  # six compute slices, but all of the memory
        ("3 2 1 1", True),
        ("3 2 2", True),
        ("3 2 2 1", False),  # 3g at 4, 2g at 0 and 2
        ("3 1 1 1 1", True),  # 3g at 4
        ("3 1 1 1 1 1", False),
        ("2 2 2", True),
        ("2 2 2 1", True),
        ("2 2 2 1d", True),
        ("2 2 2 1 1", False),
        ("1 1 1 1 1 1 1", True),
        ("1 1 1 1 1 1 1 1", False),
        ("1d 1d 1d 1d", True),
        ("1d 1d 1d 1 1", True),
        ("1d 1d 1d 1 1 1", False),
        ("", True),
    ],
)
def test_layouts_of_a_card_of_seven(layout: str, is_possible: bool) -> None:
    assert fits(so(layout), A100) is is_possible


@pytest.mark.parametrize(
    ("layout", "is_possible"),
    [("4", True), ("4 1", False), ("2 2", True), ("2 1 1", True), ("2 2 1", False), ("1 1 1 1", True)],
)
def test_layouts_of_a_card_of_four(layout: str, is_possible: bool) -> None:
    assert fits(so(layout, RTX), RTX) is is_possible


def test_a_profile_the_class_has_not_fits_no_card() -> None:
    assert fits({"1g.99gb": 1}, A100) is False
    assert fits({"1g.10gb": 1}, pod().classes["nvidia-l40s-48gb"]) is False
    with pytest.raises(KeyError):
        pack({"1g.99gb": 1}, A100)


@pytest.mark.parametrize(
    ("want", "cards"),
    [
        ("1", ["1"]),
        ("7 7", ["7", "7"]),
        ("4 3 3", ["4 3", "3"]),
        ("3 3 3 4", ["4 3", "3 3"]),
        ("4 4 2 2 1 1", ["4 2 1", "4 2 1"]),
        ("2 2 2 2", ["2 2 2", "2"]),
        ("3 1 1 1 1 1", ["3 1 1 1 1", "1"]),
    ],
)
def test_so_many_slices_go_on_so_many_cards(want: str, cards: list[str]) -> None:
    packed = pack(so(want), A100)

    assert len(packed) == len(cards)
    assert _sum(packed) == so(want)
    assert all(fits(layout, A100) for layout in packed)


def test_nothing_needs_no_card_and_much_is_quick() -> None:
    assert pack({}, A100) == ()
    assert len(pack({"1g.10gb": 1_000}, A100)) == 143  # 1,000 / 7, rounded up
    assert pack({"4g.96gb": 2, "1g.24gb": 1}, RTX) == ({"4g.96gb": 1}, {"4g.96gb": 1}, {"1g.24gb": 1})


def test_no_other_packing_takes_fewer_cards() -> None:
    """Against every way to fill cards one after the other, worked out from `fits` alone."""
    names = ("1g.10gb", "1g.20gb", "2g.20gb", "3g.40gb", "4g.40gb")
    full = [card for card in product(range(4), range(3), range(4), range(3), range(2)) if _is_card(names, card)]
    fewest: dict[Any, int] = {(0,) * len(names): 0}

    for want in product(range(4), range(3), range(4), range(3), range(2)):
        if any(want):
            smaller = (_minus(want, card) for card in full if any(card))
            fewest[want] = 1 + min(fewest[rest] for rest in smaller if min(rest) >= 0)
        assert len(pack(dict(zip(names, want, strict=True)), A100)) == fewest[want], want


def test_the_catalogue_s_most_of_a_profile_is_kept() -> None:
    fussy = replace(A100, mig_profiles={**A100.mig_profiles, "3g.40gb": 1})

    assert fits(so("3 3"), fussy) is False
    assert len(pack(so("3 3"), fussy)) == 2


def _sum(packed: Any) -> dict[str, int]:
    total: dict[str, int] = {}
    for layout in packed:
        for name, count in layout.items():
            total[name] = total.get(name, 0) + count
    return total


def _is_card(names: tuple[str, ...], card: tuple[int, ...]) -> bool:
    return fits(dict(zip(names, card, strict=True)), A100)


def _minus(want: tuple[int, ...], card: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(n - taken for n, taken in zip(want, card, strict=True))
