"""The first starts of a mix, held against a slow scan that asks at every instant at which anything changes."""

from datetime import datetime, timedelta
from random import Random

import pytest

from scheduler.planning.attempts import plan_or_proof
from scheduler.planning.earliest import Earliest, earliest
from scheduler.planning.horizon import sliding_union
from scheduler.planning.index import PoolIndex
from scheduler.planning.snapshot import Snapshot
from scheduler.requests import ReservationRequest, Window
from tests.scheduler.planning.drawn import a_request, a_world
from tests.worlds import (
    GPU,
    NOW,
    NVME,
    POLICY,
    ask,
    commitments_of,
    group,
    host,
    snapshot,
    taken,
    two_hosts_eight_gpus,
    window,
)

SETUP, TEARDOWN = timedelta(minutes=POLICY.setup_minutes), timedelta(minutes=POLICY.teardown_minutes)
SLOT = timedelta(minutes=POLICY.slot_minutes)
TWO_HOURS = timedelta(hours=2)
DAY = timedelta(days=1)


def search(
    request: ReservationRequest,
    seen: Snapshot,
    *,
    duration: timedelta = TWO_HOURS,
    not_before: datetime = NOW + DAY,
    not_after: datetime | None = None,
    limit: int = 1,
) -> Earliest:
    return earliest(
        request=request,
        index=PoolIndex(seen),
        duration=duration,
        not_before=not_before,
        not_after=not_after,
        limit=limit,
    )


def starts(found: Earliest) -> list[datetime]:
    return [plan.starts_at for plan in found.windows]


def test_what_fits_at_the_first_moment_starts_there_and_nothing_binds_it() -> None:
    found = search(ask(group((GPU, 8))), snapshot(two_hosts_eight_gpus()))

    assert (starts(found), found.is_proven, found.binds) == ([NOW + DAY], True, ())


def test_set_up_begins_the_instant_the_last_unit_is_given_back() -> None:
    held = taken("pru-1-s01", host="host-1", when=window(hours_ahead=20, hours=7.1))

    found = search(ask(group((GPU, 8))), snapshot(two_hosts_eight_gpus(), commitments=held))

    assert starts(found) == [NOW + timedelta(hours=27, minutes=6) + SETUP]
    assert [(one.code, one.need, one.have) for one in found.binds] == [("DEVICE_BUSY", 8, 7)]


def test_a_gap_that_is_a_minute_too_short_is_passed_over() -> None:
    gap = TWO_HOURS + SETUP + TEARDOWN - timedelta(minutes=1)
    early = taken("pru-1-s01", host="host-1", when=window(hours_ahead=23, hours=2))
    again = (gap + timedelta(hours=25)) / timedelta(hours=1)
    late = taken("pru-1-s01", host="host-1", when=window(hours_ahead=again, hours=3), reservation="r-2")

    found = search(ask(group((GPU, 8))), snapshot(two_hosts_eight_gpus(), commitments=[*early, *late]))

    assert starts(found) == [NOW + timedelta(hours=28) + gap + SETUP]


def test_the_whole_mix_has_to_fit_at_once() -> None:
    """The GPUs are free from hour 26 on but for hour 27; the drives only until hour 26."""
    held = [
        *taken("pru-1-s01", host="host-1", when=window(hours_ahead=23, hours=3), reservation="r-1"),
        *taken("pru-1-b01", host="host-1", when=window(hours_ahead=26, hours=6), reservation="r-2"),
    ]

    found = search(ask(group((GPU, 8)), group((NVME, 4))), snapshot(two_hosts_eight_gpus(), commitments=held))

    assert starts(found) == [NOW + timedelta(hours=32) + SETUP]


def test_further_starts_are_a_slot_apart_while_the_gap_lasts_and_then_after_it() -> None:
    room = SETUP + TWO_HOURS + SLOT + TEARDOWN  # one start and another a slot later
    begin = (timedelta(hours=24) - SETUP + room) / timedelta(hours=1)
    held = taken("pru-1-s01", host="host-1", when=window(hours_ahead=begin, hours=10))

    found = search(ask(group((GPU, 8))), snapshot(two_hosts_eight_gpus(), commitments=held), limit=3)

    after = NOW + timedelta(hours=begin + 10) + SETUP
    assert starts(found) == [NOW + DAY, NOW + DAY + SLOT, after]


