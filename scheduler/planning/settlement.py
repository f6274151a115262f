"""What a reservation costs that ends otherwise than it was booked: withdrawn, given back early, or not fulfilled. Pure.

What it was booked at stays as its price; what is due instead is written beside it, as `due`. Whoever withdraws late
pays the part of the price that the pool's policy names, and nothing before; whoever would have paid it and makes the
booking later or smaller instead keeps owing it, as `least_usd`. Hours that are given back are credited, at the rates
they were booked at.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from scheduler.planning.plan import Plan
from scheduler.planning.pricing import in_cents
from scheduler.planning.repricing import price_ending_at
from scheduler.states import ReservationState

LATE_CANCEL_PERCENT_MAX = 100
LEAST = "least_usd"
_R = ReservationState
_NOTHING = Decimal(0)
_PROMISED = frozenset({_R.CONFIRMED, _R.COMPOSING})  # a hold, and what waits for consent, is withdrawn for nothing


def late_charge(
    *, price: Mapping[str, Any], state: str, starts_at: datetime, policy: Mapping[str, Any], now: datetime
) -> Decimal:
    """Of one that its people withdraw now. `policy` as a pool file has it."""
    if state not in _PROMISED and not (state == _R.ACTIVE and now < starts_at):  # set up, and not begun
        return _NOTHING
    percent, hours = policy.get("late_cancel_percent", 0), policy.get("cancel_free_until_hours", 0)
    is_late = starts_at - now < timedelta(hours=hours)
    least = Decimal(price.get(LEAST, _NOTHING))
    if not is_late or not 0 < percent <= LATE_CANCEL_PERCENT_MAX:
        return least
    part = Decimal(percent) / LATE_CANCEL_PERCENT_MAX
    return max(in_cents(Decimal(price["usd"]) * part), least)


def owing(*, price: Mapping[str, Any], charge: Decimal) -> dict[str, Any]:
    """The price after a change, where withdrawing it just before would have cost `charge`."""
    return {**price, LEAST: str(charge)} if charge else dict(price)


def still_owing(*, price: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """The price after a change that its people did not ask for: what they owe stays, and no more."""
    return owing(price=price, charge=Decimal(before.get(LEAST, _NOTHING)))


def settled(
    *, price: Mapping[str, Any], plan: Plan, state: str, to: str, now: datetime, least: Decimal = _NOTHING
) -> dict[str, Any]:
    """The price of one that leaves `state` for its end `to`; the same where it was given all that was booked.

    `plan` is what it holds, with the window of the price; `least` is charged whatever it used.
    """
    if "usd" not in price or "due" in price:
        return dict(price)
    used, because = _used(price, plan, state, to, now)
    if used is None:
        return dict(price)
    if least > used:
        used, because = least, "late_cancel"
    return {**price, "due": {"usd": str(in_cents(used)), "because": because}}


def due_usd(price: Mapping[str, Any]) -> Decimal:
    """What is to be paid in the end, or was booked until then."""
    told = price.get("due") or price
    return Decimal(told.get("usd", "0"))


def _used(price: Mapping[str, Any], plan: Plan, state: str, to: str, now: datetime) -> tuple[Decimal | None, str]:
    """None: all that was booked."""
    if state == _R.COMPOSING:
        return _NOTHING, "not_fulfilled" if to == _R.FAILED else "withdrawn"
    if state != _R.ACTIVE:
        return (None, "") if to == _R.ENDED else (_NOTHING, "withdrawn" if to == _R.CANCELLED else "not_fulfilled")
    if now >= plan.ends_at:
        return None, ""
    until = max(now, plan.starts_at)
    return Decimal(price_ending_at(price=price, plan=plan, ends_at=until)["usd"]), "given_back_early"
