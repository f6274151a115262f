from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.planning.rules import rack
from scheduler.requests import Group, Line
from tests.scheduler.planning.asking import grant, rows
from tests.scheduler.planning.drafting import broken, drafted
from tests.worlds import GPU, NVME, ask, group, taken, two_hosts_eight_gpus, window, with_rack

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
