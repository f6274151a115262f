from dataclasses import replace

from scheduler.planning.assigning import assign
from scheduler.planning.case import Ask, Placed
from scheduler.planning.wishes import make_wish
from scheduler.requests import Placement
from tests.worlds import CLASSES, GPU, NVME, cards, host

BLOCKS = {
    block.code: block
    for block in (*cards("pru-1", GPU, 3), *cards("pru-1", "gpu-b", 2, first=4), *cards("pru-1", NVME, 1, kind="bay"))
}


def _assigned(asks: list[Ask], *codes: str) -> dict[str, str]:
    classes = {one.code: one for one in CLASSES}
    wish = make_wish(index=0, group=0, role="", asks=asks, placement=Placement(), classes=classes)
    placed = Placed(wish, host("host-1"), tuple(BLOCKS[f"pru-1-{code}"] for code in codes))
    return {code.removeprefix("pru-1-"): ask.field for code, ask in assign(placed).items()}


def test_lines_of_classes_of_their_own() -> None:
    asks = [Ask("drives", (NVME,), 1), Ask("cards", (GPU,), 2)]

    assert _assigned(asks, "s02", "s01", "b01") == {"s01": "cards", "s02": "cards", "b01": "drives"}


def test_lines_of_one_class_take_the_blocks_in_order() -> None:
    asks = [Ask("two", (GPU,), 2), Ask("one", (GPU,), 1)]

    assert _assigned(asks, "s03", "s01", "s02") == {"s01": "two", "s02": "two", "s03": "one"}


def test_a_block_is_moved_on_for_one_that_has_no_other_place() -> None:
    # The first line takes s01 first; s04 fits nowhere else, so s01 moves on to the second.
    asks = [Ask("either", (GPU, "gpu-b"), 1), Ask("gpu", (GPU,), 1)]

    assert _assigned(asks, "s01", "s04") == {"s01": "gpu", "s04": "either"}


def test_it_moves_on_through_a_chain_of_lines() -> None:
    # s01 can answer all, s02 the first two, s03 the first alone: so s03, s02, s01.
    asks = [
        Ask("first", (GPU,), 1),
        Ask("second", (GPU,), 1, blocks=frozenset({"pru-1-s01", "pru-1-s02"})),
        Ask("third", (GPU,), 1, blocks=frozenset({"pru-1-s01"})),
    ]

    assert _assigned(asks, "s01", "s02", "s03") == {"s03": "first", "s02": "second", "s01": "third"}


def test_what_no_line_asks_for_is_left_over() -> None:
    assert _assigned([Ask("one", (GPU,), 1)], "s01", "s02", "b01") == {"s01": "one"}


def test_slices_go_to_a_card_that_may_be_cut() -> None:
    BLOCKS["pru-1-s09"] = replace(BLOCKS["pru-1-s01"], code="pru-1-s09", is_mig_capable=True)
    asks = [Ask("slices", (GPU,), 1, slices={"1g": 2}), Ask("whole", (GPU,), 1)]

    assert _assigned(asks, "s01", "s09") == {"s09": "slices", "s01": "whole"}
    assert _assigned(asks, "s01", "s02") == {"s01": "whole"}
