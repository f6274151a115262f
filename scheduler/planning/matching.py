"""Which classes of a pool, and which blocks of them, a line's selector matches. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from fabric.topology import BlockFacts, DeviceClassFacts, PoolTopology
from scheduler.limits import MATCHES_KEPT_MAX
from scheduler.planning.wishes import Classes
from scheduler.requests import Line
from scheduler.selectors import Attributes, Selector, attributes_of_block, parse


@dataclass(frozen=True, slots=True)
class _Asked:
    """What decides about a match; lines that say the same are matched once for a topology."""

    selector: str
    profile: str
    power_cap_w: int | None


def matched(line: Line, topology: PoolTopology) -> tuple[Classes, ...]:
    """Classes of which the pool has some, best first, each with only its matching blocks where those are not all.

    A profile asks for cards that may be cut so, a power cap for devices that draw as much when they are free to. Best
    is the cheapest rate, not priced last, then the least TDP, then the code.
    """
    asked = _Asked(line.selector, line.profile, line.power_cap_w)
    found = topology.remembered.get(asked)
    if found is None:
        if len(topology.remembered) >= MATCHES_KEPT_MAX:
            topology.remembered.clear()
        found = topology.remembered[asked] = _best_first(list(_in_stock(asked, topology)), topology)
    return cast(tuple[Classes, ...], found)


def elsewhere(line: Line, topology: PoolTopology) -> tuple[DeviceClassFacts, ...]:
    """Classes that match and could be pooled, but of which this pool has none; best first."""
    selector, asked = parse(line.selector), _Asked(line.selector, line.profile, line.power_cap_w)
    found = [
        Classes((code,))
        for code, facts in topology.classes.items()
        if code not in topology.stock and _bears(asked, facts) and _may(selector, facts.attributes)
    ]
    return tuple(topology.classes[one.codes[0]] for one in _best_first(found, topology))


def unpoolable(line: Line, topology: PoolTopology) -> tuple[str, ...]:
    """Classes that match and that no pool can hold, by code."""
    selector = parse(line.selector)
    return tuple(sorted(code for code, own in topology.unpoolable.items() if _may(selector, own)))


def cost_of(code: str, topology: PoolTopology) -> tuple[float, float, float]:
    """Of one device: 1 if it is not priced, dollars an hour, watts."""
    facts = topology.classes[code]
    rate = facts.rate_usd_per_hour
    return (rate is None, float(rate or 0), facts.tdp_w)


def _best_first(found: Sequence[Classes], topology: PoolTopology) -> tuple[Classes, ...]:
    return tuple(sorted(found, key=lambda one: (*cost_of(one.codes[0], topology), one.codes[0])))


def _in_stock(asked: _Asked, topology: PoolTopology) -> Iterator[Classes]:
    selector = parse(asked.selector)
    for code, stock in topology.stock.items():
        facts = topology.classes.get(code)
        if facts is None or not _bears(asked, facts) or not _may(selector, facts.attributes):
            continue
        if not selector.is_about_blocks:
            if not asked.profile or any(block.is_mig_capable for block in stock):
                yield Classes((code,))
            continue
        blocks = [block for block in stock if _is_meant(block, asked, selector, topology)]
        if blocks:
            is_all = len(blocks) == len(stock)
            yield Classes((code,), None if is_all else frozenset(block.code for block in blocks))


def _may(selector: Selector, attributes: Attributes) -> bool:
    """What a selector asks of blocks a class leaves open; of everything else what is missing does not match."""
    return selector.may_match(attributes) if selector.is_about_blocks else selector.matches(attributes)


def _bears(asked: _Asked, facts: DeviceClassFacts) -> bool:
    has_profile = not asked.profile or bool(facts.mig_profiles.get(asked.profile))
    return has_profile and (asked.power_cap_w is None or asked.power_cap_w <= facts.tdp_w)


def _is_meant(block: BlockFacts, asked: _Asked, selector: Selector, topology: PoolTopology) -> bool:
    may_be_cut = not asked.profile or block.is_mig_capable
    return may_be_cut and selector.matches(attributes_of_block(block, topology))
