"""The bench's calendar: as many as asked for, no rule broken, the same for one seed."""

from collections import Counter
from datetime import timedelta

import pytest

from fabric.topology import PoolTopology
from portal.bench import calendars
from portal.bench.calendars import Stay, stays
from scheduler.planning.invariants import broken
from scheduler.planning.snapshot import Commitment
from tests.shipped import lab, pod
from tests.worlds import GPU, NOW, cards, host, pru, topology

COUNT = 300


def commitments(made: list[Stay]) -> list[Commitment]:
    return [
        Commitment(
            reservation=f"r-{nth}",
            project="bench",
            unit=unit,
            is_host=unit == stay.host,
            node=0,
            busy_from=NOW + timedelta(minutes=stay.busy_from),
            busy_until=NOW + timedelta(minutes=stay.busy_until),
            host=stay.host,
        )
        for nth, stay in enumerate(made)
        for unit in (stay.host, *(card.code for card in stay.cards))
    ]


@pytest.mark.parametrize("world", [lab, pod], ids=lambda world: world.__name__)
def test_no_limit_is_exceeded_at_any_instant(world: type) -> None:
    shape: PoolTopology = world()
    made = list(stays(topology=shape, count=COUNT, seed=1))

    assert len(made) == COUNT
    assert broken(topology=shape, commitments=commitments(made)) == ()


def test_one_seed_gives_one_calendar() -> None:
    first, again, other = (list(stays(topology=lab(), count=COUNT, seed=seed)) for seed in (1, 1, 2))

    assert first == again
    assert first != other


def test_lengths_are_hours_and_padding_is_the_pools() -> None:
    shape = lab()
    policy = shape.policy
    made = list(stays(topology=shape, count=COUNT, seed=1))

    lengths = {stay.ends - stay.starts for stay in made}
    assert {length % policy.slot_minutes for length in lengths} == {0}
    assert 2 * 60 <= min(lengths) < max(lengths) <= 24 * 60
    assert {(stay.starts - stay.busy_from, stay.busy_until - stay.ends) for stay in made} == {
        (policy.setup_minutes, policy.teardown_minutes)
    }


def test_a_calendar_too_full_for_ninety_days_takes_longer() -> None:
    few, many = (max(stay.ends for stay in stays(topology=lab(), count=count, seed=1)) for count in (100, 4_000))

    assert few <= calendars.DAYS_MIN * calendars.DAY < many


def test_cards_of_a_shared_pru_are_dealt_and_bridged_ones_stay_together() -> None:
    shape = topology(
        hosts=[host("host-1"), host("host-2")], prus=[pru("pru-1")], blocks=cards("pru-1", GPU, 8, bridge=2)
    )

    dealt = calendars.homes(shape)

    units = {name: [tuple(card.slot for card in unit) for unit in units] for name, units in dealt.items()}
    assert units == {"host-1": [(1, 2), (5, 6)], "host-2": [(3, 4), (7, 8)]}


def test_what_a_host_is_offered_are_runs_of_whole_units() -> None:
    one, two = (tuple(cards("pru-1", GPU, 2, first=first)) for first in (1, 3))

    offers = calendars.offers_of([one, two])

    assert {size: [[card.slot for card in choice] for choice in choices] for size, choices in offers.items()} == {
        2: [[1, 2], [3, 4]],
        4: [[1, 2, 3, 4]],
    }


def test_sizes_are_those_asked_for() -> None:
    made = stays(topology=lab(), count=COUNT, seed=1, sizes={2: 1.0})

    assert Counter(len(stay.cards) for stay in made) == {2: COUNT}
