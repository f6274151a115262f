"""The price of a reservation that has fewer devices than it booked, or has one of them only for a while. Pure.

The rates stay those of the day it was booked. A class without a rate is counted and not priced, as in the first price.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from fabric.topology import DeviceClassFacts
from scheduler.planning.pricing import HOURS_STEP, MICROSECONDS_PER_HOUR, in_cents, tariff_now
from scheduler.planning.rates import Tariff, Terms, hours_by_rate
from scheduler.planning.tariffs import tariff_to_wire, tariffs_of
from scheduler.requests import Window


def charged(
    *, price: Mapping[str, Any], device_class: str, devices: int, window: Window, today: Tariff | None = None
) -> dict[str, Any]:
    """The wire form of a price with so many devices of a class more, or, below nothing, fewer, for a part of its time.

    `today` is the tariff for a class that was not booked until now.
    """
    tariff = tariffs_of(price).get(device_class) or today or Tariff(None)
    parts, usd = [dict(part) for part in price["parts"]], Decimal(price["usd"])
    had = counts_of(price).get(device_class, 0)
    for rate, hours in hours_by_rate(tariff, begin=window.starts_at, end=window.ends_at).items():
        part = _part(parts, device_class, rate, had, hours if tariff.bands else None)
        more = rate * devices * hours
        part["usd"] = str(in_cents(Decimal(part["usd"]) + more))
        usd += more
    for part in parts:
        part["count"] += devices if part["device_class"] == device_class else 0
    counts = {**price.get("devices", {})}
    counts[device_class] = counts.get(device_class, 0) + devices
    kept = {code: count for code, count in sorted(counts.items()) if count}
    not_priced = {*price.get("not_priced", ())}
    if device_class not in {part["device_class"] for part in parts}:
        not_priced.add(device_class)
    found = {**price, "usd": str(in_cents(usd)), "parts": parts, "devices": kept}
    return {**found, "not_priced": sorted(not_priced), **_tariffs(price, device_class, tariff, window)}


def _part(
    parts: list[dict[str, Any]], device_class: str, rate: Decimal, count: int, hours: Decimal | None
) -> dict[str, Any]:
    """That of this class at this rate; put in its place where there was none."""
    for part in parts:
        if part["device_class"] == device_class and Decimal(part["rate_usd_per_hour"]) == rate:
            return part
    made = {"device_class": device_class, "count": count, "rate_usd_per_hour": str(rate), "usd": "0.00"}
    if hours is not None:
        made["hours"] = str(hours.quantize(HOURS_STEP))
    parts.append(made)
    parts.sort(key=lambda part: str(part["device_class"]))
    return made


def _tariffs(price: Mapping[str, Any], device_class: str, tariff: Tariff, window: Window) -> dict[str, Any]:
    told = price.get("tariffs") or {}
    if not tariff.bands or device_class in told:
        return {}
    made = tariff_to_wire(tariff, begin=window.starts_at, end=window.ends_at)
    return {"tariffs": dict(sorted({**told, device_class: made}.items()))}


def charged_by_class(
    *,
    price: Mapping[str, Any],
    devices: Mapping[str, int],
    window: Window,
    classes: Mapping[str, DeviceClassFacts],
    terms: Terms | None = None,
) -> Mapping[str, Any]:
    """The same for several classes at once."""
    for code, count in sorted(devices.items()):
        if count:
            today = tariff_now(code, classes, terms)
            price = charged(price=price, device_class=code, devices=count, window=window, today=today)
    return price


def counts_of(price: Mapping[str, Any]) -> Mapping[str, int]:
    """Devices by class. One that is not priced in these hours has no part, and may come to be priced in others."""
    in_parts = {part["device_class"]: part["count"] for part in price["parts"]}
    return {**in_parts, **price.get("devices", {})}


def rest_of(starts_at: datetime, ends_at: datetime, *, now: datetime) -> Window:
    """What of a window is to come; nothing where it is over."""
    begin = max(now, starts_at)
    return Window(starts_at=begin, ends_at=max(begin, ends_at))


def hours_between(begin: datetime, end: datetime) -> Decimal:
    """None of it is negative: what is over is over."""
    length = max(end - begin, timedelta())
    microseconds = (length.days * 86_400 + length.seconds) * 1_000_000 + length.microseconds
    return Decimal(microseconds) / MICROSECONDS_PER_HOUR
