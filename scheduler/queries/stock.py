"""What a pool has of each device class, and of what a selector matches, with how much of it is free at this instant.

Read from the board that this process keeps: free is what the planner could take now, and it costs one query when
nothing has changed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from fabric.topology import DeviceClassFacts, PoolTopology
from scheduler.planning.index import PoolIndex
from scheduler.planning.matching import matched
from scheduler.planning.rates import Tariff, Terms
from scheduler.planning.shape import Shape
from scheduler.planning.snapshot import QuotaFacts
from scheduler.queries.boards import board
from scheduler.queries.snapshots import snapshot_of
from scheduler.requests import Line
from scheduler.selectors import Attributes, attributes_of_block
from scheduler.states import Priority

_INSTANT = timedelta(microseconds=1)
_NOBODY = QuotaFacts("")
_VALUES_KEY = "what attributes say here"
Values = Mapping[str, tuple[str | int | float | bool, ...]]


@dataclass(frozen=True, slots=True)
class StockRow:
    facts: DeviceClassFacts
    total: int
    free: int
    tariff: Tariff  # for who books now
    profiles: tuple[str, ...] = ()  # of MIG, where a card here may be cut


@dataclass(frozen=True, slots=True)
class Matches:
    """The classes with devices that match, best first; their numbers are of these devices only."""

    rows: tuple[StockRow, ...]

    @property
    def devices(self) -> int:
        return sum(row.total for row in self.rows)

    @property
    def free(self) -> int:
        return sum(row.free for row in self.rows)


class Stock:
    """One pool at one instant."""

    def __init__(self, index: PoolIndex, now: datetime, terms: Terms) -> None:
        self._index = index
        self._terms = terms
        self._free = index.usable & ~index.busy(now, now + _INSTANT)

    @property
    def shape(self) -> Shape:
        return self._index.shape

    @property
    def topology(self) -> PoolTopology:
        return self._index.topology

    def rows(self) -> tuple[StockRow, ...]:
        """Of every class the pool has some of, by code."""
        classes = self.topology.classes
        return tuple(self._row(code) for code in sorted(self.topology.stock) if code in classes)

    def matching(self, line: Line) -> Matches:
        """Of a line with a selector that can be read; its count does not matter."""
        return Matches(tuple(self._row(one.codes[0], one.blocks) for one in matched(line, self.topology)))

    def values(self) -> Values:
        """What the attributes of this pool's devices say: all values of each, sorted."""
        remembered = self.topology.remembered
        if _VALUES_KEY not in remembered:
            remembered[_VALUES_KEY] = _values(self.topology)
        found: Values = remembered[_VALUES_KEY]  # type: ignore[assignment]
        return found

    def _row(self, code: str, blocks: Iterable[str] | None = None) -> StockRow:
        facts, stock = self.topology.classes[code], self.topology.stock[code]
        codes = {block.code for block in stock} if blocks is None else set(blocks)
        mask = sum(1 << self._index.bit_of[False, one] for one in codes)
        can_be_cut = any(block.is_mig_capable for block in stock if block.code in codes)
        profiles = tuple(facts.mig_profiles) if can_be_cut else ()
        tariff = self._terms.tariff(device_class=code, catalogue=facts.rate_usd_per_hour)
        return StockRow(facts, len(codes), (mask & self._free).bit_count(), tariff, profiles)


def stock(*, pool_code: str, now: datetime, priority: Priority = Priority.NORMAL) -> Stock:
    """`priority` is that of who asks for the rates. Raises Pool.DoesNotExist."""
    seen = snapshot_of(board=board(pool_code=pool_code), quota=_NOBODY, now=now)
    return Stock(PoolIndex(seen), now, seen.terms(priority))


def _values(topology: PoolTopology) -> Values:
    found: defaultdict[str, set[str | int | float | bool]] = defaultdict(set)
    for one in _described(topology):
        for name, value in one.items():
            found[name].add(value)
    return {name: tuple(sorted(values, key=lambda value: (str(type(value)), value))) for name, values in found.items()}


def _described(topology: PoolTopology) -> Iterable[Attributes]:
    for blocks in topology.stock.values():
        yield from (attributes_of_block(block, topology) for block in blocks)
