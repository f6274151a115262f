"""The planner on the generated pool of 1,250 hosts and 10,000 devices, with a calendar of thousands of commitments.

No clock is read: work is counted in steps of the search, which do not depend on the machine.
"""

from functools import cache
from typing import Any

import pytest

from fabric.topology import PoolTopology
from scheduler.planning.attempts import case_of
from scheduler.planning.diagnosis import ALL
from scheduler.planning.index import PoolIndex
from scheduler.planning.invariants import broken
from scheduler.planning.rules.registry import PLACEMENT_RULES
from scheduler.planning.search import Search
from scheduler.planning.snapshot import Commitment
from tests.scheduler.planning.asking import grant, rows
from tests.worlds import ask, commitments_of, group, scale, snapshot, window

H100, H200 = "nvidia-h100-nvl-94gb", "nvidia-h200-nvl-141gb"
STEPS = 200  # of a search that finds a place at once, with room to spare


@cache
def _calendar() -> tuple[Commitment, ...]:
    """Forty reservations of four nodes, one after the other in four windows: 5 units a node, 800 commitments a window."""
    held: list[Commitment] = []
    for nth in range(160):
        when = window(hours_ahead=24 + nth % 4 * 6, hours=5)
        plan = grant(scale(), request((H100, 4), nodes=4, when=when), commitments=held)
        held += commitments_of(plan, reservation=f"r-{nth}")
    return tuple(held)


def request(*lines: tuple[str, int], when: Any = None, **group_facts: Any) -> Any:
    return ask(group(*lines, **group_facts), when=when, pool="scale")


@pytest.fixture(scope="module")
def world() -> PoolTopology:
    return scale()


def test_a_long_calendar_keeps_every_invariant(world: PoolTopology):
    assert len(_calendar()) == 160 * 4 * 5
    assert broken(topology=world, commitments=_calendar(), within=(window().starts_at, window().ends_at)) == ()


def test_a_mix_is_placed_in_few_steps(world: PoolTopology):
    index = PoolIndex(snapshot(world, commitments=_calendar()))
    case = case_of(request=request((H200, 8), nodes=8), index=index)

    draft = Search(case, rules=PLACEMENT_RULES, active=ALL, steps_max=STEPS).run()

    assert draft is not None
    assert [len(placed.blocks) for placed in draft] == [8] * 8


def test_too_many_are_refuted_without_searching(world: PoolTopology):
    # 1,250 hosts; 64 nodes of 32 accelerators are 2,048 of 2,400 cards, but only 500 hosts take 32 and bridges are whole:
    # what refuses is that no zone's PRUs are cool and full enough for so many at once, and it is found by sums.
    index = PoolIndex(snapshot(world))
    case = case_of(request=request((H200, 33)), index=index)

    assert Search(case, rules=PLACEMENT_RULES, active=ALL, steps_max=STEPS).run() is None


def test_the_refusal_names_the_limit(world: PoolTopology):
    assert [(code, need, have) for code, _, need, have, _ in rows(world, request((H200, 33)))][0] == (
        "HOST_SLOT_LIMIT",
        33,
        32,
    )
