"""What a mix leaves open is settled in order: `first_of` as listed, selectors by the cheapest class that is enough."""

from dataclasses import replace
from typing import Any

import pytest

from fabric.topology import PoolTopology
from scheduler.limits import CHOICES_MAX, VARIANTS_MAX
from scheduler.planning.choices import Choice, choices, open_wishes, settled, unmatched, variants
from scheduler.planning.wishes import wishes_of
from scheduler.refusals import RefusalCode
from scheduler.requests import Group, Line, Mix
from tests.shipped import catalogue_only, lab, pod

L40S, A100, H100, H200 = (
    "nvidia-l40s-48gb",
    "nvidia-a100-pcie-80gb",
    "nvidia-h100-nvl-94gb",
    "nvidia-h200-nvl-141gb",
)
RTX, NVME = "nvidia-rtx-pro-6000-server-96gb", "kioxia-cm7-r-15tb"
GPUS_OF_40_GIB = "device.kind == 'gpu' && device.memory_gib >= 40 && device.pcie_generation >= 4"


def mix(*lines: Line, nodes: int = 1) -> Mix:
    return Mix((Group("", nodes, lines),))


def selected(text: str, count: int = 1, **more: Any) -> Line:
    return Line("", count, selector=text, **more)


def only(world: PoolTopology, asked: Mix) -> Choice:
    (choice,) = choices(asked, world)
    return choice


def classes(world: PoolTopology, asked: Mix) -> list[list[str]]:
    """Of each variant, the first class of every line of the first node."""
    return [[ask.classes[0] for ask in wishes[0].asks] for wishes in variants(only(world, asked), world)]


def test_a_mix_that_leaves_nothing_open_is_its_own_choice() -> None:
    asked = mix(Line(H100, 4), Line(NVME, 1), nodes=2)

    choice = only(lab(), asked)

    assert choice == Choice(asked, {})
    assert list(variants(choice, lab())) == [wishes_of(asked, lab().classes)] == [open_wishes(choice, lab())]


def test_alternatives_come_in_the_order_of_the_list() -> None:
    asked = mix(Line("", 2, first_of=(Line(H100, 2), Line(L40S, 4))), Line(NVME, 1))

    found = list(choices(asked, lab()))

    assert [(one.picked, [line.device_class for line in one.mix.groups[0].lines]) for one in found] == [
        ({"mix[0].lines[0]": 0}, [H100, NVME]),
        ({"mix[0].lines[0]": 1}, [L40S, NVME]),
    ]
    assert [wish.fields for wishes in variants(found[1], lab()) for wish in wishes] == [
        {L40S: "mix[0].lines[0].first_of[1].count", NVME: "mix[0].lines[1].count"}
    ]


def test_several_lists_are_tried_with_the_last_changing_first() -> None:
    pair = Line("", 1, first_of=(Line(H100, 1), Line(L40S, 1)))

    picked = [tuple(one.picked.values()) for one in choices(Mix((Group("", 1, (pair,)), Group("", 1, (pair,)))), lab())]

    assert picked == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_no_more_choices_than_the_ceiling_are_tried() -> None:
    pair = Line("", 1, first_of=(Line(H100, 1), Line(L40S, 1)))

    assert len(list(choices(mix(*[pair] * 7), lab()))) == CHOICES_MAX


def test_an_alternative_the_pool_has_nothing_of_is_passed_over_unless_all_are() -> None:
    one_here = mix(Line("", 1, first_of=(Line("google-tpu-v5e", 1), selected("device.kind == 'tpu'"), Line(L40S, 1))))
    none_here = mix(Line("", 1, first_of=(Line("google-tpu-v5e", 1), Line("google-tpu-v4", 1))))

    assert [one.picked for one in choices(one_here, lab())] == [{"mix[0].lines[0]": 2}]
    assert [one.picked for one in choices(none_here, lab())] == [{"mix[0].lines[0]": 0}]


def test_settled_takes_only_the_alternatives_it_is_told() -> None:
    pair = Line("", 1, first_of=(Line(H100, 1), Line(L40S, 1)))

    assert settled(mix(pair, pair), {"mix[0].lines[1]": 1}) == mix(pair, Line(L40S, 1))


def test_a_selector_takes_the_cheapest_class_first_and_what_is_not_priced_last() -> None:
    # A100 1.30, L40S 1.55, H100 3.07 and H200 3.50 dollars an hour (NVL and SXM alike, the NVL with less TDP first).
    found = [codes[0] for codes in classes(pod(), mix(selected(GPUS_OF_40_GIB)))]

    priced = [pod().classes[code].rate_usd_per_hour for code in found]
    assert found[:2] == [A100, L40S]
    assert (found[-1], priced[-1]) == (RTX, None)
    assert priced[:-1] == sorted(rate for rate in priced if rate is not None)


def test_a_class_of_which_the_pool_has_too_few_for_the_group_is_not_a_variant_but_may_be_mixed_in() -> None:
    asked = mix(selected("device.kind == 'gpu'", 3), nodes=2)  # the lab has four A100

    variant = classes(lab(), asked)
    (ask,) = open_wishes(only(lab(), asked), lab())[0].asks

    assert variant == [[L40S], [H100]]
    assert ask.classes == (A100, L40S, H100)


