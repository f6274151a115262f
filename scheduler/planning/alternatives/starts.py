"""The nearest start after, and the nearest before, at which the same mix fits for as long. Pure.

Later, something can only become free where a commitment ends; earlier, only where one begins: there and nowhere else
is asked.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from scheduler.limits import NEXT_FREE_TRIES_MAX
from scheduler.planning.alternatives.changing import alternative, at_start, in_words
from scheduler.planning.alternatives.tries import Tries
from scheduler.planning.index import PoolIndex
from scheduler.refusals import Alternative
from scheduler.requests import ReservationRequest


def later(*, request: ReservationRequest, tries: Tries) -> Alternative | None:
    return _first("start", _ends(request, tries.index), request, tries)


def before(*, request: ReservationRequest, tries: Tries) -> Alternative | None:
    """None for a start “now”: there is nothing before it."""
    return None if request.window.is_now else _first("start_before", _begins(request, tries.index), request, tries)


def _first(kind: str, starts: Iterable[datetime], request: ReservationRequest, tries: Tries) -> Alternative | None:
    tries.begin(NEXT_FREE_TRIES_MAX)
    for start in starts:
        moved = at_start(request, start)
        if tries.fits(moved):
            message = f"The same from {in_words(start)} to {in_words(moved.window.ends_at)}."
            return alternative(kind=kind, message=message, asked=request, granted=moved)
        if tries.is_used_up:
            break
    return None


def _ends(request: ReservationRequest, index: PoolIndex) -> list[datetime]:
    """Set-up beginning the instant a unit is given back; and the soonest start that has its lead."""
    policy, now = index.topology.policy, index.snapshot.now
    setup = timedelta(minutes=policy.setup_minutes)
    starts = {one.busy_until + setup for one in index.snapshot.commitments if one.busy_until > now}
    starts |= {soonest(index)}
    return sorted(start for start in starts if start > request.window.starts_at)


def _begins(request: ReservationRequest, index: PoolIndex) -> list[datetime]:
    """Clean-up over the instant a unit is taken, the latest first; and the end of the calendar."""
    policy, now = index.topology.policy, index.snapshot.now
    tail = request.window.ends_at - request.window.starts_at + timedelta(minutes=policy.teardown_minutes)
    starts = {one.busy_from - tail for one in index.snapshot.commitments}
    starts |= {now + timedelta(days=policy.horizon_days)}
    return sorted((s for s in starts if soonest(index) <= s < request.window.starts_at), reverse=True)


def soonest(index: PoolIndex) -> datetime:
    """The first start with its whole set-up and its lead ahead."""
    policy = index.topology.policy
    return index.snapshot.now + timedelta(minutes=max(policy.setup_minutes, policy.min_lead_minutes))
