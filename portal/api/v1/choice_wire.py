"""How one way to take the alternatives of a mix looks in JSON."""

from typing import Any

from portal.api.v1.wire import POWER_BASIS, refusal_wire
from scheduler.planning.pricing import price_to_wire
from scheduler.services.choices import ChoiceQuote


def choice_wire(choice: ChoiceQuote) -> dict[str, Any]:
    return {
        "picked": dict(choice.picked),
        "mix": list(choice.mix),
        "fits": choice.plan is not None,
        "price": price_to_wire(choice.price),
        "power": {"watts": choice.watts, "basis": POWER_BASIS} if choice.plan is not None else None,
        "refusals": [refusal_wire(one) for one in choice.refusals],
    }
