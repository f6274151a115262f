"""A reservation that is to end earlier: its plan and its price then. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from scheduler.planning.charging import hours_between
from scheduler.planning.plan import Plan
from scheduler.planning.pricing import CENT

HOURS_STEP = Decimal("0.0001")


def last_end(*, plan: Plan, given_back_at: datetime) -> datetime:
    """The end with which its own clean-up is over at that moment."""
    return given_back_at - clean_up(plan)


def clean_up(plan: Plan) -> timedelta:
    return plan.busy_until - plan.ends_at


def ending_at(*, plan: Plan, ends_at: datetime) -> Plan:
    """The same clean-up after another end."""
    return replace(plan, ends_at=ends_at, busy_until=ends_at + clean_up(plan))


def price_ending_at(*, price: Mapping[str, Any], plan: Plan, ends_at: datetime) -> dict[str, Any]:
    """At the rates it was booked at, less what is not given."""
    less = hours_between(ends_at, plan.ends_at)
    parts = [dict(part) for part in price["parts"]]
    usd = Decimal(price["usd"])
    for part in parts:
        off = Decimal(part["rate_usd_per_hour"]) * part["count"] * less
        part["usd"] = str((Decimal(part["usd"]) - off).quantize(CENT))
        usd -= off
    hours = (Decimal(price["hours"]) - less).quantize(HOURS_STEP)
    return {**price, "usd": str(usd.quantize(CENT)), "hours": str(hours), "parts": parts}
