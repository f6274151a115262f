"""What is usable and nobody's over one padded window: counted by bits, listed only where it is asked for. Pure."""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import cast

from fabric.topology import BlockFacts
from scheduler.planning.index import PoolIndex


class Vacancy:
    """Asked many times for one window, so every answer is kept."""

    def __init__(self, index: PoolIndex, begin: datetime, end: datetime) -> None:
        self._index = index
        self._period = (begin, end)
        self._blocks: dict[tuple[str, str], Sequence[BlockFacts]] = {}
        self._counts: dict[tuple[str, str], int] = {}

    @cached_property
    def mask(self) -> int:
        return self._index.usable & ~self._index.busy(*self._period)

    def blocks(self, code: str, chassis: str) -> Sequence[BlockFacts]:
        """Of a class in one chassis, by slot."""
        found = self._blocks.get((code, chassis))
        if found is None:
            free = self._index.chassis_masks.get((code, chassis), 0) & self.mask
            found = self._blocks[code, chassis] = cast(Sequence[BlockFacts], self._index.shape.units_in(free))
        return found

    def count(self, code: str, reach: str) -> int:
        """Of a class within one reach."""
        found = self._counts.get((code, reach))
        if found is None:
            mask = self._index.class_masks.get((code, reach), 0)
            found = self._counts[code, reach] = (mask & self.mask).bit_count()
        return found

    def count_in(self, code: str, chassis: str) -> int:
        """Of a class in one chassis."""
        return (self._index.chassis_masks.get((code, chassis), 0) & self.mask).bit_count()

    def count_all(self, code: str) -> int:
        return sum(self.count(code, reach) for reach in self._index.layout.reaches(code))

    def has_host(self, code: str) -> bool:
        return bool(self._hosts >> self._index.bit_of[True, code] & 1)

    @cached_property
    def _hosts(self) -> int:
        """Hosts have the lowest bits, so that one of them is found in a short number."""
        return self.mask & ((1 << len(self._index.hosts)) - 1)
