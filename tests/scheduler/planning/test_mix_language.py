"""The language of a mix as the planner answers it: what is granted for what was left open, and why not."""

from typing import Any

from scheduler.limits import SELECTOR_CHARS_MAX
from scheduler.planning.plan import Plan
from scheduler.requests import Group, Line, Mix, Placement, ReservationRequest
from tests.scheduler.planning.asking import grant, rows
from tests.shipped import lab
from tests.worlds import commitments_of, window

L40S, A100, H100 = "nvidia-l40s-48gb", "nvidia-a100-pcie-80gb", "nvidia-h100-nvl-94gb"
FIRST = "mix[0].lines[0]"


def asked(*lines: Line, nodes: int = 1, **placement: Any) -> ReservationRequest:
    mix = Mix((Group("", nodes, lines, Placement(**placement)),))
    return ReservationRequest(project="team-chat", pool="lab", title="", mix=mix, window=window())


def selected(text: str, count: int = 1, **more: Any) -> Line:
    return Line("", count, selector=text, **more)


def classes(plan: Plan) -> list[list[str]]:
    return [sorted(lab().blocks[code].device_class for code in node.blocks) for node in plan.nodes]


def test_a_selector_is_granted_the_cheapest_class() -> None:
    assert classes(grant(lab(), asked(selected("device.kind == 'gpu'", 2)))) == [[A100, A100]]


def test_the_next_class_is_taken_where_the_cheapest_is_held_by_others() -> None:
    others = commitments_of(grant(lab(), asked(Line(A100, 4))))

    plan = grant(lab(), asked(selected("device.kind == 'gpu'", 2)), commitments=others)

    assert classes(plan) == [[L40S, L40S]]


def test_a_selector_of_blocks_is_granted_only_those() -> None:
    request = asked(selected(f"device.device_class == '{A100}' && device.slot in [10, 12]", 2))

    (node,) = grant(lab(), request).nodes

    assert node.blocks == ("pru-02-s10", "pru-02-s12")


def test_more_than_a_selector_of_blocks_matches_is_refused_with_the_numbers() -> None:
    found = rows(lab(), asked(selected(f"device.device_class == '{A100}' && device.slot in [10, 12]", 3)))

    assert [(code, field, need, have) for code, field, need, have, _ in found] == [
        ("DEVICE_UNAVAILABLE", f"{FIRST}.count", 3, 2)
    ]


def test_classes_are_mixed_only_where_no_single_one_is_enough() -> None:
    request = asked(selected("device.kind == 'gpu' && device.tdp_w <= 350", 14), host_class="host-large")

    plan = grant(lab(), request)  # the lab has four A100 and twelve L40S

    assert set(classes(plan)[0]) == {A100, L40S}
    assert [warning.partition(":")[0] for warning in plan.warnings if "MIXED" in warning] == ["MIXED_CLASSES"]


def test_nothing_that_matches_is_a_refusal_of_the_selector() -> None:
    assert rows(lab(), asked(selected("device.memory_gib > 100000"))) == [
        ("DEVICE_UNAVAILABLE", f"{FIRST}.selector", 1, 0, "devices")
    ]


def test_the_first_alternative_that_fits_is_taken() -> None:
    either = Line("", 9, first_of=(Line(H100, 9), Line(L40S, 2), Line(A100, 1)))

    assert classes(grant(lab(), asked(either))) == [[L40S, L40S]]


def test_where_no_alternative_fits_the_first_says_why_at_its_own_path() -> None:
    either = Line("", 9, first_of=(Line(H100, 9), Line(A100, 5)))

    assert {(code, field) for code, field, *_ in rows(lab(), asked(either))} == {
        ("DEVICE_UNAVAILABLE", f"{FIRST}.first_of[0].count")
    }


def test_slices_are_granted_as_cards_that_may_be_cut_with_their_layout() -> None:
    request = asked(Line(A100, 3, profile="3g.40gb"), Line(A100, 1, profile="4g.40gb"))

    (node,) = grant(lab(), request).nodes

    layouts = [dict(node.settings[block].layout) for block in node.blocks]
    assert sorted(layouts, key=str) == [{"3g.40gb": 2}, {"4g.40gb": 1, "3g.40gb": 1}]
    assert all(lab().blocks[block].is_mig_capable for block in node.blocks)


def test_a_cap_is_set_on_every_card_of_its_line() -> None:
    (node,) = grant(lab(), asked(Line(L40S, 2, power_cap_w=200))).nodes

    assert [node.settings[block].power_cap_w for block in node.blocks] == [200, 200]


def test_a_group_without_lines_is_granted_a_host_alone() -> None:
    plan = grant(lab(), asked(nodes=2, host_cores=32))

    assert [node.blocks for node in plan.nodes] == [(), ()]
    assert len({node.host for node in plan.nodes}) == 2
    assert all(lab().hosts[node.host].cores >= 32 for node in plan.nodes)


def test_a_selector_as_long_as_is_allowed_is_answered() -> None:
    pick = " || ".join(f"device.code == '{A100[:3]}{n}'" for n in range(25))

    assert len(pick) < SELECTOR_CHARS_MAX
    assert [code for code, *_ in rows(lab(), asked(selected(pick)))] == ["DEVICE_UNAVAILABLE"]