def test_where_no_class_is_enough_all_are_variants() -> None:
    assert classes(lab(), mix(selected("device.kind == 'gpu'", 30), nodes=2)) == [[A100], [L40S], [H100]]


def test_several_selectors_are_resolved_to_the_cheapest_whole() -> None:
    asked = mix(selected("device.kind == 'gpu'", 4), selected("device.kind == 'gpu' && device.tdp_w >= 350"))

    # A100 1.30, L40S 1.55, H100 3.07: four of the first line weigh more than one of the second.
    assert classes(lab(), asked) == [
        [A100, L40S],
        [L40S, L40S],
        [A100, H100],
        [L40S, H100],
        [H100, L40S],
        [H100, H100],
    ]


def test_no_more_variants_than_the_ceiling_are_tried() -> None:
    any_gpu = selected("device.kind == 'gpu'")

    assert len(classes(pod(), mix(any_gpu, any_gpu, any_gpu))) == VARIANTS_MAX


def test_a_selector_of_blocks_keeps_only_those_it_matches() -> None:
    asked = mix(selected(f"device.device_class == '{H100}' && device.slot <= 2", 2))

    ((wish,),) = variants(only(lab(), asked), lab())

    assert wish.asks[0].blocks == {"pru-02-s01", "pru-02-s02"}
    assert open_wishes(only(lab(), asked), lab()) == (wish,)


def test_a_selector_of_blocks_that_tells_none_of_a_class_apart_asks_for_the_class() -> None:
    asked = mix(selected(f"device.device_class == '{H100}' && device.pru == 'pru-02'", 2))

    ((wish,),) = variants(only(lab(), asked), lab())

    assert wish.asks[0].blocks is None


def test_blocks_of_several_classes_are_kept_together_for_a_mixed_answer() -> None:
    asked = mix(selected("device.pru == 'pru-02' && device.slot >= 8 && device.kind == 'gpu'"))

    (ask,) = open_wishes(only(lab(), asked), lab())[0].asks

    assert ask.classes == (A100, H100)
    assert ask.blocks == {"pru-02-s08", "pru-02-s09", "pru-02-s10", "pru-02-s11", "pru-02-s12"}


def test_slices_of_one_class_are_one_ask_of_whole_cards() -> None:
    asked = mix(Line(A100, 3, profile="3g.40gb"), Line(NVME, 1), Line(A100, 1, profile="4g.40gb"))

    ((wish,),) = variants(only(lab(), asked), lab())

    first, drive = wish.asks
    assert (first.field, first.count, first.slices) == ("mix[0].lines[0].count", 2, {"3g.40gb": 3, "4g.40gb": 1})
    assert (drive.count, drive.slices) == (1, {})
    assert wish.need == {A100: 2, NVME: 1}


def test_slices_under_different_caps_are_asked_for_apart() -> None:
    capped = Line(A100, 1, profile="3g.40gb", power_cap_w=200)

    ((wish,),) = variants(only(lab(), mix(capped, replace(capped, power_cap_w=None))), lab())

    assert [(ask.count, ask.power_cap_w) for ask in wish.asks] == [(1, 200), (1, None)]


def test_a_selector_with_a_profile_matches_only_what_may_be_cut_so() -> None:
    sliced = selected("device.kind == 'gpu'", 2, profile="1g.24gb")  # H100 NVL has it too, but none that may be cut

    assert classes(pod(), mix(sliced)) == [[RTX]]


def test_a_selector_with_a_cap_matches_only_what_draws_as_much() -> None:
    assert classes(lab(), mix(selected("device.kind == 'gpu'", power_cap_w=400))) == [[H100]]


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        (
            "device.memory_gib > 100000",
            RefusalCode.DEVICE_UNAVAILABLE,
            "Nothing in the pool matches the selector.",
        ),
        (
            "device.device_class == 'amd-mi325x-256gb'",
            RefusalCode.DEVICE_UNAVAILABLE,
            "Nothing in the pool matches the selector; of what the catalogue knows it matches AMD Instinct MI325X.",
        ),
        (
            "device.device_class == 'google-tpu-v5e'",
            RefusalCode.NOT_POOLABLE,
            "The selector matches only Google Cloud TPU v5e, "
            "which is rented from its maker's cloud and is never in a pool.",
        ),
    ],
)
def test_a_selector_that_matches_nothing_here_says_why(text: str, code: RefusalCode, message: str) -> None:
    asked = mix(Line(NVME, 1), selected(text, 3))

    (refusal,) = unmatched(only(lab(), asked), lab(), catalogue_only())

    assert (refusal.code, refusal.field, refusal.message) == (code, "mix[0].lines[1].selector", message)
    assert list(variants(only(lab(), asked), lab())) == []
    assert open_wishes(only(lab(), asked), lab()) == ()


def test_nothing_is_unmatched_where_everything_is_found() -> None:
    assert unmatched(only(lab(), mix(selected("device.kind == 'gpu'"))), lab(), catalogue_only()) == []
