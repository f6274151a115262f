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
from tests.shipped import scale
from tests.worlds import ask, commitments_of, group, snapshot, window

H100, H200 = "nvidia-h100-nvl-94gb", "nvidia-h200-nvl-141gb"
RESERVATIONS = 40
STEPS = 200  # of a search that finds a place at once, with room to spare


@cache
def _calendar() -> tuple[Commitment, ...]:
    """Reservations of four nodes in four windows, one after the other; a node is a host and four cards."""
    held: list[Commitment] = []
    for nth in range(RESERVATIONS):
        when = window(hours_ahead=24 + nth % 4 * 6, hours=5)
        plan = grant(scale(), request((H100, 4), nodes=4, when=when), commitments=held)
        held += commitments_of(plan, reservation=f"r-{nth}")
    return tuple(held)


def request(*lines: tuple[str, int], when: Any = None, **group_facts: Any) -> Any:
    return ask(group(*lines, **group_facts), when=when, pool="scale")


@pytest.fixture(scope="module")
def world() -> PoolTopology:
    return scale()


def test_a_long_calendar_keeps_every_invariant(world: PoolTopology) -> None:
    assert len(_calendar()) == RESERVATIONS * 4 * 5
    assert broken(topology=world, commitments=_calendar(), within=(window().starts_at, window().ends_at)) == ()


def test_a_mix_is_placed_in_few_steps(world: PoolTopology) -> None:
    index = PoolIndex(snapshot(world, commitments=_calendar()))
    case = case_of(request=request((H200, 8), nodes=8), index=index)

    draft = Search(case, rules=PLACEMENT_RULES, active=ALL, steps_max=STEPS).run()

    assert draft is not None
    assert [len(placed.blocks) for placed in draft] == [8] * 8


def test_too_many_are_refuted_without_searching(world: PoolTopology) -> None:
    index = PoolIndex(snapshot(world))
    case = case_of(request=request((H200, 33)), index=index)

    assert Search(case, rules=PLACEMENT_RULES, active=ALL, steps_max=STEPS).run() is None


def test_the_refusal_names_the_limit(world: PoolTopology) -> None:
    assert rows(world, request((H200, 33))) == [
        ("HOST_SLOT_LIMIT", "mix[0].lines[0].count", 33, 32, "accelerators"),
        ("BRIDGE_SPLIT", "mix[0].lines[0].count", 33, 32, "devices"),  # bridged in fours
    ]
