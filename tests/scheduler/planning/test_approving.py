"""Which rules ask for consent: tables worked out by hand."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from scheduler.planning.approving import (
    Reason,
    Rule,
    Size,
    asked_anew,
    minutes_of,
    refusal_of,
    route_of,
    rules_that_apply,
)
from scheduler.states import Priority, Route

SIZE = Size(
    project="chat",
    priority=Priority.NORMAL,
    devices={"h100": 6, "l40s": 4, "nvme": 2},
    accelerators=10,
    hours=Decimal("48"),
    usd=Decimal("1200.50"),
)


def is_asked(**conditions: Any) -> bool:
    return bool(rules_that_apply(rules=[Rule(**conditions)], size=SIZE))


@pytest.mark.parametrize(
    ("conditions", "applies"),
    [
        ({}, True),  # every reservation of the pool
        ({"devices_over": 9}, True),  # accelerators: 10
        ({"devices_over": 10}, False),  # not over
        ({"device_class": "h100"}, True),  # any of the class
        ({"device_class": "a100"}, False),
        ({"device_class": "h100", "devices_over": 5}, True),  # of the class: 6
        ({"device_class": "h100", "devices_over": 6}, False),
        ({"hours_over": 47}, True),
        ({"hours_over": 48}, False),
        ({"usd_over": Decimal("1200.49")}, True),
        ({"usd_over": Decimal("1200.50")}, False),
        ({"priority": Priority.NORMAL}, True),
        ({"priority": Priority.PRODUCTION}, False),
        ({"project": "chat"}, True),
        ({"project": "research"}, False),
        ({"devices_over": 8, "hours_over": 24}, True),
        ({"devices_over": 8, "hours_over": 72}, False),  # every condition must hold
    ],
)
def test_a_rule_applies_where_every_condition_holds(conditions: dict[str, Any], applies: bool) -> None:
    assert is_asked(**conditions) is applies


def test_the_strictest_route_and_the_shortest_time_are_taken() -> None:
    lead, operator = Rule(decide_minutes=60), Rule(route=Route.OPERATOR, decide_minutes=600)

    reasons = rules_that_apply(rules=[lead, operator], size=SIZE)

    assert (route_of(reasons), minutes_of(reasons)) == (Route.OPERATOR, 60)


@pytest.mark.parametrize(
    ("conditions", "words"),
    [
        ({}, "every reservation of this pool"),
        ({"devices_over": 8}, "10 × accelerator (more than 8)"),
        ({"device_class": "h100"}, "6 × h100"),
        ({"device_class": "h100", "devices_over": 5}, "6 × h100 (more than 5)"),
        ({"hours_over": 24, "usd_over": Decimal(1000)}, "48 hours (more than 24), 1,200.50 USD (more than 1,000.00)"),
        ({"priority": Priority.NORMAL, "project": "chat"}, "priority normal, project chat"),
    ],
)
def test_a_reason_says_what_holds(conditions: dict[str, Any], words: str) -> None:
    assert rules_that_apply(rules=[Rule(**conditions)], size=SIZE) == (Reason(Route.LEAD, 1440, words),)


BIG, DEAR = Rule(devices_over=8), Rule(usd_over=Decimal(1000))


@pytest.mark.parametrize(
    ("rules", "change", "asks"),
    [
        ([BIG], {}, False),  # what it was is consented to
        ([BIG], {"devices": {"h100": 6, "l40s": 3}, "accelerators": 9}, False),  # less
        ([BIG], {"hours": Decimal(12)}, False),  # shorter
        ([BIG], {"devices": {"h100": 7, "l40s": 4}, "accelerators": 11}, True),
        ([BIG], {"devices": {"h100": 5, "l40s": 5}, "accelerators": 10}, True),  # more of one class
        ([BIG], {"hours": Decimal("48.5")}, True),
        ([BIG], {"priority": Priority.PRODUCTION}, True),
        ([BIG], {"priority": Priority.LOW}, False),
        ([BIG], {"project": "research"}, True),
        ([BIG], {"usd": Decimal(9999)}, False),  # this rule has no price
        ([DEAR], {"usd": Decimal(1300)}, True),
        ([DEAR], {"usd": Decimal(1100)}, False),  # cheaper
        ([Rule(devices_over=20)], {"hours": Decimal(99)}, False),  # applies to neither
    ],
)
def test_a_change_needs_consent_anew_where_it_makes_more_of_it(
    rules: list[Rule], change: dict[str, Any], asks: bool
) -> None:
    assert bool(asked_anew(rules=rules, before=SIZE, after=replace(SIZE, **change))) is asks


def test_the_refusal_says_who_may_make_the_change() -> None:
    reasons = (Reason(Route.LEAD, 60, "10 × accelerator (more than 8)"),)

    refusal = refusal_of(reasons=reasons, field="ends_at")

    assert (refusal.code, refusal.field, refusal.overridable_by) == ("NEEDS_APPROVAL", "ends_at", "lead")
    assert refusal.message == (
        "It would need consent: 10 × accelerator (more than 8). A lead of the project, or an operator, may make this "
        "change, or it is booked on its own."
    )
