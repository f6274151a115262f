"""What a mix costs, part by part; what has no rate is named as not priced, never shown as nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.web.present.words import money


@dataclass(frozen=True, slots=True)
class PricePart:
    words: str
    amount: str


@dataclass(frozen=True, slots=True)
class PriceView:
    total: str
    parts: tuple[PricePart, ...]
    not_priced: tuple[str, ...]
    is_priced: bool


def price_view(wire: Mapping[str, Any], *, names: Mapping[str, str]) -> PriceView:
    """From the form it is stored in, so that a booked price and a checked one look alike. Rates are in US dollars."""
    kept = (part for part in wire["parts"] if part["count"] or Decimal(part["usd"]))
    parts = tuple(_part(part, names, wire["hours"]) for part in kept)
    not_priced = tuple(names.get(code, code) for code in wire["not_priced"])
    return PriceView(
        total=money(wire["usd"], "USD") if parts else "not priced",
        parts=parts,
        not_priced=not_priced,
        is_priced=bool(parts),
    )


def _part(part: Mapping[str, Any], names: Mapping[str, str], hours: str) -> PricePart:
    name = names.get(part["device_class"], part["device_class"])
    rate = money(part["rate_usd_per_hour"], "USD")
    if not part["count"]:
        return PricePart(f"{name}, {rate}/h, given back", money(part["usd"], "USD"))
    return PricePart(
        f"{part['count']}\u00a0×\u00a0{name}, {rate}/h for {_hours(hours)}\u00a0h", money(part["usd"], "USD")
    )


def _hours(text: str) -> str:
    """`2.0000` → `2`; kept to what tells two windows apart."""
    return f"{Decimal(text):.2f}".rstrip("0").rstrip(".")
