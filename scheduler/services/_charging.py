"""What an end costs, as `planning.settlement` says, of a row. Nothing is written here: the move that ends it does."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from fabric.models import Pool
from scheduler.models import Reservation
from scheduler.planning.settlement import due_usd, late_charge, owing, settled
from scheduler.services._maintaining import plan_as_held
from scheduler.states import ReservationState


def late_charge_of(*, reservation: Reservation, pool: Pool, now: datetime) -> Decimal:
    """Nothing for what waits: it has no price yet."""
    price = reservation.price
    if "usd" not in price:
        return Decimal(0)
    return late_charge(
        price=price, state=reservation.state, starts_at=reservation.starts_at, policy=pool.policy, now=now
    )


def price_owing(*, reservation: Reservation, price: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """`price` is what it costs once its people have changed it: what a late cancel costs is not escaped by that."""
    return owing(price=price, charge=late_charge_of(reservation=reservation, pool=reservation.pool, now=now))


def settled_price(
    *, reservation: Reservation, to: str, now: datetime, least: Decimal = Decimal(0)
) -> tuple[dict[str, Any], dict[str, str]]:
    """The price to write, and what the journal is told of it: nothing where it costs what it was booked at."""
    before = reservation.price
    if reservation.state == ReservationState.WAITLISTED or "usd" not in before:
        return before, {}
    plan = plan_as_held(reservation)
    price = settled(price=before, plan=plan, state=reservation.state, to=to, now=now, least=least)
    if due_usd(price) == Decimal(before["usd"]):
        return before, {}
    because = price["due"]["because"]
    return price, {"usd_before": before["usd"], "usd_due": price["due"]["usd"], "usd_because": because}
