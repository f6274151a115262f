"""A pool's rates. Kept with its inventory by whoever plans: whoever writes a rate moves the inventory's generation."""

from django.db import connection

from scheduler.planning.rates import RateCard, RateRow

_RATES = """
SELECT p.time_zone, r.id, coalesce(d.code, ''), r.priority, r.weekdays, r.from_minute, r.until_minute, r.usd_per_hour,
       r.percent, r.valid_from, r.valid_until
FROM fabric_pool p
LEFT JOIN scheduler_rate r ON r.pool_id = p.id
LEFT JOIN fabric_deviceclass d ON d.id = r.device_class_id
WHERE p.code = %s
ORDER BY r.id
"""


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
