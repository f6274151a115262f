"""Whether the rest could be placed at all, by sums alone: what refutes at once that a search would only exhaust. Pure.

Every bound leaves something out, so it may say yes where the answer is no, and never the other way round.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from fabric.topology import BlockFacts, HostFacts
from scheduler.planning.case import Case, Wish, reach_of_block, reach_of_host
from scheduler.planning.timeline import rack_of

PLENTY = 1 << 30


@dataclass
class Stock:
    """Blocks not taken yet, counted by class and chassis; kept up to date as the search puts and takes back."""

    case: Case
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    racks: dict[str, str] = field(default_factory=dict)
    reaches: dict[str, str] = field(default_factory=dict)  # chassis → what reaches it

    @classmethod
    def of(cls, case: Case, blocks: Iterable[BlockFacts]) -> "Stock":
        stock = cls(case)
        for block in blocks:
            stock.add(block, 1)
        return stock

    def add(self, block: BlockFacts, by: int) -> None:
        chassis = block.pru or block.host or ""
        self.counts[block.device_class, chassis] += by
        if chassis not in self.racks:
            self.racks[chassis] = rack_of(self.case.topology, block)
            self.reaches[chassis] = reach_of_block(block)


@dataclass(frozen=True)
class Bounds:
    """`zoned` is False while rule R1 is left out; the callables tell what the other rules leave over."""

    stock: Stock
    zoned: bool
    watts_left: Callable[[str], float]
    uplinks_left: Callable[[str], int]
    hosts_left: Callable[[Wish], Sequence[HostFacts] | None]  # None while rule R0 is left out

    def allow(self, wishes: Sequence[Wish]) -> bool:
        need: Counter[str] = Counter()
        groups: defaultdict[int, list[Wish]] = defaultdict(list)
        for wish in wishes:
            need.update(wish.need)
            groups[wish.group].append(wish)
        return all(self._fed(code) >= count for code, count in need.items()) and all(
            self._nodes(group[0]) >= len(group) for group in groups.values()
        )

    def _fed(self, code: str) -> int:
        """Devices of a class that are left and that their racks could feed."""
        watts = self.stock.case.topology.classes[code].tdp_w
        by_rack: Counter[str] = Counter()
        for (device_class, chassis), count in self.stock.counts.items():
            if device_class == code:
                by_rack[self.stock.racks[chassis]] += count
        return sum(min(count, _devices(self.watts_left(rack), watts)) for rack, count in by_rack.items())

    def _nodes(self, wish: Wish) -> int:
        """Nodes like this one that the zones could hold: by hosts, by devices and by uplinks, each alone."""
        hosts = self.hosts_left(wish)
        by_zone = Counter(self._zone(reach_of_host(host)) for host in hosts) if hosts is not None else None
        devices: defaultdict[str, Counter[str]] = defaultdict(Counter)
        uplinks: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for (code, chassis), count in self.stock.counts.items():
            if code in wish.need and count:
                zone = self._zone(self.stock.reaches[chassis])
                devices[zone][code] += count
                uplinks[zone][code] += self.uplinks_left(chassis)
        return sum(
            min(
                PLENTY if by_zone is None else by_zone[zone],
                _times(counts, wish.need),
                min(uplinks[zone][code] for code in wish.need),
            )
            for zone, counts in devices.items()
        )

    def _zone(self, zone: str) -> str:
        return zone if self.zoned else ""


def _devices(watts_left: float, watts: int) -> int:
    return PLENTY if not watts or watts_left == float("inf") else int(max(0.0, watts_left) // watts)


def _times(counts: Mapping[str, int], need: Mapping[str, int]) -> int:
    return min(counts.get(code, 0) // count for code, count in need.items())
