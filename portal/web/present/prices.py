"""What a mix costs, part by part; what has no rate is named as not priced, never shown as nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.web.present.words import money, rate_money

_BECAUSE: Mapping[str, str] = {
    "late_cancel": "cancelled late",
    "given_back_early": "given back early",
    "withdrawn": "cancelled in time",
    "not_fulfilled": "not fulfilled",
}


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
    due: str = ""  # what is to be paid, where that is not what was booked, and why


def price_view(wire: Mapping[str, Any], *, names: Mapping[str, str]) -> PriceView:
    """From the form it is stored in, so that a booked price and a checked one look alike. Rates are in US dollars."""
    kept = (part for part in wire["parts"] if part["count"] or Decimal(part["usd"]))
    parts = tuple(_part(part, names, part.get("hours", wire["hours"])) for part in kept)
    not_priced = tuple(names.get(code, code) for code in wire["not_priced"])
    return PriceView(
        total=money(wire["usd"], "USD") if parts else "not priced",
        parts=parts,
        not_priced=not_priced,
        is_priced=bool(parts),
        due=_due(wire.get("due")) if parts else "",
    )


def _due(told: Mapping[str, Any] | None) -> str:
    return "" if told is None else f"{money(told['usd'], 'USD')}, {_BECAUSE.get(told['because'], told['because'])}"


def _part(part: Mapping[str, Any], names: Mapping[str, str], hours: str) -> PricePart:
    name = names.get(part["device_class"], part["device_class"])
    rate = rate_money(part["rate_usd_per_hour"], "USD")
    if not part["count"]:
        return PricePart(f"{name}, {rate}/h, given back", money(part["usd"], "USD"))
    return PricePart(
        f"{part['count']}\u00a0×\u00a0{name}, {rate}/h for {_hours(hours)}\u00a0h", money(part["usd"], "USD")
    )


def _hours(text: str) -> str:
    """`2.0000` → `2`; kept to what tells two windows apart."""
    return f"{Decimal(text):.2f}".rstrip("0").rstrip(".")
