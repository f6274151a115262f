"""A pool's rates. Kept with its inventory by whoever plans: whoever writes a rate moves the inventory's generation."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.db import connection

from fabric.models import DeviceClass, ResourceBlock
from scheduler.planning.rates import RateCard, RateRow
from scheduler.queries.paging import Page, one_more

_RATES = """
SELECT p.time_zone, r.id, coalesce(d.code, ''), r.priority, r.weekdays, r.from_minute, r.until_minute, r.usd_per_hour,
       r.percent, r.valid_from, r.valid_until
FROM fabric_pool p
LEFT JOIN scheduler_rate r ON r.pool_id = p.id
LEFT JOIN fabric_deviceclass d ON d.id = r.device_class_id
WHERE p.code = %s
ORDER BY r.id
"""


@dataclass(frozen=True, slots=True)
class PricedClass:
    """`catalogue` is what holds where the pool sets no rate; None is not priced."""

    code: str
    name: str
    catalogue: Decimal | None


def rates_ahead(*, pool_code: str, now: datetime) -> RateCard:
    """Those that hold now or later, for every door that shows them. One query."""
    card = rate_card(pool_code=pool_code)
    rows = (row for row in card.rows if row.valid_until is None or row.valid_until > now)
    return replace(card, rows=tuple(rows))


def priced_classes(*, pool_code: str, limit: int, after: str | None = None) -> Page[PricedClass]:
    """What the pool has devices of, by code. One query."""
    stocked = ResourceBlock.objects.filter(pool__code=pool_code).values("device_class")
    found = DeviceClass.objects.filter(pk__in=stocked).order_by("code")
    if after is not None:
        found = found.filter(code__gt=after)
    kept, following = one_more(found[: limit + 1], limit=limit, key=lambda one: one.code)
    return Page(tuple(PricedClass(one.code, one.name, one.rate_usd_per_hour) for one in kept), following)


def rate_card(*, pool_code: str) -> RateCard:
    """One query. No pool: no rates."""
    with connection.cursor() as cursor:
        cursor.execute(_RATES, [pool_code])
        found = cursor.fetchall()
    if not found:
        return RateCard()
    rows = tuple(_row(values) for _, *values in found if values[0] is not None)
    return RateCard(found[0][0], rows)


def _row(values: list[object]) -> RateRow:
    names = (
        "number", "device_class", "priority", "weekdays", "from_minute", "until_minute", "usd_per_hour", "percent",
        "valid_from", "valid_until",
    )  # fmt: skip
    return RateRow(**dict(zip(names, values, strict=True)))  # type: ignore[arg-type]  # columns in the order of names
