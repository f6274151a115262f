"""The alternatives of a mix side by side: what each would get, cost and draw, or why not; one press fills it in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from portal.web.forms.offers import fill
from portal.web.present.prices import price_view
from portal.web.present.words import NBSP, watts
from scheduler.planning.pricing import price_to_wire
from scheduler.services.choices import ChoiceQuote


@dataclass(frozen=True, slots=True)
class ChoiceView:
    words: str
    fits: bool
    price: str
    power: str
    why_not: str
    fill: str  # value of the button that takes it


def choice_views(
    quotes: Iterable[ChoiceQuote], *, body: Mapping[str, Any], names: Mapping[str, str]
) -> tuple[ChoiceView, ...]:
    """`body` is the whole request as it was sent. Of several that come to the same devices the first is told."""
    told: dict[str, ChoiceView] = {}
    for quote in quotes:
        view = _view(quote, body, names)
        told.setdefault(view.words, view)
    return tuple(told.values()) if len(told) > 1 else ()


def _view(quote: ChoiceQuote, body: Mapping[str, Any], names: Mapping[str, str]) -> ChoiceView:
    devices = sorted(quote.price.devices.items(), key=lambda item: names.get(item[0], item[0]))
    return ChoiceView(
        words=" + ".join(f"{count}{NBSP}×{NBSP}{names.get(code, code)}" for code, count in devices),
        fits=quote.plan is not None,
        price=price_view(price_to_wire(quote.price), names=names).total,
        power=watts(quote.watts) if quote.plan is not None else "",
        why_not=quote.refusals[0].message if quote.refusals else "",
        fill=fill({**body, "mix": list(quote.mix)}),
    )
