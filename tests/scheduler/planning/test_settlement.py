"""What is due at an end that was not booked: worked out by hand."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from scheduler.planning.plan import Plan
from scheduler.planning.settlement import due_usd, late_charge, owing, settled
from scheduler.states import ReservationState as R
from tests.worlds import NOW

HOUR = timedelta(hours=1)
END = NOW + 4 * HOUR
PRICE = {
    "usd": "80.00",
    "hours": "4.0000",
    "parts": [{"device_class": "gpu-a", "count": 8, "rate_usd_per_hour": "2.50", "usd": "80.00"}],
    "not_priced": [],
    "devices": {"gpu-a": 8},
}
PLAN = Plan(pool="tiny", generation=1, starts_at=NOW, ends_at=END, busy_from=NOW, busy_until=END, nodes=())
POLICY = {"cancel_free_until_hours": 24, "late_cancel_percent": 30}


@pytest.mark.parametrize(
    ("state", "hours_before", "policy", "usd"),
    [
        (R.CONFIRMED, 24, POLICY, "0"),
        (R.CONFIRMED, 23.9, POLICY, "24.00"),
        (R.COMPOSING, 0, POLICY, "24.00"),
        (R.HELD, 1, POLICY, "0"),
        (R.PENDING_APPROVAL, 1, POLICY, "0"),
        (R.ACTIVE, 0.05, POLICY, "24.00"),  # set up before it begins
        (R.ACTIVE, 0, POLICY, "0"),
        (R.ACTIVE, -1, POLICY, "0"),
        (R.CONFIRMED, 1, {"cancel_free_until_hours": 24}, "0"),
    ],
)
def test_who_withdraws_late_pays_what_the_policy_says(
    state: str, hours_before: float, policy: dict[str, Any], usd: str
) -> None:
    now = NOW - timedelta(hours=hours_before)

    assert late_charge(price=PRICE, state=state, starts_at=NOW, policy=policy, now=now) == Decimal(usd)


@pytest.mark.parametrize(("booked", "usd"), [("1.95", "0.59"), ("1.55", "0.47"), ("1.94", "0.58")])
def test_half_a_cent_of_it_is_a_whole_one_as_in_the_price(booked: str, usd: str) -> None:
    """30 percent are 0.585, 0.465 and 0.582."""
    price = {**PRICE, "usd": booked}

    assert late_charge(price=price, state=R.CONFIRMED, starts_at=NOW, policy=POLICY, now=NOW) == Decimal(usd)


@pytest.mark.parametrize(
    ("state", "hours_before", "usd"), [(R.CONFIRMED, 90, "30.00"), (R.CONFIRMED, 1, "30.00"), (R.ACTIVE, -1, "0")]
)
def test_what_a_change_left_owing_is_charged_until_it_is_in_use(state: str, hours_before: float, usd: str) -> None:
    """More than the 24.00 of a late cancel."""
    price = owing(price=PRICE, charge=Decimal("30.00"))
    now = NOW - timedelta(hours=hours_before)

    assert late_charge(price=price, state=state, starts_at=NOW, policy=POLICY, now=now) == Decimal(usd)


@pytest.mark.parametrize(
    ("state", "to", "hours", "least", "usd", "because"),
    [
        (R.ACTIVE, R.ENDED, 4, "0", "80.00", ""),
        (R.ACTIVE, R.ENDED, 1.5, "0", "30.00", "given_back_early"),
        (R.ACTIVE, R.FAILED, 1, "0", "20.00", "given_back_early"),
        (R.ACTIVE, R.ENDED, -0.5, "0", "0.00", "given_back_early"),
        (R.CONFIRMED, R.CANCELLED, -2, "0", "0.00", "withdrawn"),
        (R.CONFIRMED, R.CANCELLED, -2, "24", "24.00", "late_cancel"),
        (R.HELD, R.EXPIRED, -2, "0", "0.00", "not_fulfilled"),
        (R.COMPOSING, R.FAILED, 1, "0", "0.00", "not_fulfilled"),
        (R.COMPOSING, R.ENDED, -0.05, "24", "24.00", "late_cancel"),
        (R.ACTIVE, R.CANCELLED, -0.05, "24", "24.00", "late_cancel"),
    ],
)
def test_what_is_due_at_an_end(state: str, to: str, hours: float, least: str, usd: str, because: str) -> None:
    """Eight devices at 2.50 an hour, booked for four hours."""
    now = NOW + timedelta(hours=hours)
    found = settled(price=PRICE, plan=PLAN, state=state, to=to, now=now, least=Decimal(least))

    assert due_usd(found) == Decimal(usd)
    assert found.get("due", {}).get("because", "") == because
    assert {key: found[key] for key in PRICE} == PRICE


def test_it_is_settled_once() -> None:
    once = settled(price=PRICE, plan=PLAN, state=R.ACTIVE, to=R.ENDED, now=NOW + HOUR)

    assert settled(price=once, plan=PLAN, state=R.RELEASING, to=R.ENDED, now=NOW + 3 * HOUR) == once
