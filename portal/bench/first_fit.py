"""The plainest planner that breaks no rule: the first host, the first cards. Pure; what best-fit is held against."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from fabric.topology import BlockFacts, HostFacts
from scheduler.planning.attempts import case_of
from scheduler.planning.case import Case, Placed
from scheduler.planning.index import PoolIndex
from scheduler.planning.rules.registry import ADMISSION_RULES, DEVICE_RULES, PLACEMENT_RULES
from scheduler.requests import ReservationRequest


def first_fit(request: ReservationRequest, index: PoolIndex) -> Placed | None:
    """For a mix of one node with one line: hosts in order of code, PRUs in order of code, slots in order."""
    case = case_of(request=request, index=index)
    if any(refusal for rule in (*ADMISSION_RULES, *DEVICE_RULES) for refusal in rule(case)):
        return None
    for host in index.hosts:
        if host.code in case.free_hosts and not host.is_fixed:
            for blocks in _choices(case, host):
                placed = Placed(case.wishes[0], host, tuple(blocks))
                if not any(refusal for rule in PLACEMENT_RULES for refusal in rule.violations(case, [placed])):
                    return placed
    return None


def _choices(case: Case, host: HostFacts) -> Iterator[Sequence[BlockFacts]]:
    """From each PRU of the zone on, the next free cards until there are enough."""
    ((code, count),) = case.wishes[0].need.items()
    chassis: defaultdict[str, list[BlockFacts]] = defaultdict(list)
    for block in case.free[code]:
        if block.pru is not None and block.zone == host.zone:
            chassis[block.pru].append(block)
    names = sorted(chassis)
    for first in range(len(names)):
        cards = [block for name in names[first:] for block in _whole_groups(case, chassis[name])]
        if len(cards) >= count:
            yield cards[:count]


def _whole_groups(case: Case, blocks: Sequence[BlockFacts]) -> Sequence[BlockFacts]:
    groups: defaultdict[str, list[BlockFacts]] = defaultdict(list)
    for block in sorted(blocks, key=lambda one: one.slot):
        groups[block.bridge_group or block.code].append(block)
    sizes = case.index.bridge_sizes
    return [card for group, cards in groups.items() if len(cards) == sizes.get(group, 1) for card in cards]
