"""The columns of an availability page: instants that lie on the reader's wall clock, and what stands over them. Pure.

A day runs from one local midnight to the next, so that it has 23 or 25 hours when the clocks change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import groupby, pairwise

from portal.web.forms.outlook import Zoom

HALF_HOUR, FOUR_HOURS, DAY = timedelta(minutes=30), timedelta(hours=4), timedelta(days=1)
COUNTS: Mapping[Zoom, int] = {Zoom.HOURS: 48, Zoom.DAYS: 42, Zoom.WEEKS: 60}
STEPS: Mapping[Zoom, timedelta] = {Zoom.HOURS: HALF_HOUR, Zoom.DAYS: FOUR_HOURS, Zoom.WEEKS: DAY}
TURNS: Mapping[Zoom, timedelta] = {Zoom.HOURS: 24 * HALF_HOUR, Zoom.DAYS: 7 * DAY, Zoom.WEEKS: 28 * DAY}
NARROW = 4  # columns: too few for a whole label over them
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Heading:
    """A day, or in weeks a month, over its columns; `rest` is only spoken."""

    shown: str
    rest: str
    span: int


@dataclass(frozen=True, slots=True)
class Tick:
    """One column's head; `rest` is only spoken. The first of its day or month has a line before it."""

    above: str
    shown: str
    rest: str
    is_first: bool
    is_quiet: bool  # a Saturday or a Sunday


def edges_of(*, zoom: Zoom, begin: datetime, until: datetime, zone: tzinfo, now: datetime) -> tuple[datetime, ...]:
    """In UTC, one more than columns. The first column is cut at now; none begins after what can be booked."""
    first = floor_of(begin, zoom=zoom, zone=zone)
    if zoom == Zoom.HOURS:  # steps of one length, whatever the clock shows; it shows half hours in any case
        found = [first + nth * HALF_HOUR for nth in range(COUNTS[zoom] + 1)]
    else:
        start = first.astimezone(zone).replace(tzinfo=None)
        found = [instant_of(start + nth * STEPS[zoom], zone) for nth in range(COUNTS[zoom] + 1)]
    edges = sorted({max(at, now) for at in found})
    return (edges[0], *(end for before, end in pairwise(edges) if before < until))


def floor_of(begin: datetime, *, zoom: Zoom, zone: tzinfo) -> datetime:
    """Where the step begins in which it lies: a half hour, a fourth hour or a midnight of the zone. In UTC."""
    wall = begin.astimezone(zone).replace(second=0, microsecond=0, tzinfo=None)
    if zoom == Zoom.HOURS:
        return begin.astimezone(UTC).replace(second=0, microsecond=0) - timedelta(minutes=wall.minute % 30)
    return instant_of(wall.replace(hour=wall.hour // 4 * 4 if zoom == Zoom.DAYS else 0, minute=0), zone)


def turned(begin: datetime, *, zoom: Zoom, zone: tzinfo, pages: int) -> datetime:
    """So many pages later by the wall clock, or earlier: where a step begins."""
    wall = floor_of(begin, zoom=zoom, zone=zone).astimezone(zone).replace(tzinfo=None)
    return instant_of(wall + pages * TURNS[zoom], zone)


def instant_of(wall: datetime, zone: tzinfo) -> datetime:
    """In UTC. One that the clocks skip is as much later as they skip; of two it is the first."""
    return wall.replace(tzinfo=zone).astimezone(UTC)


def ticks_of(starts: Sequence[datetime], *, zoom: Zoom, zone: tzinfo) -> tuple[Tick, ...]:
    walls = [at.astimezone(zone) for at in starts]
    before = [None, *(_group(wall, zoom) for wall in walls)]
    return tuple(
        _tick(wall, zoom, is_first=last not in (None, _group(wall, zoom)))
        for wall, last in zip(walls, before, strict=False)
    )


def headings_of(starts: Sequence[datetime], *, zoom: Zoom, zone: tzinfo) -> tuple[Heading, ...]:
    walls = [at.astimezone(zone) for at in starts]
    groups = [list(ones) for _, ones in groupby(walls, key=lambda wall: _group(wall, zoom))]
    return tuple(_heading(ones[0], zoom, len(ones)) for ones in groups)


def _group(wall: datetime, zoom: Zoom) -> tuple[int, ...]:
    return (wall.year, wall.month) if zoom == Zoom.WEEKS else (wall.year, wall.month, wall.day)


def _heading(wall: datetime, zoom: Zoom, span: int) -> Heading:
    short, rest = (f"{wall:%b}", f" {wall.year}") if zoom == Zoom.WEEKS else (f"{wall:%a}", f" {wall.day} {wall:%b}")
    return Heading(short, rest, span) if span < NARROW else Heading(f"{short}{rest}", "", span)


def _tick(wall: datetime, zoom: Zoom, *, is_first: bool) -> Tick:
    is_quiet = wall.weekday() >= _SATURDAY
    if zoom == Zoom.WEEKS:
        return Tick(f"{wall:%a}"[:1], f"{wall.day}", f" {wall:%a}", is_first, is_quiet)
    if wall.minute:
        return Tick("", "", f"{wall:%H:%M}", is_first, is_quiet)
    return Tick("", f"{wall:%H}", ":00", is_first, is_quiet)
