"""The price of a reservation that has fewer devices than it booked, or has one of them only for a while. Pure.

The rates stay those of the day it was booked. A class without a rate is counted and not priced, as in the first price.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from fabric.topology import DeviceClassFacts
from scheduler.planning.pricing import CENT, MICROSECONDS_PER_HOUR


def charged(
    *, price: Mapping[str, Any], device_class: str, devices: int, hours: Decimal, rate: Decimal | None = None
) -> dict[str, Any]:
    """The wire form of a price with so many devices of a class more, or, below nothing, fewer, for so many hours.

    `rate` is today's, for a class that was not booked until now.
    """
    parts = [dict(part) for part in price["parts"]]
    if rate is not None and not any(part["device_class"] == device_class for part in parts):
        parts.append({"device_class": device_class, "count": 0, "rate_usd_per_hour": str(rate), "usd": "0.00"})
        parts.sort(key=lambda part: str(part["device_class"]))
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
    not_priced = {*price.get("not_priced", ())}
    if device_class not in {part["device_class"] for part in parts}:
        not_priced.add(device_class)
    more_of = {"parts": parts, "devices": kept, "not_priced": sorted(not_priced)}
    return {**price, "usd": str(usd.quantize(CENT)), **more_of}


def charged_by_class(
    *, price: Mapping[str, Any], devices: Mapping[str, int], hours: Decimal, classes: Mapping[str, DeviceClassFacts]
) -> Mapping[str, Any]:
    """The same for several classes at once."""
    for code, count in sorted(devices.items()):
        if count:
            rate = classes[code].rate_usd_per_hour if code in classes else None
            price = charged(price=price, device_class=code, devices=count, hours=hours, rate=rate)
    return price


def hours_between(begin: datetime, end: datetime) -> Decimal:
    """None of it is negative: what is over is over."""
    length = max(end - begin, timedelta())
    microseconds = (length.days * 86_400 + length.seconds) * 1_000_000 + length.microseconds
    return Decimal(microseconds) / MICROSECONDS_PER_HOUR
