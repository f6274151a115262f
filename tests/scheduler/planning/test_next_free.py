"""When the first unit of a class becomes free, worked out by hand."""

from datetime import timedelta

import pytest

from scheduler.planning.availability import class_masks
from scheduler.planning.index import PoolIndex
from scheduler.planning.next_free import first_gap, next_free
from scheduler.planning.snapshot import Commitment
from tests.worlds import GPU, NOW, snapshot, taken, two_hosts_eight_gpus, window, with_block

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
LATER = NOW + 28 * 24 * HOUR
CARDS = sorted(code for code, block in two_hosts_eight_gpus().blocks.items() if block.device_class == GPU)


def all_cards(hours: float) -> list[Commitment]:
    """Every card is somebody's from an hour ago on, the nth for n minutes longer than the hours."""
    return [
        one
        for nth, code in enumerate(CARDS)
        for one in taken(code, host="", when=window(hours_ahead=-1, hours=1 + hours + nth / 60), reservation=f"r-{nth}")
    ]


def first(index: PoolIndex, *, lasting: timedelta = HOUR) -> object:
    mask = class_masks(index=index)[0][GPU]
    return next_free(index=index, mask=mask, at=NOW, lasting=lasting, until=LATER)


@pytest.mark.parametrize(
    ("spans", "at", "length", "expected"),
    [
        ((), 10, 5, 10),
        (((0, 10),), 10, 5, 10),
        (((0, 12),), 10, 5, 12),
        (((15, 20),), 10, 5, 10),
        (((14, 20),), 10, 5, 20),
        (((8, 12), (16, 18), (23, 30)), 10, 5, 18),
        (((8, 12), (16, 18), (22, 30)), 10, 5, 30),
    ],
)
def test_the_first_gap_of_a_unit_is_long_enough(
    spans: tuple[tuple[int, int], ...], at: int, length: int, expected: int
) -> None:
    assert first_gap(spans, at, length) == expected


def test_the_one_that_ends_first_is_next() -> None:
    assert first(PoolIndex(snapshot(two_hosts_eight_gpus(), commitments=all_cards(2)))) == NOW + 2 * HOUR


def test_a_gap_that_is_too_short_is_passed_over() -> None:
    """The first card is taken again 45 minutes after; the second, free a minute later, is not."""
    again = taken(CARDS[0], host="", when=window(hours_ahead=2.75, hours=4), reservation="r-again")
    index = PoolIndex(snapshot(two_hosts_eight_gpus(), commitments=[*all_cards(2), *again]))

    assert first(index) == NOW + 2 * HOUR + MINUTE
    assert first(index, lasting=45 * MINUTE) == NOW + 2 * HOUR


def test_what_is_out_of_service_is_not_waited_for() -> None:
    world = with_block(two_hosts_eight_gpus(), CARDS[0], is_usable=False)

    assert first(PoolIndex(snapshot(world, commitments=all_cards(2)))) == NOW + 2 * HOUR + MINUTE


def test_nothing_is_next_that_comes_after_the_horizon() -> None:
    assert first(PoolIndex(snapshot(two_hosts_eight_gpus(), commitments=all_cards(28 * 24)))) is None
