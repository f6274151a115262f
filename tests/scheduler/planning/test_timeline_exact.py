"""The timeline against a slow scan that shares no code with it: any order of adding and removing, any span."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fabric.topology import PoolTopology
from scheduler.planning.index import PoolIndex
from scheduler.planning.snapshot import Commitment
from scheduler.planning.timeline import Committed, Timeline
from tests.worlds import GPU, NIC, NOW, cards, host, pru, snapshot, system, topology

MINUTE = timedelta(minutes=1)
MACHINE, ITS_CARDS = system("sys-1", "board-a", 4)
WORLD: PoolTopology = topology(
    hosts=[*(host(f"host-{nth}") for nth in range(4)), MACHINE],
    prus=[pru("pru-1"), pru("pru-2", rack="rack-2")],
    blocks=[*cards("pru-1", GPU, 6), *cards("pru-2", "gpu-b", 4), *cards("pru-2", NIC, 2, kind="nic"), *ITS_CARDS],
)
UNITS = [*((True, code) for code in WORLD.hosts), *((False, code) for code in WORLD.blocks), (True, "gone-host")]
seeds = st.integers(0, 10_000)


def a_moment(chance: Random) -> datetime:
    """Over four days; often on a slot's edge, often a few minutes off it, sometimes anywhere."""
    slot = NOW + chance.randrange(4 * 96) * 15 * MINUTE
    return slot + chance.choice([0, 0, 5, -5, 10, chance.random() * 15]) * MINUTE


def a_span(chance: Random) -> tuple[datetime, datetime]:
    begin = a_moment(chance)
    return begin, begin + chance.choice([1 / 60, 3, 14, 15, 29, 40, 130, 1450, 4000]) * MINUTE


def some_held(chance: Random, reservations: int = 12) -> list[Commitment]:
    """Nodes of several units each; units may well be held twice, for the timeline must not depend on the planner."""
    held = []
    for nth in range(reservations):
        begin, end = a_span(chance)
        for node in range(chance.randint(1, 2)):
            name = f"host-{chance.randrange(4)}"
            rails = chance.choice([0, 0, 2])
            one = Commitment(f"r-{nth}", f"team-{nth % 3}", name, True, node, begin, end, name)
            held.append(replace(one, network="fabric-a", rails=rails) if rails else one)
            for is_host, code in chance.sample(UNITS, chance.randint(0, 4)):
                watts = chance.choice([None, None, 60]) if code in WORLD.blocks else None
                held.append(Commitment(f"r-{nth}", f"team-{nth % 3}", code, is_host, node, begin, end, name, watts))
    return held


def overlapping(held: Iterable[Commitment], begin: datetime, end: datetime) -> list[Commitment]:
    return [one for one in held if one.busy_from < end and begin < one.busy_until]


def worst(held: Sequence[Commitment], weights: Sequence[int], begin: datetime, end: datetime) -> int:
    """The sum at each instant something begins, and at the first of the span."""
    instants = [begin, *(one.busy_from for one in held if begin <= one.busy_from < end)]
    return max(
        sum(weight for one, weight in zip(held, weights, strict=True) if one.busy_from <= at < one.busy_until)
        for at in instants
    )


def watts_of(one: Commitment) -> int:
    return WORLD.classes[WORLD.blocks[one.unit].device_class].tdp_w if one.watts is None else one.watts


def rack_of(one: Commitment) -> str:
    block = WORLD.blocks[one.unit]
    return WORLD.prus[block.pru].rack if block.pru else WORLD.hosts[block.host or ""].rack


def scanned(held: Sequence[Commitment], begin: datetime, end: datetime) -> dict[str, object]:
    """Every answer, the slow way."""
    blocks = [one for one in held if not one.is_host]
    answers: dict[str, object] = {
        "busy": {(one.is_host, one.unit) for one in overlapping(held, begin, end) if one.unit != "gone-host"},
        "gone": bool(overlapping([one for one in held if one.unit == "gone-host"], begin, end)),
        "ports": worst([one for one in held if one.is_host], [one.rails for one in held if one.is_host], begin, end),
    }
    for rack in ("rack-1", "rack-2"):
        mine = [one for one in blocks if rack_of(one) == rack]
        answers[rack] = worst(mine, [watts_of(one) for one in mine], begin, end)
    for team in ("team-0", "team-1", "team-2"):
        mine = [one for one in blocks if one.project == team]
        counted = [WORLD.classes[WORLD.blocks[one.unit].device_class].is_accelerator for one in mine]
        answers[team] = worst(mine, [int(is_one) for is_one in counted], begin, end)
        nics = [one for one in mine if WORLD.blocks[one.unit].device_class == NIC]
        answers[f"{team} nics"] = worst(nics, [1] * len(nics), begin, end)
    for name in WORLD.prus:
        links = {(one.reservation, one.node, one.host): one for one in blocks if WORLD.blocks[one.unit].pru == name}
        answers[name] = worst(list(links.values()), [1] * len(links), begin, end)
        answers[f"{name} links"] = {
            (*use, one.busy_from, one.busy_until) for use, one in links.items() if overlapping([one], begin, end)
        }
    return answers


