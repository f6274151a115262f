"""What a placed node asks of its cards: the watts each is counted with and held to. Pure."""

from collections.abc import Mapping

from fabric.topology import DeviceClassFacts
from scheduler.planning.assigning import assign
from scheduler.planning.case import Ask, Placed

Classes = Mapping[str, DeviceClassFacts]


def draws(classes: Classes, placed: Placed) -> Mapping[str, int]:
    """Block → watts it counts for (rule R14): the cap of its line, else its TDP."""
    is_capped = any(ask.power_cap_w is not None for ask in placed.wish.asks)
    asks = assign(placed) if is_capped else {}
    return {block.code: drawn(classes[block.device_class], asks.get(block.code)) for block in placed.blocks}


def drawn(facts: DeviceClassFacts, ask: Ask | None) -> int:
    """A cap above the TDP of what a selector found changes nothing."""
    return facts.tdp_w if ask is None or ask.power_cap_w is None else min(facts.tdp_w, ask.power_cap_w)
