from dataclasses import replace
from datetime import timedelta

import pytest

from fabric.topology import RackFacts
from scheduler.planning.admission import fits
from scheduler.planning.plan import Setting
from scheduler.planning.rules import rack
from scheduler.requests import Group, Line
from tests.scheduler.planning.asking import grant, rows
from tests.scheduler.planning.drafting import broken, drafted
from tests.worlds import (
    GPU,
    NVME,
    ask,
    cards,
    group,
    host,
    pru,
    snapshot,
    taken,
    topology,
    two_hosts_eight_gpus,
    window,
    with_rack,
)

# At rest: 2 hosts × (500 + 50 local) + 1 PRU × 300 = 1,400 W. A GPU draws 100 W, a drive 10 W.
FIELD = "mix[0].lines[0].count"


def _world(**limits: int):
    return with_rack(two_hosts_eight_gpus(), "rack-1", **limits)


def test_the_feed_is_not_overdrawn() -> None:
    # 1,400 + 4 × 100 = 1,800 W
    assert rows(_world(budget_w=1_799), ask(group((GPU, 4)))) == [("RACK_POWER", FIELD, 1_800, 1_799, "W")]
    assert grant(_world(budget_w=1_800), ask(group((GPU, 4))))


def test_the_heat_is_shed() -> None:
    assert rows(_world(cooling_w=1_799), ask(group((GPU, 4)))) == [("RACK_COOLING", FIELD, 1_800, 1_799, "W")]
    assert grant(_world(cooling_w=1_800), ask(group((GPU, 4))))


def test_both_limits_are_told_when_both_are_broken() -> None:
    assert rows(_world(budget_w=1_799, cooling_w=1_750), ask(group((GPU, 4)))) == [
        ("RACK_POWER", FIELD, 1_800, 1_799, "W"),
        ("RACK_COOLING", FIELD, 1_800, 1_750, "W"),
    ]


def test_drives_draw_too_and_the_heaviest_line_is_named() -> None:
    # 1,400 + 2 × 10 + 3 × 100 = 1,720 W
    request = ask(group((NVME, 2), (GPU, 3)))

    assert rows(_world(budget_w=1_719), request) == [("RACK_POWER", "mix[0].lines[1].count", 1_720, 1_719, "W")]
    assert grant(_world(budget_w=1_720), request)


def test_what_others_hold_counts_at_the_worst_instant_of_the_padded_window() -> None:
    # One holds 1 GPU from the first hour on, another 2 in the second hour: at worst 300 W. 1,400 + 300 + 200 = 1,900 W.
    whole = window(hours=2)
    second = replace(whole, starts_at=whole.starts_at + timedelta(hours=1))
    held = [
        *taken("pru-1-s01", host="elsewhere-1", when=whole, with_host=False),
        *taken("pru-1-s02", "pru-1-s03", host="elsewhere-2", when=second, reservation="r-2", with_host=False),
    ]

    assert rows(_world(budget_w=1_899), ask(group((GPU, 2))), commitments=held) == [
        ("RACK_POWER", FIELD, 1_900, 1_899, "W")
    ]
    assert grant(_world(budget_w=1_900), ask(group((GPU, 2))), commitments=held)


def test_what_ends_as_another_begins_is_not_added() -> None:
    # The first hour's 2 GPUs end the instant the second hour's 2 begin: 200 W at worst. 1,400 + 200 + 100 = 1,700 W.
    whole = window(hours=2)
    middle = whole.starts_at + timedelta(hours=1)
    held = [
        *taken("pru-1-s01", "pru-1-s02", host="elsewhere-1", when=replace(whole, ends_at=middle), with_host=False),
        *taken("pru-1-s03", "pru-1-s04", host="elsewhere-2", when=replace(whole, starts_at=middle), with_host=False),
    ]

    assert grant(_world(budget_w=1_700), ask(group((GPU, 1))), commitments=held)
    assert rows(_world(budget_w=1_699), ask(group((GPU, 1))), commitments=held) == [
        ("RACK_POWER", FIELD, 1_700, 1_699, "W")
    ]


