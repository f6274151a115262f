"""Holding the same devices for longer: only the added time is asked about, by every rule; the last end by two ways."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

import pytest

from scheduler.planning.extending import against, last_end, longest_end
from scheduler.planning.repricing import price_ending_at
from scheduler.planning.shortening import ending_at
from scheduler.planning.snapshot import Commitment, Snapshot
from scheduler.requests import Window
from tests.scheduler.planning.asking import grant
from tests.worlds import (
    GPU,
    ask,
    commitments_of,
    group,
    snapshot,
    taken,
    two_hosts_eight_gpus,
    window,
    with_block,
    with_host,
    with_rack,
)

WORLD = two_hosts_eight_gpus()
PLAN = grant(WORLD, ask(group((GPU, 4))))  # four GPUs on host-1 for two hours, busy five minutes longer
OWN = commitments_of(PLAN, reservation="r-own", project="team-chat")
END = PLAN.ends_at
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def found(seen: Snapshot, ends_at: datetime) -> list[tuple[str, str, object, object]]:
    refusals = against(plan=PLAN, snapshot=seen, reservation="r-own", ends_at=ends_at)
    return [(one.code.value, one.field, one.need, one.have) for one in refusals]


def between(begin: datetime, end: datetime) -> Window:
    return Window(starts_at=begin, ends_at=end)


def seen_with(*others: Commitment, world=WORLD, **more) -> Snapshot:
    return snapshot(world, commitments=[*OWN, *others], **more)


def test_where_nobody_follows_it_may_last_as_long_as_the_policy_allows() -> None:
    seen = seen_with()
    longest = longest_end(plan=PLAN, snapshot=seen)

    assert found(seen, longest) == []
    assert found(seen, longest + MINUTE) == [("TOO_LONG", "ends_at", 168.02, 168)]
    assert last_end(plan=PLAN, snapshot=seen, reservation="r-own", until=longest + HOUR) == longest


def test_what_follows_has_its_devices_before_the_clean_up_is_over() -> None:
    """Busy until five minutes after its end: an end five minutes before the next one's begin still fits."""
    blocks = PLAN.nodes[0].blocks[:2]
    seen = seen_with(*taken(*blocks, host="host-2", when=between(END + HOUR, END + 3 * HOUR)))

    assert found(seen, END + HOUR - 5 * MINUTE) == []
    assert found(seen, END + HOUR - 4 * MINUTE) == [("DEVICE_BUSY", "ends_at", 4, 2)]


def test_its_host_may_be_the_others_too() -> None:
    seen = seen_with(*taken(host="host-1", when=between(END + HOUR, END + 3 * HOUR)))

    assert found(seen, END + 2 * HOUR) == [("NO_FREE_HOST", "ends_at", 1, 0)]


def test_power_and_the_ceiling_are_asked_of_the_added_time() -> None:
    """1,400 W at rest + 2 × 100 W of the other + 4 × 100 W = 2,000 W; six GPUs of five."""
    others = [block for block in WORLD.blocks if block.startswith("pru-1-s") and block not in PLAN.nodes[0].blocks][:2]
    span = between(END + HOUR, END + 3 * HOUR)
    held = taken(*others, host="host-2", project="team-chat", when=span)
    seen = seen_with(*held, world=with_rack(WORLD, "rack-1", budget_w=1_999), accelerators_max=5)

    assert found(seen, END + HOUR - 5 * MINUTE) == []
    assert found(seen, END + 2 * HOUR) == [
        ("QUOTA_DEVICES", "ends_at", 6, 5),
        ("RACK_POWER", "ends_at", 2_000, 1_999),
    ]


def test_what_is_too_much_now_already_is_no_reason_against_a_later_time() -> None:
    """The ceiling was lowered since: three GPUs beside it end before the added time begins."""
    others = [block for block in WORLD.blocks if block.startswith("pru-1-s") and block not in PLAN.nodes[0].blocks][:3]
    held = taken(*others, host="host-2", project="team-chat", when=between(PLAN.busy_from, PLAN.busy_until))

    assert found(seen_with(*held, accelerators_max=4), END + HOUR) == []
    assert found(seen_with(*held, accelerators_max=3), END + HOUR) == [("QUOTA_DEVICES", "ends_at", 4, 3)]


def test_what_is_out_of_service_is_not_held_longer() -> None:
    world = with_host(with_block(WORLD, PLAN.nodes[0].blocks[0], is_usable=False), "host-1", is_usable=False)

    assert found(seen_with(world=world), END + HOUR) == [
        ("DEVICE_UNAVAILABLE", "ends_at", 4, 3),
        ("NO_FREE_HOST", "ends_at", 1, 0),
    ]


