"""Find a host and blocks for every wish, quickly: greedy best fit, then bounded back-tracking. Pure.

`active` names the rules that are kept: the diagnosis asks the same search again without some of them. What is found is
measured by every one of them before it is given out. Nothing found is a proof only where nothing was passed over;
otherwise `SearchLimit` says so, and the exact search is asked.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from math import inf

from fabric.topology import HostFacts
from scheduler.limits import DRAFTS_REFUSED_MAX
from scheduler.planning import bounds
from scheduler.planning.bounds import PLENTY
from scheduler.planning.case import Case, Draft, Placed, Wish
from scheduler.planning.hosting import Hosting
from scheduler.planning.layout import HostKind
from scheduler.planning.links import can_link
from scheduler.planning.parts import Part, parts_of
from scheduler.planning.reach import chassis_of, rack_of
from scheduler.planning.rules.base import PlacementRule
from scheduler.planning.rules.fanout import prus_of
from scheduler.planning.rules.rack import cooling_limit, power_limit
from scheduler.planning.selecting import Selecting, racks_of
from scheduler.planning.settings import draws
from scheduler.refusals import RefusalCode as Code
from scheduler.requests import Spread as Apart


class SearchLimit(Exception):
    """The steps ran out before an answer, or the answer is beyond what this search looks at."""


class Search:
    """One search.

    `run` gives a draft in the order of the wishes, None if there provably is none, or raises `SearchLimit`.
    """

    def __init__(self, case: Case, *, rules: Sequence[PlacementRule], active: Collection[Code], steps_max: int) -> None:
        self.case = case
        self.active = frozenset(active)
        self.rules = [rule for rule in rules if rule.code in self.active]
        self.steps_left = steps_max
        self.taken: set[str] = set()
        self.taken_in: Counter[tuple[str, str]] = Counter()  # by class and chassis
        self.hosts_used: Counter[str] = Counter()
        self.watts: Counter[str] = Counter()
        self.joined: Counter[str] = Counter()  # nodes placed so far, by PRU
        self.placed: list[Placed] = []
        self._refused_left = DRAFTS_REFUSED_MAX
        self._passed_over = False
        self._bounds_asked = False
        self._hosting = Hosting(case, rules=rules, active=self.active)
        self._selecting = Selecting(self)
        self._parts: dict[int, Sequence[Part]] = {}

    def run(self) -> Draft | None:
        order = sorted(self.case.wishes, key=_hardest_first)
        untried: list[Iterator[Placed]] = [self._options(order[0])]
        while untried:
            found = next(untried[-1], None)
            if found is not None:
                self.put(found)
                if len(self.placed) < len(order):
                    untried.append(self._options(order[len(self.placed)]))
                    continue
                draft = tuple(sorted(self.placed, key=lambda placed: placed.wish.index))
                if self._keeps_every_rule(draft):
                    return draft
                self._take_back()
                continue
            untried.pop()
            if self._is_refuted(order):
                return None
            if self.placed:
                self._take_back()
        if self._passed_over or any(self._has_like_parts(wish) for wish in order):
            raise SearchLimit
        return None

    def _has_like_parts(self, wish: Wish) -> bool:
        """Two lines for devices of one class: which takes which is not tried in every way."""
        codes = [part.code for part in self.parts(wish)]
        return len(codes) > len(set(codes))

    def parts(self, wish: Wish) -> Sequence[Part]:
        if wish.group not in self._parts:
            self._parts[wish.group] = parts_of(wish, self.case.topology.classes)
        return self._parts[wish.group]

    def pass_over(self) -> None:
        """Something that might have fitted was left out: nothing found is then no proof."""
        self._passed_over = True

    def tick(self) -> None:
        self.steps_left -= 1
        if self.steps_left < 0:
            raise SearchLimit

    def uplinks_left(self, chassis: str) -> int:
        """A fixed system has no uplinks and needs none."""
        pru = self.case.topology.prus.get(chassis)
        return PLENTY if pru is None else len(pru.uplinks) - self.case.nodes_on_pru(chassis) - self.joined[chassis]

    def watts_left(self, rack: str) -> float:
        facts = self.case.topology.racks[rack]
        limits = [power_limit(facts)] if Code.RACK_POWER in self.active else []
        limits += [cooling_limit(facts)] if Code.RACK_COOLING in self.active else []
        return min(limits) - self.case.rack_watts(rack) - self.watts[rack] if limits else inf

    def group_mates(self, wish: Wish) -> Iterator[Placed]:
        return (placed for placed in self.placed if placed.wish.group == wish.group)

    def _options(self, wish: Wish) -> Iterator[Placed]:
        yield from self._on(wish, self._fresh)
        if Code.NO_FREE_HOST not in self.active:
            yield from self._on(wish, self._spare)

    def _on(self, wish: Wish, hosts: Callable[[Wish, HostKind], Iterator[HostFacts]]) -> Iterator[Placed]:
        """One host of each kind: what nothing could be spread over need not be tried with a like one."""
        barren: set[object] = set()
        for kind in self._hosting.kinds(wish, self.parts(wish)):
            self.tick()
            spread = (kind.reach, kind.sample.ports) if not kind.sample.is_fixed else kind.reach
            host = None if spread in barren else next(hosts(wish, kind), None)
            if host is None:
                continue
            empty = True
            for blocks in self._selecting.options(wish, host):
                empty = False
                placed = Placed(wish, host, tuple(sorted(blocks, key=lambda block: block.code)))
                if Code.NO_FABRIC_PORT not in self.active or self._can_join(placed):
                    yield placed
            if empty:
                barren.add(spread)

    def _fresh(self, wish: Wish, kind: HostKind) -> Iterator[HostFacts]:
        """Hosts nobody has, nor another node of this draft."""
        has_host = self.case.vacancy.has_host
        return (
            host
            for host in kind.hosts
            if has_host(host.code) and not self.hosts_used[host.code] and self._is_apart(wish, host)
        )

    def _spare(self, wish: Wish, kind: HostKind) -> Iterator[HostFacts]:
        """Where no host is left that is fresh, one that is somebody's."""
        if next(self._fresh(wish, kind), None) is None:
            yield from kind.hosts

    def _is_apart(self, wish: Wish, host: HostFacts) -> bool:
        if wish.placement.spread is not Apart.RACK:
            return True
        return all(host.rack not in racks_of(self.case, mate) for mate in self.group_mates(wish))

    def _can_join(self, placed: Placed) -> bool:
        return can_link(self.case, [(other.host.code, prus_of(other)) for other in (*self.placed, placed)])

    def put(self, placed: Placed) -> None:
        self._count(placed, 1)
        self.placed.append(placed)
        self.taken.update(block.code for block in placed.blocks)

    def _take_back(self) -> None:
        placed = self.placed.pop()
        self._count(placed, -1)
        self.taken.difference_update(block.code for block in placed.blocks)

    def _count(self, placed: Placed, by: int) -> None:
        self.hosts_used[placed.host.code] += by
        for pru in prus_of(placed):
            self.joined[pru] += by
        watts = draws(self.case.topology.classes, placed)
        for block in placed.blocks:
            self.taken_in[block.device_class, chassis_of(block)] += by
            self.watts[rack_of(self.case.topology, block)] += by * watts[block.code]

    def _is_refuted(self, order: Sequence[Wish]) -> bool:
        """By sums alone; asked once, when greedy has failed, for they cost more than a good try."""
        if self._bounds_asked:
            return False
        self._bounds_asked = True
        return not bounds.allow(self.case, order, active=self.active, hosting=self._hosting, parts=self.parts)

    def _keeps_every_rule(self, draft: Draft) -> bool:
        if not any(True for rule in self.rules for _ in rule.violations(self.case, draft)):
            return True
        self.pass_over()
        self._refused_left -= 1
        if self._refused_left < 0:
            raise SearchLimit
        return False


def _hardest_first(wish: Wish) -> tuple[bool, bool, bool, int, int, int]:
    """Those with least freedom choose first; equal wishes stay in order."""
    asks = wish.placement
    return (
        not asks.same_switch,
        not (asks.same_pru or asks.p2p),
        asks.allow_bridge_split,
        -wish.accelerators,
        -wish.devices,
        wish.index,
    )