def _capped(*caps: int | None):
    return ask(Group("", 1, tuple(Line(GPU, 2, power_cap_w=cap) for cap in caps)))


NODE = ("host-1", "pru-1-s01", "pru-1-s02")


def test_a_power_cap_counts_in_place_of_the_draw() -> None:
    # 1,400 + 2 × 60 = 1,520 W; a cap above the 100 W of the card changes nothing.
    assert broken(rack.POWER_RULE, _world(budget_w=1_519), _capped(60), NODE) == [
        ("RACK_POWER", FIELD, 1_520, 1_519, "W")
    ]
    assert broken(rack.POWER_RULE, _world(budget_w=1_520), _capped(60), NODE) == []
    assert broken(rack.COOLING_RULE, _world(cooling_w=1_520), _capped(60), NODE) == []
    assert broken(rack.POWER_RULE, _world(budget_w=1_520), _capped(150), NODE) == [
        ("RACK_POWER", FIELD, 1_600, 1_520, "W")
    ]


def test_lines_of_one_class_are_counted_each_with_its_own_cap() -> None:
    # 1,400 + 2 × 60 + 2 × 100 = 1,720 W
    node = (*NODE, "pru-1-s03", "pru-1-s04")

    assert broken(rack.POWER_RULE, _world(budget_w=1_719), _capped(60, None), node) == [
        ("RACK_POWER", FIELD, 1_720, 1_719, "W")
    ]
    assert broken(rack.POWER_RULE, _world(budget_w=1_720), _capped(60, None), node) == []


@pytest.mark.parametrize(("budget", "proposed"), [(1_561, [80]), (1_500, [50]), (1_499, [])])
def test_the_cap_that_would_fit_is_proposed(budget: int, proposed: list[int]) -> None:
    # 161 W are left for two cards: 80 W each. Below half of its 100 W no card is held.
    case, draft = drafted(_world(budget_w=budget), _capped(None), NODE)

    (refusal,) = rack.POWER_RULE.violations(case, draft)

    assert [(one.kind, one.value) for one in refusal.suggestions] == [("power_cap", watts) for watts in proposed]


def test_of_two_lines_of_one_class_the_capped_one_goes_where_watts_are_short() -> None:
    """Two cards in each of two racks. A PRU draws 300 W, so rack-2 has 100 W left: for two cards held to 50 W."""
    racks = [RackFacts("rack-1", 500, 500), RackFacts("rack-2", 400, 400), RackFacts("rack-3", 9_000, 9_000)]
    world = topology(
        hosts=[host("host-1", rack="rack-3")],
        prus=[pru("pru-1", rack="rack-1"), pru("pru-2", rack="rack-2")],
        blocks=[*cards("pru-1", GPU, 2), *cards("pru-2", GPU, 2)],
        racks=racks,
    )

    plan = grant(world, _capped(50, None))

    held = {"pru-2-s01": Setting(power_cap_w=50), "pru-2-s02": Setting(power_cap_w=50)}
    assert [node.settings for node in plan.nodes] == [held]
    assert fits(plan=plan, snapshot=snapshot(world), request=_capped(50, None)) == ()
    assert fits(plan=plan, snapshot=snapshot(world)) == ()
    assert [code for code, *_ in rows(world, _capped(51, None))] == ["RACK_POWER", "RACK_COOLING"]


def test_the_cap_of_what_is_committed_counts_too() -> None:
    # Two cards of somebody else at 60 W: 1,400 + 120 + 2 × 100 = 1,720 W.
    held = [
        replace(one, watts=None if one.is_host else 60)
        for one in taken("pru-1-s07", "pru-1-s08", host="elsewhere", with_host=False)
    ]

    assert broken(rack.POWER_RULE, _world(budget_w=1_719), _capped(None), NODE, commitments=held) == [
        ("RACK_POWER", FIELD, 1_720, 1_719, "W")
    ]
    assert broken(rack.POWER_RULE, _world(budget_w=1_720), _capped(None), NODE, commitments=held) == []
