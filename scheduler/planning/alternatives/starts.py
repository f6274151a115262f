"""The nearest start after, and the nearest before, at which the same mix fits for as long. Pure.

Later, something can only become free where a commitment ends; earlier, only where one begins: there and nowhere else
is asked, nearest first, and the planner only where the counts leave room.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from scheduler.limits import NEARBY_DAYS_MAX, NEXT_FREE_TRIES_MAX
from scheduler.planning.alternatives.changing import alternative, at_start
from scheduler.planning.alternatives.tries import Tries
from scheduler.planning.horizon import Horizon
from scheduler.planning.index import PoolIndex
from scheduler.planning.openings import Openings
from scheduler.planning.sentences import in_utc
from scheduler.planning.turnarounds import turnaround_of
from scheduler.refusals import Alternative
from scheduler.requests import ReservationRequest

MICROSECOND = timedelta(microseconds=1)


def later(*, request: ReservationRequest, tries: Tries, openings: Openings) -> Alternative | None:
    window = request.window
    horizon = Horizon.of(
        mix=request.mix,
        index=tries.index,
        duration=window.ends_at - window.starts_at,
        not_before=window.starts_at + MICROSECOND,
        not_after=None,
    )
    return _first("start", horizon.starts(openings), request, tries, openings)


def before(*, request: ReservationRequest, tries: Tries, openings: Openings) -> Alternative | None:
    """None for a start “now”: there is nothing before it."""
    if request.window.is_now:
        return None
    return _first("start_before", _earlier(request, tries.index), request, tries, openings)


def _first(
    kind: str, starts: Iterable[datetime], request: ReservationRequest, tries: Tries, openings: Openings
) -> Alternative | None:
    tries.begin(NEXT_FREE_TRIES_MAX)
    for start in starts:
        moved = at_start(request, start)
        if not _has_room(moved, tries.index, openings):
            continue
        if tries.fits(moved):
            message = f"The same from {in_utc(start)} to {in_utc(moved.window.ends_at)}."
            return alternative(kind=kind, message=message, asked=request, granted=moved)
        if tries.is_used_up:
            break
    return None


def _has_room(request: ReservationRequest, index: PoolIndex, openings: Openings) -> bool:
    window = request.window
    policy = index.topology.policy
    begin = window.starts_at - timedelta(minutes=policy.setup_minutes)
    return openings.allow(index.busy(begin, window.ends_at + _clean_up(request, index)))


def _clean_up(request: ReservationRequest, index: PoolIndex) -> timedelta:
    return turnaround_of(mix=request.mix, topology=index.topology).length


def _earlier(request: ReservationRequest, index: PoolIndex) -> Iterator[datetime]:
    """Clean-up over the instant a unit is taken, the latest first, a day at a time; at first the calendar's own end."""
    policy, now = index.topology.policy, index.snapshot.now
    window = request.window
    tail = window.ends_at - window.starts_at + _clean_up(request, index)
    bounds = index.snapshot.bounds
    soonest = now + timedelta(minutes=max(policy.setup_minutes, bounds.min_lead_minutes))
    last = min(window.starts_at - MICROSECOND, now + timedelta(days=bounds.horizon_days))
    if last < window.starts_at - MICROSECOND:
        yield last
    for _ in range(NEARBY_DAYS_MAX):
        first = max(soonest, last - timedelta(days=1))
        if first > last:
            return
        yield from reversed([at - tail for at in index.timeline.begins_in(first + tail, last + tail + MICROSECOND)])
        last = first - MICROSECOND
