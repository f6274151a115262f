"""Counting alone proves that no moves make room, or it says nothing."""

from dataclasses import replace

import pytest

from scheduler.planning.beyond_moves import is_beyond_moves
from scheduler.planning.index import PoolIndex
from scheduler.requests import Group, Line, Mix, ReservationRequest
from tests.worlds import GPU, ask, group, snapshot, taken, two_hosts_eight_gpus

WORLD = two_hosts_eight_gpus()


def beyond(request: ReservationRequest, *units: str) -> bool:
    """`units` are held on `host-2` throughout."""
    return is_beyond_moves(request=request, index=PoolIndex(snapshot(WORLD, commitments=taken(*units, host="host-2"))))


THREE = [code for code in sorted(WORLD.blocks) if WORLD.blocks[code].device_class == GPU][:3]


@pytest.mark.parametrize(("count", "proven"), [(5, False), (6, True)])
def test_eight_cards_of_which_three_are_taken_wherever_they_are(count: int, proven: bool) -> None:
    assert beyond(ask(group((GPU, count))), *THREE) is proven


@pytest.mark.parametrize(("nodes", "proven"), [(1, False), (2, True)])
def test_two_hosts_of_which_one_is_taken_whichever_it_is(nodes: int, proven: bool) -> None:
    assert beyond(ask(group(nodes=nodes)), *THREE) is proven


def test_every_alternative_has_to_be_too_much() -> None:
    def first_of(*counts: int) -> ReservationRequest:
        ones = tuple(Line(GPU, count) for count in counts)
        return replace(ask(group()), mix=Mix((Group("", 1, (Line("", 1, first_of=ones),)),)))

    assert beyond(first_of(7, 6), *THREE)
    assert not beyond(first_of(7, 5), *THREE)


def test_a_selector_is_counted_over_all_it_matches() -> None:
    def selected(count: int) -> ReservationRequest:
        return ask(Group("", 1, (Line("", count, selector="device.code.contains('-s')"),)))

    assert beyond(selected(6), *THREE)
    assert not beyond(selected(5), *THREE)
