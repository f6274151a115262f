"""Find a host and blocks for every wish under a set of rules, or prove that there are none. Pure.

Greedy best fit first, then bounded back-tracking over hosts that are not alike and counts in chassis. `active`
names the rules that are kept: the diagnosis asks the same search again without some of them.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from math import inf

from fabric.topology import BlockFacts, HostFacts
from scheduler.planning.bounds import PLENTY, Bounds, Stock
from scheduler.planning.case import Case, Draft, Placed, Wish, reach_of_host
from scheduler.planning.links import can_link
from scheduler.planning.rules.base import PlacementRule
from scheduler.planning.rules.fanout import prus_of
from scheduler.planning.rules.paths import Place, place_of
from scheduler.planning.rules.rack import cooling_limit, power_limit
from scheduler.planning.rules.slot_power import overloads_slot
from scheduler.planning.shelves import Shelf, make_shelf
from scheduler.planning.spread import Spread, Spreading
from scheduler.planning.timeline import rack_of
from scheduler.refusals import RefusalCode as Code


class SearchLimit(Exception):
    """The steps ran out before an answer."""


class Search:
    """One search.

    `run` gives a draft in the order of the wishes, None if there provably is none, or raises `SearchLimit`.
    """

    def __init__(self, case: Case, *, rules: Sequence[PlacementRule], active: Collection[Code], steps_max: int) -> None:
        self.case = case
        self.rules = rules
        self.active = frozenset(active)
        self.steps_left = steps_max
        self._went_back = False
        self.taken: set[str] = set()
        self.hosts_used: Counter[str] = Counter()
        self.watts: Counter[str] = Counter()
        self.joined: Counter[str] = Counter()  # nodes placed so far, by PRU
        self.placed: list[Placed] = []
        self._hosts_by_group: dict[int, list[list[HostFacts]]] = {}
        self._stock = Stock.of(case, (b for code in case.totals for b in case.free[code] if self._slot_bears(b)))
        self._bounds = Bounds(
            stock=self._stock,
            zoned=Code.ZONE_MISMATCH in self.active,
            watts_left=self._watts_left,
            uplinks_left=self._uplinks_left,
            hosts_left=self._hosts_left,
        )

    def run(self) -> Draft | None:
        order = sorted(self.case.wishes, key=_hardest_first)
        untried: list[Iterator[Placed]] = []
        while len(self.placed) < len(order):
            if len(untried) == len(self.placed):
                rest = order[len(self.placed) :]
                untried.append(self._options(rest[0]) if self._is_hopeful(rest) else iter(()))
            found = next(untried[-1], None)
            if found is not None:
                self._put(found)
                continue
            untried.pop()
            if not self.placed:
                return None
            self._take_back()
            self._went_back = True
        return tuple(sorted(self.placed, key=lambda placed: placed.wish.index))

    def _is_hopeful(self, rest: Sequence[Wish]) -> bool:
        """The sums are asked at the root, and again once greedy has failed, for they cost more than a good step."""
        return bool(self.placed and not self._went_back) or self._bounds.allow(rest)

    def _tick(self) -> None:
        self.steps_left -= 1
        if self.steps_left < 0:
            raise SearchLimit

    def _put(self, placed: Placed) -> None:
        self.placed.append(placed)
        self.joined.update(prus_of(placed))
        self.hosts_used[placed.host.code] += 1
        for block in placed.blocks:
            self.taken.add(block.code)
            self._stock.add(block, -1)
            self.watts[rack_of(self.case.topology, block)] += self.case.topology.classes[block.device_class].tdp_w

    def _take_back(self) -> None:
        placed = self.placed.pop()
        self.joined.subtract(prus_of(placed))
        self.hosts_used[placed.host.code] -= 1
        for block in placed.blocks:
            self.taken.discard(block.code)
            self._stock.add(block, 1)
            self.watts[rack_of(self.case.topology, block)] -= self.case.topology.classes[block.device_class].tdp_w

    def _options(self, wish: Wish) -> Iterator[Placed]:
        barren: set[object] = set()  # what nothing could be spread over need not be tried with a like host
        for host in self._hosts(wish):
            self._tick()
            reach = (host.zone, host.ports) if not host.is_fixed else host.code
            if reach in barren:
                continue
            empty = True
            for blocks in self._selections(wish, host):
                empty = False
                placed = Placed(wish, host, tuple(sorted(blocks, key=lambda block: block.code)))
                if Code.NO_FABRIC_PORT not in self.active or self._can_join(placed):
                    yield placed
            if empty:
                barren.add(reach)

    def _can_join(self, placed: Placed) -> bool:
        return can_link(self.case, [(other.host.code, prus_of(other)) for other in (*self.placed, placed)])

    def _hosts(self, wish: Wish) -> Iterator[HostFacts]:
        """One host of each kind, best first; without rule R0 the ones already used come last."""
        spare: list[HostFacts] = []
        for alike in self._kinds(wish):
            fresh = [host for host in alike if not self.hosts_used[host.code]]
            yield from fresh[:1]
            spare += alike[:1] if Code.NO_FREE_HOST not in self.active and not fresh else []
        yield from spare

    def _hosts_left(self, wish: Wish) -> list[HostFacts] | None:
        if Code.NO_FREE_HOST not in self.active:
            return None
        return [host for alike in self._kinds(wish) for host in alike if not self.hosts_used[host.code]]

    def _kinds(self, wish: Wish) -> list[list[HostFacts]]:
        if wish.group not in self._hosts_by_group:
            kinds: defaultdict[object, list[HostFacts]] = defaultdict(list)
            left = Counter(block.zone for code in wish.need for block in self.case.free[code])
            for host in sorted(
                self._eligible(wish), key=lambda host: self._host_preference(wish, host, left[host.zone])
            ):
                kinds[_kind(host), host.code in self.case.free_hosts].append(host)
            self._hosts_by_group[wish.group] = list(kinds.values())
        return self._hosts_by_group[wish.group]

    def _eligible(self, wish: Wish) -> Iterator[HostFacts]:
        blocks = [block for code in wish.need for block in self.case.free[code]]
        owners = {block.host for block in blocks if block.pru is None}
        pooled = any(block.pru is not None for block in blocks)
        named = wish.placement.host_class
        for host in self.case.index.hosts:
            suits = host.code in owners if host.is_fixed else pooled
            if suits and (named is None or host.template == named) and not self._broken(wish, host, self.active):
                yield host

    def _broken(self, wish: Wish, host: HostFacts, codes: Collection[Code]) -> float:
        return sum(rule.excess(self.case, wish, host) for rule in self.rules if rule.excess and rule.code in codes)

    def _host_preference(self, wish: Wish, host: HostFacts, left_in_zone: int) -> tuple[object, ...]:
        """Least over any limit left out; hot-add; the smallest; where the zone has least to spare."""
        relaxed = [rule.code for rule in self.rules if rule.code not in self.active]
        size = (host.max_accelerators, host.mmio_high_gib, host.memory_gib, host.cores)
        return (self._broken(wish, host, relaxed), not host.hot_add, size, left_in_zone, host.code)

    def _selections(self, wish: Wish, host: HostFacts) -> Iterator[Sequence[BlockFacts]]:
        blocks = {code: self._within_reach(code, host) for code in wish.need}
        for place in self._places(wish, blocks):
            offered = {
                code: [b for b in ones if place is None or code not in wish.peers or place_of(wish, b) == place]
                for code, ones in blocks.items()
            }
            for spread in self._spreads(wish, host, offered):
                yield [block for shelf, amount in spread for block in shelf.pick(amount)]

    def _within_reach(self, code: str, host: HostFacts) -> list[BlockFacts]:
        zoned = Code.ZONE_MISMATCH in self.active
        blocks = self.case.free_by_reach[code].get(reach_of_host(host), ()) if zoned else self.case.free[code]
        return [block for block in blocks if block.code not in self.taken and self._slot_bears(block)]

    def _slot_bears(self, block: BlockFacts) -> bool:
        return Code.SLOT_POWER not in self.active or not overloads_slot(self.case.topology, block)

    def _places(self, wish: Wish, blocks: dict[str, list[BlockFacts]]) -> list[Place | None]:
        """Where the peers could all be: the emptiest chassis or switch that has them.

        Anywhere, if none was asked for.
        """
        if Code.P2P_PATH not in self.active or not (wish.placement.same_pru or wish.placement.same_switch):
            return [None]
        counts: defaultdict[Place, Counter[str]] = defaultdict(Counter)
        for code in wish.peers:
            counts_of = Counter(place_of(wish, block) for block in blocks[code])
            for place, count in counts_of.items():
                counts[place][code] = count
        fitting = [
            place for place, count in counts.items() if all(count[code] >= wish.need[code] for code in wish.peers)
        ]
        chassis = Counter(place[0] for place, count in counts.items() for _ in range(count.total()))
        return [*sorted(fitting, key=lambda place: (counts[place].total(), chassis[place[0]], place))]

    def _spreads(self, wish: Wish, host: HostFacts, blocks: dict[str, list[BlockFacts]]) -> Iterator[Spread]:
        shelves = {code: self._shelves(wish, code, ones) for code, ones in blocks.items()}
        need = sorted(
            wish.need.items(), key=lambda item: (sum(shelf.free for shelf in shelves[item[0]]) - item[1], item[0])
        )
        own = {chassis for ones in shelves.values() for chassis in (s.chassis for s in ones) if chassis == host.code}
        limit = len(own) or len(host.ports) if Code.HOST_FANOUT in self.active else wish.devices
        yield from Spreading(
            need, shelves, limit, self._watts_left, self._tick, lambda chassis: self._far(host, chassis)
        ).options()

    def _shelves(self, wish: Wish, code: str, blocks: Sequence[BlockFacts]) -> list[Shelf]:
        chassis: defaultdict[str, list[BlockFacts]] = defaultdict(list)
        for block in blocks:
            chassis[block.pru or block.host or ""].append(block)
        return [
            make_shelf(case=self.case, wish=wish, device_class=code, chassis=name, blocks=ones, active=self.active)
            for name, ones in chassis.items()
            if self._uplinks_left(name) > 0
        ]

    def _uplinks_left(self, chassis: str) -> int:
        return self._uplinks_really_left(chassis) if Code.PRU_FANOUT in self.active else PLENTY

    def _uplinks_really_left(self, chassis: str) -> int:
        """A fixed system has no uplinks and needs none."""
        pru = self.case.topology.prus.get(chassis)
        return PLENTY if pru is None else len(pru.uplinks) - self.case.nodes_on_pru(chassis) - self.joined[chassis]

    def _watts_left(self, rack: str) -> float:
        facts = self.case.topology.racks[rack]
        limits = [power_limit(facts)] if Code.RACK_POWER in self.active else []
        limits += [cooling_limit(facts)] if Code.RACK_COOLING in self.active else []
        return min(limits) - self.case.rack_watts(rack) - self.watts[rack] if limits else inf

    def _far(self, host: HostFacts, chassis: str) -> int:
        """While a rule is left out, what keeps it comes first all the same, so that no more is broken than must be."""
        pru = self.case.topology.prus.get(chassis)
        near = chassis == host.code or (pru is not None and pru.zone == host.zone)
        return (not near) + (self._uplinks_really_left(chassis) <= 0)


def _hardest_first(wish: Wish) -> tuple[bool, bool, bool, int, int, int]:
    """Those with least freedom choose first; equal wishes stay in order."""
    asks = wish.placement
    return (
        not asks.same_switch,
        not asks.same_pru,
        asks.allow_bridge_split,
        -wish.accelerators,
        -wish.devices,
        wish.index,
    )


def _kind(host: HostFacts) -> object:
    """Hosts that no rule tells apart; a fixed system is one of a kind."""
    if host.is_fixed:
        return host.code
    planes = tuple(sorted(port.plane for port in host.ports))
    return (
        host.template,
        host.zone,
        planes,
        host.max_accelerators,
        host.mmio_high_gib,
        host.hot_add,
        host.reboot_seconds,
        host.driver_families_max,
    )
