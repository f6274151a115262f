"""How the cards of a placed node are set: the MIG layout of those it cuts, the watts it holds them to. Pure."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from fabric.topology import BlockFacts, DeviceClassFacts
from scheduler.planning.assigning import assign, is_plain
from scheduler.planning.case import Ask, Placed, Wish
from scheduler.planning.plan import Setting
from scheduler.planning.slices import pack

Facts = Mapping[str, DeviceClassFacts]  # by class


def settings_of(classes: Facts, placed: Placed) -> Mapping[str, Setting]:
    """Block → how it is set, for the blocks that are not left as they are; the same every time.

    Cards are cut in the order of their codes, the fullest layout first. Call it of placements that keep rule R11.
    """
    if not any(ask.slices or ask.power_cap_w is not None for ask in placed.wish.asks):
        return {}
    asks = assign(placed)
    found: dict[str, Setting] = {}
    for ask, blocks in _by_ask(asks, placed):
        layouts = pack(ask.slices, classes[blocks[0].device_class]) if ask.slices else ({},) * len(blocks)
        for block, layout in zip(blocks, layouts, strict=False):
            facts = classes[block.device_class]
            watts = drawn(facts, ask)
            if layout or watts < facts.tdp_w:
                found[block.code] = Setting(layout, watts if watts < facts.tdp_w else None)
    return found


def _by_ask(asks: Mapping[str, Ask], placed: Placed) -> list[tuple[Ask, list[BlockFacts]]]:
    blocks: defaultdict[int, list[BlockFacts]] = defaultdict(list)
    for block in sorted(placed.blocks, key=lambda block: block.code):
        if block.code in asks:
            blocks[placed.wish.asks.index(asks[block.code])].append(block)
    return [(placed.wish.asks[nth], ones) for nth, ones in sorted(blocks.items())]


def as_set(classes: Facts, placed: Placed, settings: Mapping[str, Setting]) -> Wish:
    """The wish of a node whose cards were set so: where two asks could answer for a block, the one that set it does."""
    wish = placed.wish
    if is_plain(wish.asks):
        return wish

    def is_of(ask: Ask, block: BlockFacts) -> bool:
        own, facts = settings.get(block.code, Setting()), classes[block.device_class]
        watts = facts.tdp_w if own.power_cap_w is None else own.power_cap_w
        return ask.accepts(block) and bool(own.layout) == bool(ask.slices) and watts == drawn(facts, ask)

    asks = [replace(ask, blocks=frozenset(b.code for b in placed.blocks if is_of(ask, b))) for ask in wish.asks]
    return replace(wish, asks=tuple(asks))


def draws(classes: Facts, placed: Placed) -> Mapping[str, int]:
    """Block → watts it counts for (rule R14): the cap of its line, else its TDP. A card that is cut draws it whole."""
    is_capped = any(ask.power_cap_w is not None for ask in placed.wish.asks)
    asks = assign(placed) if is_capped else {}
    return {block.code: drawn(classes[block.device_class], asks.get(block.code)) for block in placed.blocks}


def drawn(facts: DeviceClassFacts, ask: Ask | None) -> int:
    """A cap above the TDP of what a selector found changes nothing."""
    return facts.tdp_w if ask is None or ask.power_cap_w is None else min(facts.tdp_w, ask.power_cap_w)
