"""How many units of each class are free over time: for the whole of a step, and for the whole of the hours after it.

A unit is free where it is healthy, not cordoned, and nobody's: set-up and clean-up of others count as theirs, those of
a reservation that is still to be made are not counted. Pure.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

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
    starts = _starts(begin, end, step)
    busy = [index.timeline.busy(at, min(at + step, end)) for at in starts]
    later = [index.timeline.busy(at, at + hours) for at in starts] if hours is not None else []
    classes, hosts = _masks(index, None if zone is None else f"zone {zone}")
    return Availability(
        starts=starts,
        classes={code: _free(mask, index, busy, later, [code]) for code, mask in sorted(classes.items())},
        hosts=_free(hosts, index, busy, later, []),
    )


def _free(mask: int, index: PoolIndex, busy: list[int], later: list[int], classes: list[str]) -> Free:
    usable = mask & index.usable
    return Free(
        total=mask.bit_count(),
        usable=usable.bit_count(),
        turnaround_minutes=turnaround(classes=classes, topology=index.topology).minutes,
        whole_step=tuple((usable & ~held).bit_count() for held in busy),
        whole_hours=tuple((usable & ~held).bit_count() for held in later),
    )


def _masks(index: PoolIndex, reach: str | None) -> tuple[dict[str, int], int]:
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
