"""A plan made from an older snapshot, looked at again before it is written."""

from dataclasses import replace
from datetime import timedelta

from scheduler.planning.admission import fits
from scheduler.requests import Group, Line
from tests.scheduler.planning.asking import grant
from tests.shipped import lab
from tests.worlds import (
    GPU,
    NOW,
    ask,
    commitments_of,
    group,
    snapshot,
    taken,
    two_hosts_eight_gpus,
    with_block,
    with_host,
    with_rack,
)

WORLD = two_hosts_eight_gpus()
REQUEST = ask(group((GPU, 4)))
PLAN = grant(WORLD, REQUEST)


def _rows(world=WORLD, request=REQUEST, reservation="", **around):
    found = fits(plan=PLAN, snapshot=snapshot(world, **around), request=request, reservation=reservation)
    return [(one.code.value, one.field, one.need, one.have) for one in found]


def test_nothing_stands_against_a_plan_in_the_world_it_was_made_for() -> None:
    assert _rows() == []
    assert _rows(request=None) == []


def test_a_block_taken_since() -> None:
    held = taken(PLAN.nodes[0].blocks[0], host="host-2")

    assert _rows(commitments=held) == [("DEVICE_BUSY", "mix[0].lines[0].count", 4, 3)]
    assert _rows(commitments=held, request=None) == [("DEVICE_BUSY", "mix[0]", 4, 3)]


def test_a_project_that_may_hold_slices_alone_since() -> None:
    assert _rows(mig_only=True) == [("QUOTA_DEVICES", "mix[0].lines[0].count", 4, 0)]


def test_a_host_taken_since() -> None:
    assert _rows(commitments=taken(host="host-1")) == [("NO_FREE_HOST", "mix[0].nodes", 1, 0)]


def test_a_block_broken_and_a_host_cordoned_since() -> None:
    world = with_host(with_block(WORLD, PLAN.nodes[0].blocks[0], is_usable=False), "host-1", is_usable=False)

    assert _rows(world) == [
        ("DEVICE_UNAVAILABLE", "mix[0].lines[0].count", 4, 3),
        ("NO_FREE_HOST", "mix[0].nodes", 1, 0),
    ]


def test_watts_drawn_and_quota_used_up_since() -> None:
    # 1,400 at rest + 2 × 100 of another node + 4 × 100 = 2,000 W
    others = [block for block in WORLD.blocks if block.startswith("pru-1-s") and block not in PLAN.nodes[0].blocks][:2]
    held = taken(*others, host="host-2", project="team-chat")

    assert _rows(with_rack(WORLD, "rack-1", budget_w=1_999), commitments=held, accelerators_max=5) == [
        ("QUOTA_DEVICES", "mix[0].lines[0].count", 6, 5),
        ("RACK_POWER", "mix[0].lines[0].count", 2_000, 1_999),
    ]


def test_a_reservation_is_not_held_against_itself() -> None:
    own = commitments_of(PLAN, reservation="r-own", project="team-chat")

    assert _rows(commitments=own, reservation="r-own", accelerators_max=4) == []
    assert [code for code, *_ in _rows(commitments=own, accelerators_max=4)] == [
        "QUOTA_DEVICES",
        "DEVICE_BUSY",
        "NO_FREE_HOST",
    ]


def test_the_reboot_no_longer_fits_into_what_is_left_of_the_setup() -> None:
    world = with_host(with_host(WORLD, "host-1", hot_add=False, reboot_seconds=240), "host-2", is_usable=False)
    plan = grant(world, REQUEST)
    later = replace(snapshot(world), now=plan.starts_at - timedelta(seconds=239))

    found = fits(plan=plan, snapshot=later, request=REQUEST)

    assert plan.nodes[0].host == "host-1"
    assert [(one.code.value, one.need, one.have) for one in found] == [("NEEDS_REBOOT", 240, 239)]
    assert fits(plan=plan, snapshot=replace(later, now=NOW), request=REQUEST) == ()


def test_an_alternative_is_told_from_the_one_before_it_by_its_cap() -> None:
    """1,400 W at rest + 4 × 100 W is too much for the rack, 4 × 70 W is not: the second alternative was granted."""
    world = with_rack(WORLD, "rack-1", budget_w=1_700)
    ones = (Line(GPU, 4), Line(GPU, 4, power_cap_w=70))
    request = ask(Group("", 1, (Line("", 4, first_of=ones),)))
    plan = grant(world, request)

    assert {setting.power_cap_w for setting in plan.nodes[0].settings.values()} == {70}
    assert fits(plan=plan, snapshot=snapshot(world), request=request) == ()


def test_an_alternative_in_slices_is_told_from_whole_cards() -> None:
    """A project that may hold slices alone was granted the second alternative, and still is."""
    ones = (Line("nvidia-a100-pcie-80gb", 1), Line("nvidia-a100-pcie-80gb", 1, profile="3g.40gb"))
    request = ask(Group("", 1, (Line("", 1, first_of=ones),)), pool="lab")
    plan = grant(lab(), request, mig_only=True)

    assert [dict(one.layout) for one in plan.nodes[0].settings.values()] == [{"3g.40gb": 1}]
    assert fits(plan=plan, snapshot=snapshot(lab(), mig_only=True), request=request) == ()
