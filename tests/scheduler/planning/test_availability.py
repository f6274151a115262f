"""Free counts over time, held against asking every unit of every step."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from scheduler.planning.availability import availability, free_between
from scheduler.planning.index import PoolIndex
from tests.worlds import GPU, NOW, NVME, cards, host, pru, snapshot, taken, two_hosts_eight_gpus, window, with_block

HOUR = timedelta(hours=1)


def test_a_unit_counts_in_a_step_only_if_it_is_free_for_the_whole_of_it() -> None:
    held = taken("pru-1-s01", "pru-1-s02", host="host-1", when=window(hours_ahead=1.5, hours=1))
    index = PoolIndex(snapshot(two_hosts_eight_gpus(), commitments=held))

    found = availability(index=index, begin=NOW, end=NOW + 4 * HOUR, step=HOUR)

    assert found.starts == tuple(NOW + n * HOUR for n in range(4))
    assert found.classes[GPU].whole_step == (8, 6, 6, 8)
    assert found.hosts.whole_step == (2, 1, 1, 2)
    assert found.classes[NVME].whole_step == (4, 4, 4, 4)


def test_each_class_says_how_long_it_stays_busy_after_an_end() -> None:
    """Drives: a minute of grace, one to detach, ten to wipe. Cards and hosts: the pool's own five."""
    world = two_hosts_eight_gpus()
    drives = replace(world.classes[NVME], scrub_seconds=600)
    index = PoolIndex(snapshot(replace(world, classes={**world.classes, NVME: drives})))

    found = availability(index=index, begin=NOW, end=NOW + HOUR, step=HOUR)

    assert (found.classes[NVME].turnaround_minutes, found.classes[GPU].turnaround_minutes) == (12, 5)
    assert found.hosts.turnaround_minutes == 5


def test_the_hours_after_a_step_may_reach_beyond_the_period() -> None:
    held = taken("pru-1-s01", host="host-1", when=window(hours_ahead=3.5, hours=1))
    index = PoolIndex(snapshot(two_hosts_eight_gpus(), commitments=held))

    found = availability(index=index, begin=NOW, end=NOW + 2 * HOUR, step=HOUR, hours=3 * HOUR)

    assert found.classes[GPU].whole_step == (8, 8)
    assert found.classes[GPU].whole_hours == (8, 7)


def test_steps_may_be_of_any_length() -> None:
    held = taken("pru-1-s01", host="host-1", when=window(hours_ahead=4, hours=1))
    edges = (NOW, NOW + HOUR, NOW + 4 * HOUR, NOW + 24 * HOUR)

    found = free_between(index=PoolIndex(snapshot(two_hosts_eight_gpus(), commitments=held)), edges=edges)

    assert (found.starts, found.classes[GPU].whole_step, found.hosts.whole_step) == (edges[:3], (8, 8, 7), (2, 2, 1))


def test_with_the_clean_up_a_class_that_is_wiped_for_long_must_be_free_for_longer() -> None:
    """Somebody takes a card and a drive at eleven; it is eight. Two hours from half past eight, from five to nine and
    from nine on are over in time. A card is clean five minutes after that, at eleven the second time, and a drive
    twelve.
    """
    world = two_hosts_eight_gpus()
    drive = next(code for code, block in world.blocks.items() if block.device_class == NVME)
    drives = replace(world.classes[NVME], scrub_seconds=600)
    held = taken("pru-1-s01", drive, host="host-1", when=window(hours_ahead=3, hours=1))
    index = PoolIndex(snapshot(replace(world, classes={**world.classes, NVME: drives}), commitments=held))
    edges = (NOW + 0.5 * HOUR, NOW + timedelta(minutes=55), NOW + HOUR, NOW + 2 * HOUR)

    plain = free_between(index=index, edges=edges, hours=2 * HOUR)
    clean = free_between(index=index, edges=edges, hours=2 * HOUR, with_clean_up=True)

    assert (plain.classes[GPU].whole_hours, plain.classes[NVME].whole_hours) == ((8, 8, 8), (4, 4, 4))
    assert (clean.classes[GPU].whole_hours, clean.classes[NVME].whole_hours) == ((8, 8, 7), (4, 3, 3))


def test_what_is_out_of_service_is_never_free() -> None:
    world = with_block(two_hosts_eight_gpus(), "pru-1-s01", is_usable=False)

    found = availability(index=PoolIndex(snapshot(world)), begin=NOW, end=NOW + HOUR, step=HOUR)

    gpus = found.classes[GPU]
    assert (gpus.total, gpus.usable, gpus.whole_step) == (8, 7, (7,))


def test_a_zone_counts_only_its_own() -> None:
    world = two_hosts_eight_gpus(
        hosts=[host("host-1"), host("host-2", zone="zone-2")],
        prus=[pru("pru-1"), pru("pru-2", zone="zone-2")],
        blocks=[*cards("pru-1", GPU, 3), *cards("pru-2", GPU, 5, zone="zone-2")],
    )

    found = availability(index=PoolIndex(snapshot(world)), begin=NOW, end=NOW + HOUR, step=HOUR, zone="zone-2")

    assert (found.classes[GPU].whole_step, found.hosts.whole_step) == ((5,), (1,))


@pytest.mark.parametrize("seed", range(10))
def test_counts_are_those_of_asking_every_unit(seed: int) -> None:
    chance = Random(seed)
    world = two_hosts_eight_gpus()
    held = []
    for nth in range(12):
        when = window(hours_ahead=chance.randint(0, 900) / 60, hours=chance.randint(1, 400) / 60)
        held += taken(chance.choice(sorted(world.blocks)), host="host-1", when=when, reservation=f"r-{nth}")
    index = PoolIndex(snapshot(world, commitments=held))

    found = availability(index=index, begin=NOW, end=NOW + 15 * HOUR, step=timedelta(minutes=37), hours=2 * HOUR)

    for nth, at in enumerate(found.starts):
        ends = ((found.classes[GPU].whole_step, min(at + timedelta(minutes=37), NOW + 15 * HOUR)),)
        for counts, end in (*ends, (found.classes[GPU].whole_hours, at + 2 * HOUR)):
            busy = {one.unit for one in held if one.busy_from < end and at < one.busy_until}
            mine = [block for block in world.blocks.values() if block.device_class == GPU]
            assert counts[nth] == sum(block.code not in busy for block in mine)