def test_a_host_that_reboots_for_a_device_is_not_rebooted_for_more_time() -> None:
    world = with_host(WORLD, "host-1", hot_add=False, reboot_seconds=9_999)

    assert found(seen_with(world=world), END + HOUR) == []


def test_a_price_grows_by_the_hours_at_the_booked_rates() -> None:
    price = {
        "usd": "10.01",
        "hours": "2.0000",
        "parts": [
            {"device_class": GPU, "count": 4, "rate_usd_per_hour": "1.25", "usd": "10.00"},
            {"device_class": "other", "count": 1, "rate_usd_per_hour": "0.005", "usd": "0.01"},
        ],
        "not_priced": ["nvme-a"],
        "devices": {GPU: 4},
    }

    longer = price_ending_at(price=price, plan=PLAN, ends_at=END + 90 * MINUTE)

    assert (longer["usd"], longer["hours"]) == ("17.52", "3.5000")  # 4 × 1.25 × 1.5 and 0.005 × 1.5, rounded once
    assert [part["usd"] for part in longer["parts"]] == ["17.50", "0.02"]
    assert (longer["not_priced"], longer["devices"]) == (["nvme-a"], {GPU: 4})
    assert price["usd"] == "10.01"


def test_sixty_single_minutes_cost_as_much_as_an_hour_at_once() -> None:
    """0.10 $/h is less than half a cent a minute: rounded minute by minute it would be nothing."""
    price = {
        "usd": "0.20",
        "hours": "2.0000",
        "parts": [{"device_class": GPU, "count": 1, "rate_usd_per_hour": "0.10", "usd": "0.20"}],
    }
    plan = PLAN
    for _ in range(60):
        longer = ending_at(plan=plan, ends_at=plan.ends_at + MINUTE)
        price, plan = price_ending_at(price=price, plan=plan, ends_at=longer.ends_at), longer

    assert (price["usd"], price["hours"], price["parts"][0]["usd"]) == ("0.30", "3.0000", "0.30")


def test_what_was_lacking_for_a_while_stays_uncharged() -> None:
    price = {
        "usd": "7.00",  # not 8.00: one of the four came late
        "hours": "2.0000",
        "parts": [{"device_class": GPU, "count": 4, "rate_usd_per_hour": "1.00", "usd": "7.00"}],
    }

    longer = price_ending_at(price=price, plan=PLAN, ends_at=END + HOUR)

    assert (longer["usd"], longer["hours"], longer["parts"][0]["usd"]) == ("11.00", "3.0000", "11.00")


@pytest.mark.parametrize("seed", range(12))
def test_the_last_end_is_the_one_that_asking_minute_by_minute_finds(seed: int) -> None:
    chance = Random(seed)
    seen = seen_with(*_others(chance), accelerators_max=chance.choice([None, 4, 6]))
    until = END + timedelta(minutes=chance.randrange(1, 240))
    minutes = [END + nth * MINUTE for nth in range(1, int((until - END) / MINUTE) + 1)]

    fitting = [end for end in minutes if not found(seen, end)]

    assert last_end(plan=PLAN, snapshot=seen, reservation="r-own", until=until) == max(fitting, default=None)
    assert fitting == minutes[: len(fitting)]  # whatever fits until an end fits until every earlier one


def _others(chance: Random) -> Sequence[Commitment]:
    """Up to three that begin in the hours after, some on its devices, some of its own project."""
    mine = PLAN.nodes[0].blocks
    free = [block for block in WORLD.blocks if block.startswith("pru-1-s") and block not in mine]
    made: list[Commitment] = []
    for nth in range(chance.randrange(0, 4)):
        begin = PLAN.busy_until + timedelta(minutes=chance.randrange(0, 200))
        span = between(begin, begin + timedelta(minutes=chance.randrange(10, 120)))
        block = chance.choice([mine[nth % len(mine)], free[nth]])
        project = chance.choice(["team-chat", "team-other"])
        made += taken(block, host="host-2", when=span, reservation=f"r-{nth}", project=project, with_host=False)
    return made


def test_the_window_of_the_world_is_the_one_the_sums_are_about() -> None:
    assert (PLAN.starts_at, PLAN.ends_at, PLAN.busy_until) == (
        window().starts_at,
        window().ends_at,
        window().ends_at + 5 * MINUTE,
    )
