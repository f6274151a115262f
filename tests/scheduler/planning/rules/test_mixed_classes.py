"""A line that got more than one class says so; whatever one class can serve alone is not mixed."""

from dataclasses import replace

from scheduler.planning.pricing import CENT, price_of_plan
from scheduler.requests import Line
from tests.scheduler.planning.asking import grant, nodes, rows
from tests.shipped import lab
from tests.worlds import ask, group


def _gpus(count: int):
    return ask(replace(group(), lines=(Line("", count, selector="device.memory_gib >= 48"),)), pool="lab")


def test_thirteen_of_no_class_are_mixed_with_a_warning() -> None:
    # The lab has 12 L40S, 8 H100 NVL and 4 A100 with as much memory; the 13th is of another class.
    plan = grant(lab(), _gpus(13))

    assert [len(blocks) for _, blocks in nodes(plan)] == [13]
    assert [one for one in plan.warnings if one.startswith("MIXED")] == [
        "MIXED_CLASSES: No single class had enough for mix[0].lines[0]; it got "
        "NVIDIA A100 PCIe 80GB and NVIDIA L40S 48GB."
    ]


def test_money_is_asked_for_the_classes_that_were_taken() -> None:
    """Twelve L40S and an A100 cost more than the thirteen L40S that nobody has."""
    mixed = price_of_plan(plan=grant(lab(), _gpus(13)), topology=lab()).usd

    assert nodes(grant(lab(), _gpus(13), limits={"budget_usd": mixed}))
    assert rows(lab(), _gpus(13), limits={"budget_usd": mixed - CENT}) == [
        ("BUDGET", "mix", float(mixed), float(mixed - CENT), "USD")
    ]


def test_twelve_are_of_the_one_class_that_has_them() -> None:
    plan = grant(lab(), _gpus(12))

    assert {lab().blocks[block].device_class for _, blocks in nodes(plan) for block in blocks} == {"nvidia-l40s-48gb"}
    assert [one for one in plan.warnings if one.startswith("MIXED")] == []