def answered(timeline: Timeline, begin: datetime, end: datetime) -> dict[str, object]:
    keys, mask = timeline.shape.keys, timeline.busy(begin, end)
    answers: dict[str, object] = {
        "busy": {keys[bit] for bit in range(len(keys)) if mask >> bit & 1},
        "gone": timeline.is_busy("gone-host", begin, end, is_host=True),
        "ports": timeline.network_ports("fabric-a", begin, end),
        **{rack: timeline.rack_watts(rack, begin, end) for rack in ("rack-1", "rack-2")},
    }
    for team in ("team-0", "team-1", "team-2"):
        answers[team] = timeline.accelerators_of(team, begin, end)
        answers[f"{team} nics"] = timeline.devices_of(team, NIC, begin, end)
    for name in WORLD.prus:
        answers[name] = timeline.nodes_on_pru(name, begin, end)
        answers[f"{name} links"] = {
            (link.reservation, link.node, link.host, link.busy_from, link.busy_until)
            for link in timeline.links_on(name, begin, end)
        }
    return answers


@given(seed=seeds)
def test_every_answer_is_that_of_a_slow_scan(seed: int) -> None:
    chance = Random(seed)
    held = some_held(chance)
    timeline = Timeline(WORLD, held)

    for _ in range(8):
        span = a_span(chance)
        assert answered(timeline, *span) == scanned(held, *span)
        for is_host, unit in UNITS:
            mine = [one for one in held if (one.is_host, one.unit) == (is_host, unit)]
            assert timeline.is_busy(unit, *span, is_host=is_host) == bool(overlapping(mine, *span))


@given(seed=seeds)
def test_adding_and_removing_in_any_order_is_building_anew(seed: int) -> None:
    chance = Random(seed)
    held = some_held(chance)
    timeline = Timeline(WORLD)
    kept: list[Commitment] = []
    for one in chance.sample(held, len(held)):
        timeline.add(one)
        kept.append(one)
        if chance.random() < 0.4:
            gone = kept.pop(chance.randrange(len(kept)))
            timeline.remove(gone)

    for _ in range(4):
        span = a_span(chance)
        assert answered(timeline, *span) == scanned(kept, *span)


@given(seed=seeds)
def test_leaving_reservations_out_is_never_having_had_them(seed: int) -> None:
    chance = Random(seed)
    held = some_held(chance)
    index = PoolIndex(snapshot(WORLD, commitments=held))
    left_out = {f"r-{nth}" for nth in range(12) if chance.random() < 0.3}
    rest = [one for one in held if one.reservation not in left_out]

    without = index.without(left_out)

    for _ in range(4):
        span = a_span(chance)
        assert answered(without.timeline, *span) == scanned(rest, *span)
        assert answered(index.timeline, *span) == scanned(held, *span)  # and the index itself is as it was


@given(seed=seeds)
def test_cancelling_restores_exactly_what_was_there(seed: int) -> None:
    chance = Random(seed)
    held = some_held(chance)
    timeline = Timeline(WORLD, held)
    before = timeline.fork()
    begin, end = a_span(chance)
    timeline.add(Commitment("r-new", "team-0", "host-1", True, 0, begin, end, "host-1"))
    for code in chance.sample(sorted(WORLD.blocks), 3):
        timeline.add(Commitment("r-new", "team-0", code, False, 0, begin, end, "host-1"))

    timeline.remove_reservation("r-new")

    for _ in range(4):
        span = a_span(chance)
        assert answered(timeline, *span) == answered(before, *span) == scanned(held, *span)


def test_removing_what_is_not_there_is_a_mistake() -> None:
    one = Commitment("r-1", "team-0", "host-1", True, 0, NOW, NOW + MINUTE, "host-1")

    with pytest.raises(ValueError):
        Timeline(WORLD).remove(one)


def test_a_kept_timeline_reads_like_its_commitments() -> None:
    held = some_held(Random(1))
    timeline = Timeline(WORLD, held)
    again = Committed(timeline)

    assert sorted(again, key=repr) == sorted(held, key=repr)
    assert len(again) == len(held)
    assert PoolIndex(snapshot(WORLD, commitments=held)).timeline is not timeline
    assert PoolIndex(replace(snapshot(WORLD), commitments=again)).timeline is timeline


def test_free_units_are_the_usable_ones_that_nobody_has() -> None:
    held = [Commitment("r-1", "t", "pru-1-s02", False, 0, NOW, NOW + MINUTE, "host-1")]
    index = PoolIndex(snapshot(WORLD, commitments=held))

    assert [block.code for block in index.free(GPU, NOW, NOW + MINUTE)] == [f"pru-1-s{n:02d}" for n in (1, 3, 4, 5, 6)]
    assert index.free("no-such-class", NOW, NOW + MINUTE) == ()
    assert [one.code for one in index.free_hosts(NOW, NOW + MINUTE)] == sorted(WORLD.hosts)
    assert index.units[index.bit_of[False, "pru-2-n01"]].code == "pru-2-n01"
