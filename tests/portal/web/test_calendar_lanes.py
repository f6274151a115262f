"""Bars that overlap stand above each other, in as few lanes as can be; drawn by hand beside each table."""

import pytest

from portal.web.present.calendar_lanes import depth, in_lanes


@pytest.mark.parametrize(
    ("spans", "lanes"),
    [
        ([], ()),
        ([(0, 60)], (0,)),
        #  aaaa
        #      bbbb   what ends as the next begins leaves the lane to it
        ([(0, 60), (60, 120)], (0, 0)),
        #  aaaaaaaa
        #     bb cc
        ([(0, 80), (30, 50), (60, 80)], (0, 1, 1)),
        #  aaaa  d
        #   bbbbbb
        #    cc e     the lowest that is free is taken
        ([(0, 40), (10, 70), (20, 40), (40, 60), (45, 55)], (0, 1, 2, 0, 2)),
        #  a whole day over which three begin at once
        ([(0, 1440), (0, 10), (0, 10), (0, 10)], (0, 1, 2, 3)),
    ],
)
def test_a_bar_takes_the_first_lane_that_is_free(spans: list[tuple[int, int]], lanes: tuple[int, ...]) -> None:
    assert in_lanes(spans) == lanes


def test_what_finds_no_lane_is_left_out_until_one_is_free() -> None:
    assert in_lanes([(0, 60), (10, 60), (20, 30), (60, 90)], most=2) == (0, 1, None, 0)


@pytest.mark.parametrize(("lanes", "rows"), [((), 1), ((0, 0), 1), ((0, 1, None), 2), ((None,), 1)])
def test_a_row_is_as_deep_as_its_lanes_and_never_flat(lanes: tuple[int | None, ...], rows: int) -> None:
    assert depth(lanes) == rows
