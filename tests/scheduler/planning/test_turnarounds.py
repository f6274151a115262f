"""How long a device stays busy after an end: worked out by hand from the file and the policy."""

from dataclasses import replace
from datetime import timedelta

import pytest

from fabric.topology import PoolTopology
from scheduler.planning.admission import decide
from scheduler.planning.earliest import earliest
from scheduler.planning.index import PoolIndex
from scheduler.planning.stays import stays_of_plan
from scheduler.planning.turnarounds import padded, turnaround_of, turnaround_of_stays
from scheduler.planning.window import Turnaround, turnaround
from scheduler.requests import Group, Line, Mix
from tests.worlds import GPU, NVME, ask, group, snapshot, two_hosts_eight_gpus

TEN_MINUTES = 600


def with_scrubs(**seconds: int) -> PoolTopology:
    """Cards and drives that take so long to clean. The pool's own clean-up is 5 minutes, its grace to stop 1."""
    world = two_hosts_eight_gpus()
    codes = {"gpu": GPU, "nvme": NVME}
    changed = {
        codes[name]: replace(world.classes[codes[name]], scrub_seconds=n, attributes={"kind": name})
        for name, n in seconds.items()
    }
    return replace(world, classes={**world.classes, **changed})


@pytest.mark.parametrize(
    ("seconds", "found"),
    [
        (0, Turnaround(5)),  # not known: the pool's own
        (179, Turnaround(5)),  # 1 min of grace, 60 s to detach, 179 s: 4 min 59 s
        (180, Turnaround(5)),  # just as long as the pool's own
        (181, Turnaround(6, NVME)),
        (TEN_MINUTES, Turnaround(12, NVME)),
    ],
)
def test_the_slowest_class_counts_where_it_takes_longer_than_the_pool_says(seconds: int, found: Turnaround) -> None:
    world = with_scrubs(gpu=min(seconds, 90), nvme=seconds)

    assert turnaround(classes=[GPU, NVME], topology=world) == found


def test_who_does_not_take_the_slow_class_does_not_wait_for_it() -> None:
    world = with_scrubs(gpu=90, nvme=TEN_MINUTES)

    assert turnaround_of(mix=Mix((group((GPU, 1)),)), topology=world) == Turnaround(5)
    assert turnaround_of(mix=Mix((group((GPU, 1), (NVME, 1)),)), topology=world) == Turnaround(12, NVME)
    assert turnaround_of(mix=Mix((Group("", 1, ()),)), topology=world) == Turnaround(5)


def test_every_alternative_counts_so_that_all_are_padded_alike() -> None:
    world = with_scrubs(gpu=90, nvme=TEN_MINUTES)
    either = Line("", 1, first_of=(Line(GPU, 1), Line(NVME, 1)))
    any_drive = Line("", 1, selector='device.kind == "nvme"')

    assert turnaround_of(mix=Mix((Group("", 1, (either,)),)), topology=world).minutes == 12
    assert turnaround_of(mix=Mix((Group("", 1, (any_drive,)),)), topology=world).minutes == 12


def test_the_plan_the_search_for_a_time_and_the_overrun_all_keep_it() -> None:
    world = with_scrubs(gpu=90, nvme=TEN_MINUTES)
    asked = ask(group((GPU, 1), (NVME, 4)))
    seen = snapshot(world)

    plan = decide(request=asked, snapshot=seen)

    assert plan.busy_until - plan.ends_at == timedelta(minutes=12)
    assert (plan.busy_from, plan.busy_until) == padded(request=asked, index=PoolIndex(seen))
    held = stays_of_plan(PoolIndex(seen).shape, plan, reservation="r-1", project="team-chat")
    assert turnaround_of_stays(stays=held, shape=PoolIndex(seen).shape) == Turnaround(12, NVME)
    index = PoolIndex(seen)
    index.timeline.add_stays(held)
    found = earliest(
        request=asked,
        index=index,
        duration=timedelta(hours=2),
        not_before=plan.starts_at,
        not_after=None,
        limit=1,
    )
    assert found.windows[0].starts_at == plan.ends_at + timedelta(minutes=12 + 5)
