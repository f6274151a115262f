"""Whether a request could be placed at all, by sums alone: what refutes at once that a search would only exhaust. Pure.

Every bound leaves something out, so it may say yes where the answer is no, and never the other way round.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence

from scheduler.planning.case import Case, Wish
from scheduler.planning.hosting import Hosting
from scheduler.planning.parts import Part
from scheduler.planning.rules.rack import cooling_limit, power_limit
from scheduler.refusals import RefusalCode as Code

PLENTY = 1 << 30


def allow(
    case: Case,
    wishes: Sequence[Wish],
    *,
    active: Collection[Code],
    hosting: Hosting,
    parts: Callable[[Wish], Sequence[Part]],
) -> bool:
    """`active` are the rules that are kept; a rule that is left out bounds nothing."""
    need: Counter[tuple[str, int]] = Counter()
    groups: defaultdict[int, list[Wish]] = defaultdict(list)
    for wish in wishes:
        need.update({(part.code, part.watts): part.count for part in parts(wish)})
        groups[wish.group].append(wish)
    return all(_fed(case, code, watts, active) >= count for (code, watts), count in need.items()) and all(
        _nodes(case, group[0], parts(group[0]), active, hosting) >= len(group) for group in groups.values()
    )


def _fed(case: Case, code: str, watts: int, active: Collection[Code]) -> int:
    """Devices of a class that are free and that their racks could feed."""
    by_rack: Counter[str] = Counter()
    for chassis, free in _free_by_chassis(case, code):
        pru = case.topology.prus.get(chassis)
        by_rack[pru.rack if pru else case.topology.hosts[chassis].rack] += free
    return sum(min(free, _devices(case, rack, watts, active)) for rack, free in by_rack.items())


def _devices(case: Case, rack: str, watts: int, active: Collection[Code]) -> int:
    facts = case.topology.racks[rack]
    limits = [power_limit(facts)] if Code.RACK_POWER in active else []
    limits += [cooling_limit(facts)] if Code.RACK_COOLING in active else []
    return max(0, min(limits) - case.rack_watts(rack)) // watts if limits and watts else PLENTY


def _nodes(case: Case, wish: Wish, parts: Sequence[Part], active: Collection[Code], hosting: Hosting) -> int:
    """Nodes like this one that the zones could hold: by hosts, by devices and by uplinks, each alone."""
    kinds = hosting.kinds(wish, parts)
    if Code.ZONE_MISMATCH not in active:
        return PLENTY
    hosts = Counter[str]()
    for kind in kinds:
        hosts[kind.reach] += hosting.free_in(kind) if Code.NO_FREE_HOST in active else PLENTY
    return sum(
        min(count, *(_times(case, part, reach, active) for part in parts)) if parts else count
        for reach, count in hosts.items()
    )


def _times(case: Case, part: Part, reach: str, active: Collection[Code]) -> int:
    by_count = case.vacancy.count(part.code, reach) // part.count
    if Code.PRU_FANOUT not in active:
        return by_count
    chassis = case.index.layout.reaches(part.code).get(reach, ())
    return min(by_count, sum(_uplinks_left(case, name) for name in chassis if case.vacancy.count_in(part.code, name)))


def _uplinks_left(case: Case, chassis: str) -> int:
    pru = case.topology.prus.get(chassis)
    return PLENTY if pru is None else max(0, len(pru.uplinks) - case.nodes_on_pru(chassis))


def _free_by_chassis(case: Case, code: str) -> Iterator[tuple[str, int]]:
    names = dict.fromkeys(name for ones in case.index.layout.reaches(code).values() for name in ones)
    return ((name, case.vacancy.count_in(code, name)) for name in names)
