"""What a reservation has used until now, beside what it is booked for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from portal.web.present.words import NBSP, duration, money
from scheduler.models import Reservation
from scheduler.planning.so_far import so_far
from scheduler.queries.reservation_detail import ReservationDetail
from scheduler.queries.usage import Attached

NOT_PRICED = "not priced"


@dataclass(frozen=True, slots=True)
class UsageView:
    """`share` is that of the booked price, in hundredths; None where nothing has a rate."""

    price: str
    energy: str
    device_hours: str
    share: int | None
    is_running: bool


def usage_view(detail: ReservationDetail, attached: tuple[Attached, ...], *, now: datetime) -> UsageView | None:
    """None before anything was attached."""
    if not attached:
        return None
    row = detail.row
    used = so_far(attached, price=detail.price, starts_at=row.starts_at, ends_at=row.ends_at, now=now)
    is_priced, booked = bool(detail.price["parts"]), Decimal(detail.price["usd"])
    return UsageView(
        price=money(used.usd, "USD") if is_priced else NOT_PRICED,
        energy=kilowatt_hours(used.kwh),
        device_hours=_hours(used.device_hours),
        share=min(100, int(used.usd * 100 / booked)) if is_priced and booked else None,
        is_running=any(one.until is None for one in attached),
    )


def used_of_booked(reservation: Reservation, attached: tuple[Attached, ...], *, now: datetime) -> str:
    """`$3.20 used so far of $12.80 booked`."""
    if not reservation.price["parts"]:
        return NOT_PRICED
    window = {"starts_at": reservation.starts_at, "ends_at": reservation.ends_at}
    used = so_far(attached, price=reservation.price, now=now, **window).usd
    booked = money(reservation.price["usd"], "USD")
    return (
        f"{money(used, 'USD')} used so far of {booked} booked" if attached else f"{booked} booked, nothing of it used"
    )


def kilowatt_hours(kwh: Decimal) -> str:
    return f"{kwh:,.1f}{NBSP}kWh" if kwh >= 1 else f"{kwh * 1_000:,.0f}{NBSP}Wh"


def _hours(hours: Decimal) -> str:
    """Device-hours; less than one is told in minutes."""
    if hours >= 1:
        return f"{hours:,.1f} device-hours"
    return f"{duration(timedelta(hours=float(hours)))} summed over its devices"
