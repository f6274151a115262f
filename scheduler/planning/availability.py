"""How many units of each class are free over time: for the whole of a step, and for the whole of the hours after it.

A unit is free where it is healthy, not cordoned, and nobody's: set-up and clean-up of others count as theirs, those of
a reservation that is still to be made are not counted, unless they are asked for. Pure.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from scheduler.planning.index import PoolIndex
from scheduler.planning.window import turnaround


@dataclass(frozen=True, slots=True)
class Free:
    """Of one class, or of hosts: `total` whatever their condition; one figure a step in the rest.

    Who ends keeps a unit for so many minutes more, until it is clean for the next one.
    """

    total: int
    usable: int
    turnaround_minutes: int
    whole_step: tuple[int, ...]
    whole_hours: tuple[int, ...]  # empty unless hours were asked for


@dataclass(frozen=True, slots=True)
class Availability:
    starts: tuple[datetime, ...]
    classes: Mapping[str, Free]  # by code, every class of which the pool has some
    hosts: Free


def availability(
    *,
    index: PoolIndex,
    begin: datetime,
    end: datetime,
    step: timedelta,
    hours: timedelta | None = None,
    zone: str | None = None,
) -> Availability:
    """Steps of `[begin, end)`, the last one cut at its end. With a zone, only what can be composed in it is counted."""
    return free_between(index=index, edges=(*_starts(begin, end, step), end), hours=hours, zone=zone)


def free_between(
    *,
    index: PoolIndex,
    edges: Sequence[datetime],
    hours: timedelta | None = None,
    zone: str | None = None,
    with_clean_up: bool = False,
) -> Availability:
    """Steps from each edge to the next, of whatever length: a day may have 23 hours.

    With the clean-up, a unit counts for the hours only if nobody has it before it would be clean again after them.
    """
    count = _Count(index, edges, hours, with_clean_up)
    classes, hosts = class_masks(index=index, zone=zone)
    return Availability(
        starts=tuple(edges[:-1]),
        classes={code: count.of(mask, [code]) for code, mask in sorted(classes.items())},
        hosts=count.of(hosts, []),
    )


class _Count:
    """Who is busy in each step is worked out once for all classes; and in the hours after it, once a clean-up."""

    def __init__(
        self, index: PoolIndex, edges: Sequence[datetime], hours: timedelta | None, with_clean_up: bool
    ) -> None:
        self._index, self._starts, self._hours, self._with_clean_up = index, edges[:-1], hours, with_clean_up
        self._busy = [index.timeline.busy(*step) for step in pairwise(edges)]
        self._later: dict[timedelta, list[int]] = {}

    def of(self, mask: int, classes: Sequence[str]) -> Free:
        usable = mask & self._index.usable
        after = turnaround(classes=classes, topology=self._index.topology)
        later = self._lasting(after.length if self._with_clean_up else timedelta())
        return Free(
            total=mask.bit_count(),
            usable=usable.bit_count(),
            turnaround_minutes=after.minutes,
            whole_step=tuple((usable & ~held).bit_count() for held in self._busy),
            whole_hours=tuple((usable & ~held).bit_count() for held in later),
        )

    def _lasting(self, clean_up: timedelta) -> list[int]:
        if self._hours is None:
            return []
        if clean_up not in self._later:
            length = self._hours + clean_up
            self._later[clean_up] = [self._index.timeline.busy(at, at + length) for at in self._starts]
        return self._later[clean_up]


def class_masks(*, index: PoolIndex, zone: str | None = None) -> tuple[dict[str, int], int]:
    """The units of each class, and the hosts."""
    reach = None if zone is None else f"zone {zone}"
    classes: defaultdict[str, int] = defaultdict(int)
    for (code, where), mask in index.class_masks.items():
        if reach in (None, where):
            classes[code] |= mask
    hosts = 0
    for where, mask in index.host_masks.items():
        hosts |= mask if reach in (None, where) else 0
    return classes, hosts


def _starts(begin: datetime, end: datetime, step: timedelta) -> tuple[datetime, ...]:
    count = -((begin - end) // step)
    return tuple(begin + nth * step for nth in range(count))
