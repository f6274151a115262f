"""Which classes of a pool, and which blocks of them, a line's selector matches. Pure."""

from collections.abc import Sequence

from fabric.topology import BlockFacts, DeviceClassFacts, PoolTopology
from scheduler.planning.wishes import Classes
from scheduler.requests import Line
from scheduler.selectors import Attributes, Selector, attributes_of_block, parse


def matched(
    line: Line, topology: PoolTopology, *, in_stock: bool = True, unpoolable: bool = False
) -> tuple[Classes, ...]:
    """One class each, with only its matching blocks where those are not all of it.

    A profile asks for cards that may be cut so, a power cap for devices that draw as much when they are free to.
    Without `in_stock`, of the classes of which the pool has nothing; `unpoolable` of those that no pool can hold.
    """
    selector = parse(line.selector)
    if unpoolable:
        return tuple(Classes((code,)) for code, own in topology.unpoolable.items() if _may(selector, own))
    codes = topology.stock if in_stock else topology.classes.keys() - topology.stock.keys()
    found: list[Classes] = []
    for code in codes:
        facts = topology.classes.get(code)
        if facts is None or not _bears(line, facts) or not _may(selector, facts.attributes):
            continue
        if not in_stock or not (selector.is_about_blocks or line.profile):
            found.append(Classes((code,)))
            continue
        blocks = [block for block in topology.stock[code] if _is_meant(block, line, selector, topology)]
        if blocks:
            is_all = len(blocks) == len(topology.stock[code]) or not selector.is_about_blocks
            found.append(Classes((code,), None if is_all else frozenset(block.code for block in blocks)))
    return tuple(found)


def best_first(found: Sequence[Classes], topology: PoolTopology) -> tuple[Classes, ...]:
    """The cheapest rate first, not priced last, then less TDP, then by code."""
    return tuple(sorted(found, key=lambda one: (*cost_of(one.codes[0], topology), one.codes[0])))


def cost_of(code: str, topology: PoolTopology) -> tuple[float, float, float]:
    """Of one device: 1 if it is not priced, dollars an hour, watts."""
    facts = topology.classes[code]
    rate = facts.rate_usd_per_hour
    return (rate is None, float(rate or 0), facts.tdp_w)


def _may(selector: Selector, attributes: Attributes) -> bool:
    """What a selector asks of blocks a class leaves open; of everything else what is missing does not match."""
    return selector.may_match(attributes) if selector.is_about_blocks else selector.matches(attributes)


def _bears(line: Line, facts: DeviceClassFacts) -> bool:
    has_profile = not line.profile or bool(facts.mig_profiles.get(line.profile))
    return has_profile and (line.power_cap_w is None or line.power_cap_w <= facts.tdp_w)


def _is_meant(block: BlockFacts, line: Line, selector: Selector, topology: PoolTopology) -> bool:
    if line.profile and not block.is_mig_capable:
        return False
    return not selector.is_about_blocks or selector.matches(attributes_of_block(block, topology))
