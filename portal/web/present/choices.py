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
    """`body` is the whole request as it was sent."""
    return tuple(_view(quote, body, names) for quote in quotes)


def _view(quote: ChoiceQuote, body: Mapping[str, Any], names: Mapping[str, str]) -> ChoiceView:
    mix = list(quote.mix)
    return ChoiceView(
        words=" + ".join(_picked(quote, names)),
        fits=quote.plan is not None,
        price=price_view(price_to_wire(quote.price), names=names).total,
        power=watts(quote.watts) if quote.plan is not None else "",
        why_not=quote.refusals[0].message if quote.refusals else "",
        fill=fill({**body, "mix": mix}),
    )


def _picked(quote: ChoiceQuote, names: Mapping[str, str]) -> Iterable[str]:
    """Of the lines that had alternatives, what was taken: `4 × NVIDIA L40S`."""
    for at, group in enumerate(quote.mix):
        for nth, line in enumerate(group.get("lines") or ()):
            if f"mix[{at}].lines[{nth}]" in quote.picked:
                code = line.get("device_class")
                what = names.get(code, code) if code else "what the selector matches"
                yield f"{line.get('count')}{NBSP}×{NBSP}{what}"