def test_no_window_ends_after_the_last_moment_and_that_there_is_none_is_proven() -> None:
    held = taken("pru-1-s01", host="host-1", when=window(hours_ahead=20, hours=8))
    seen = snapshot(two_hosts_eight_gpus(), commitments=held)
    free_from = NOW + timedelta(hours=28) + SETUP

    just = search(ask(group((GPU, 8))), seen, not_after=free_from + TWO_HOURS)
    short = search(ask(group((GPU, 8))), seen, not_after=free_from + TWO_HOURS - timedelta(seconds=1))

    assert (starts(just), just.is_proven) == ([free_from], True)
    assert (short.windows, short.is_proven, [one.code for one in short.binds]) == ((), True, ["DEVICE_BUSY"])


def test_nothing_is_looked_for_beyond_the_calendar() -> None:
    held = taken("pru-1-s01", host="host-1", when=window(hours=24 * 40))

    found = search(ask(group((GPU, 8))), snapshot(two_hosts_eight_gpus(), commitments=held))

    assert (found.windows, found.is_proven) == ((), True)


def test_what_the_pool_never_has_is_refused_without_a_search() -> None:
    found = search(ask(group((GPU, 9))), snapshot(two_hosts_eight_gpus()))

    assert (found.windows, found.is_proven) == ((), True)
    assert [one.code for one in found.binds] == ["DEVICE_UNAVAILABLE", "HOST_SLOT_LIMIT"]


def test_a_quota_that_is_used_up_is_waited_for() -> None:
    held = taken("pru-1-s01", host="host-1", when=window(hours_ahead=20, hours=9), project="team-chat")

    found = search(ask(group((GPU, 4))), snapshot(two_hosts_eight_gpus(), commitments=held, accelerators_max=4))

    assert starts(found) == [NOW + timedelta(hours=29) + SETUP]
    assert [one.code for one in found.binds] == ["QUOTA_DEVICES"]


def test_a_length_the_pool_does_not_allow_is_never_granted() -> None:
    found = search(ask(group((GPU, 1))), snapshot(two_hosts_eight_gpus()), duration=timedelta(minutes=29))

    assert (found.windows, found.is_proven, [one.code for one in found.binds]) == ((), True, ["TOO_SHORT"])


def test_no_start_is_sooner_than_its_set_up() -> None:
    found = search(ask(group((GPU, 1))), snapshot(two_hosts_eight_gpus()), not_before=NOW)

    assert starts(found) == [NOW + SETUP]


def test_a_reboot_longer_than_any_set_up_is_not_waited_for() -> None:
    slow = host("host-1", hot_add=False, reboot_seconds=660)
    world = two_hosts_eight_gpus(hosts=[slow])

    found = search(ask(group((GPU, 1))), snapshot(world), not_before=NOW)

    assert (found.windows, found.is_proven) == ((), True)


@pytest.mark.parametrize("width", [1, 2, 3, 5, 8, 9])
def test_a_sliding_union_is_that_of_every_run(width: int) -> None:
    rows = [1 << nth for nth in range(9)]

    assert sliding_union(rows, width) == [sum(rows[at : at + width]) for at in range(10 - width)]


def _slow(request: ReservationRequest, seen: Snapshot, duration: timedelta, begin: datetime, end: datetime) -> object:
    """Every instant at which a commitment ends, and the first moment, one after the other, exactly."""
    index = PoolIndex(seen)
    instants = {begin, *(one.busy_until + SETUP for one in seen.commitments)}
    for at in sorted(at for at in instants if begin <= at <= end - duration):
        moved = ReservationRequest("team-chat", "tiny", "", request.mix, Window(at, at + duration))
        plan = plan_or_proof(request=moved, index=index)
        if plan is not None:
            return plan
    return "none"


@pytest.mark.parametrize("seed", range(60))
def test_small_random_worlds_agree_with_a_slow_scan(seed: int) -> None:
    chance = Random(seed)
    world = a_world(chance)
    held = []
    for nth in range(14):
        made = a_request(chance, world, project=chance.choice(["team-chat", "team-other"]))
        plan = plan_or_proof(request=made, index=PoolIndex(snapshot(world, commitments=held)))
        held += commitments_of(plan, reservation=f"r-{nth}", project=made.project) if plan else []
    seen = snapshot(world, commitments=held, accelerators_max=chance.choice([None, 3]))
    request, duration = a_request(chance, world), timedelta(minutes=chance.randint(30, 400))
    begin, end = NOW + timedelta(minutes=chance.randint(5, 900)), NOW + timedelta(hours=40)

    found = search(request, seen, duration=duration, not_before=begin, not_after=end)

    slow = _slow(request, seen, duration, begin, end)
    assert (found.windows[0] if found.windows else "none", found.is_proven) == (slow, True)
