"""What no host of the pool could bear, whatever blocks were found.

Said even when blocks are short, for it is certain.
"""

from collections.abc import Iterator

from scheduler.planning.case import Case, Placed, Wish
from scheduler.planning.rules import bus_numbers, driver_families, host_slots, mmio
from scheduler.planning.rules.base import PlacementRule
from scheduler.refusals import Refusal

HOST_ALONE_RULES: tuple[PlacementRule, ...] = (
    host_slots.RULE,
    mmio.RULE,
    bus_numbers.RULE,
    driver_families.RULE,
)


def refusals(case: Case) -> Iterator[Refusal]:
    for wish in {wish.group: wish for wish in reversed(case.wishes)}.values():  # nodes of a group are alike
        if any(case.index.by_class.get(code) for code in wish.need):
            for rule in HOST_ALONE_RULES:
                yield from _refusals(case, wish, rule)


def _refusals(case: Case, wish: Wish, rule: PlacementRule) -> Iterator[Refusal]:
    """Judged on the host that comes nearest; fixed systems bear what is built into them and nothing else."""
    named = wish.placement.host_class
    pooled = any(block.pru for code in wish.need for block in case.index.by_class.get(code, ()))
    hosts = [h for h in case.index.hosts if h.is_usable and not h.is_fixed and (named is None or h.template == named)]
    if not pooled or not hosts or rule.excess is None:
        return
    excess = rule.excess
    nearest = min(hosts, key=lambda host: (excess(case, wish, host), host.code))
    yield from rule.violations(case, [Placed(wish, nearest, ())])
