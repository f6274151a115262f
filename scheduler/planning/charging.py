"""The price of a reservation that has fewer devices than it booked, or has one of them only for a while. Pure.

The rates stay those of the day it was booked. A class without a rate is counted and not priced, as in the first price.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from scheduler.planning.pricing import CENT, MICROSECONDS_PER_HOUR


def charged(*, price: Mapping[str, Any], device_class: str, devices: int, hours: Decimal) -> dict[str, Any]:
    """The wire form of a price with so many devices of a class more, or, below nothing, fewer, for so many hours."""
    parts = [dict(part) for part in price["parts"]]
    usd = Decimal(price["usd"])
    for part in parts:
        if part["device_class"] == device_class:
            more = Decimal(part["rate_usd_per_hour"]) * devices * hours
            part["count"] += devices
            part["usd"] = str((Decimal(part["usd"]) + more).quantize(CENT))
            usd += more
    counts = {**price.get("devices", {})}
    counts[device_class] = counts.get(device_class, 0) + devices
    kept = {code: count for code, count in sorted(counts.items()) if count}
    return {**price, "usd": str(usd.quantize(CENT)), "parts": parts, "devices": kept}


def hours_between(begin: datetime, end: datetime) -> Decimal:
    """None of it is negative: what is over is over."""
    length = max(end - begin, timedelta())
    microseconds = (length.days * 86_400 + length.seconds) * 1_000_000 + length.microseconds
    return Decimal(microseconds) / MICROSECONDS_PER_HOUR
