"""Which hosts a node could stand on, one of each kind, best first. Pure."""

from collections.abc import Collection, Iterator, Sequence
from itertools import chain

from fabric.topology import HostFacts
from scheduler.planning.case import Case, Wish
from scheduler.planning.layout import HostKind
from scheduler.planning.parts import Part
from scheduler.planning.rules import free_host
from scheduler.planning.rules.base import PlacementRule
from scheduler.refusals import RefusalCode as Code


class Hosting:
    """The kinds of hosts for every group, in order of preference, found once a search."""

    def __init__(self, case: Case, *, rules: Sequence[PlacementRule], active: Collection[Code]) -> None:
        self.case = case
        alone = [rule for rule in rules if rule.excess is not None and rule is not free_host.RULE]
        self._kept = [rule for rule in alone if rule.code in active]
        self._relaxed = [rule for rule in alone if rule.code not in active]
        self._zoned = Code.ZONE_MISMATCH in active
        self._by_group: dict[int, Sequence[HostKind]] = {}

    def kinds(self, wish: Wish, parts: Sequence[Part]) -> Sequence[HostKind]:
        """Nodes of a group are alike, so they share the answer."""
        if wish.group not in self._by_group:
            self._by_group[wish.group] = self._kinds(wish, parts)
        return self._by_group[wish.group]

    def free_in(self, kind: HostKind) -> int:
        return sum(self.case.vacancy.has_host(host.code) for host in kind.hosts)

    def _kinds(self, wish: Wish, parts: Sequence[Part]) -> Sequence[HostKind]:
        excess: dict[object, float | None] = {}
        found: list[tuple[tuple[object, ...], HostKind]] = []
        for kind in self._candidates(wish, parts):
            if kind.limits not in excess:
                excess[kind.limits] = self._excess(wish, kind.sample)
            over = excess[kind.limits]
            if over is not None:
                found.append((self._preference(wish, kind, over), kind))
        return [kind for _, kind in sorted(found, key=lambda item: item[0])]

    def _candidates(self, wish: Wish, parts: Sequence[Part]) -> Iterator[HostKind]:
        """Those in whose reach enough is free; fixed systems only for devices that are built into them."""
        named = wish.placement.host_class
        for kind in self._within_reach(parts):
            if named is None or kind.sample.template == named:
                yield kind

    def _within_reach(self, parts: Sequence[Part]) -> Iterator[HostKind]:
        layout = self.case.index.layout
        if not parts:
            return iter(layout.pooled_kinds)
        if self._zoned:
            reaches = [reach for reach in layout.reaches(parts[0].code) if self._suffices(reach, parts)]
            return (kind for reach in reaches for kind in layout.kinds_of(reach))
        owners = {name for part in parts for name in layout.owners.get(part.code, ())}
        return chain(layout.pooled_kinds, (layout.fixed_kinds[name] for name in sorted(owners)))

    def _suffices(self, reach: str, parts: Sequence[Part]) -> bool:
        return all(self.case.vacancy.count(part.code, reach) >= part.count for part in parts)

    def _excess(self, wish: Wish, host: HostFacts) -> float | None:
        """None where a rule that is kept forbids the host; else how far it is over those that are left out."""
        if any(rule.excess(self.case, wish, host) for rule in self._kept if rule.excess):
            return None
        return sum(rule.excess(self.case, wish, host) for rule in self._relaxed if rule.excess)

    def _preference(self, wish: Wish, kind: HostKind, over: float) -> tuple[object, ...]:
        """Least over any limit left out; hot-add; the smallest; where the zone has least to spare."""
        host = kind.sample
        size = (host.max_accelerators, host.mmio_high_gib, host.memory_gib, host.cores)
        left = sum(self.case.vacancy.count(code, kind.reach) for code in wish.need)
        return (over, not host.hot_add, size, left, host.code)
