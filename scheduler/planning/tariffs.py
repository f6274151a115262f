"""The tariffs in the wire form of a price: of classes that cost otherwise at other times. Pure.

Its pieces are written too, for who adds up what was used by the clock of a database.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from scheduler.planning.rates import Band, Tariff, pieces

_BEFORE = timedelta(days=1)  # what comes to a booking in use is attached before it is proven, and charged from there


def tariffs_of(price: Mapping[str, Any]) -> Mapping[str, Tariff]:
    """By class, of every class with a rate."""
    told = price.get("tariffs") or {}
    flat = {
        part["device_class"]: Tariff(Decimal(part["rate_usd_per_hour"]))
        for part in price["parts"]
        if part["device_class"] not in told
    }
    return {**flat, **{code: _tariff(one) for code, one in told.items()}}


def tariff_to_wire(tariff: Tariff, *, begin: datetime, end: datetime) -> dict[str, Any]:
    cut = pieces(tariff, begin=begin - _BEFORE, end=end)
    return {
        "time_zone": tariff.time_zone,
        "rate_usd_per_hour": _text(tariff.base),
        "bands": [
            {
                "weekdays": band.weekdays,
                "from_minute": band.from_minute,
                "until_minute": band.until_minute,
                "rate_usd_per_hour": _text(band.rate),
            }
            for band in tariff.bands
        ],
        "pieces": [
            {"starts_at": one.starts_at.isoformat(), "ends_at": one.ends_at.isoformat(), "rate": _text(one.rate)}
            for one in cut
            if one.rate is not None
        ],
    }


def _tariff(told: Mapping[str, Any]) -> Tariff:
    bands = tuple(
        Band(one["weekdays"], one["from_minute"], one["until_minute"], _rate(one["rate_usd_per_hour"]))
        for one in told["bands"]
    )
    return Tariff(_rate(told["rate_usd_per_hour"]), bands, told["time_zone"])


def _rate(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _text(rate: Decimal | None) -> str | None:
    return None if rate is None else str(rate)
