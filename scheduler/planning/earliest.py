"""The first starts at which a whole mix fits for as long as asked, between two moments; or that there are none. Pure.

A mix that does not fit at one start can fit at a later one only once something was given back (or the pool's own
lead or a reboot is over), so nothing is asked but those instants, and the first moment itself. They are covered slot
by slot: what is certainly busy for every start of a slot is counted first, and only where the counts leave room are
the instants inside asked of the planner. Nothing is passed over, so an empty answer is a proof.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduler.limits import (
    EARLIEST_BLOCKS_MAX,
    EARLIEST_DOUBTS_MAX,
    EARLIEST_PROOF_BLOCKS_MAX,
    EARLIEST_PROOFS_MAX,
    EARLIEST_TRIES_MAX,
    EARLIEST_TRIES_MIN,
)
from scheduler.planning.attempts import attempt, case_of, plan_or_none, plan_or_proof
from scheduler.planning.horizon import Horizon
from scheduler.planning.index import PoolIndex
from scheduler.planning.openings import Openings
from scheduler.planning.plan import Plan
from scheduler.planning.quota import is_near_term
from scheduler.planning.rules import policy, quota
from scheduler.planning.search import SearchLimit
from scheduler.refusals import Refusal
from scheduler.requests import ReservationRequest, Window


@dataclass(frozen=True, slots=True)
class Earliest:
    """`windows` in order of time, successive starts at least one slot of the calendar apart.

    `is_proven`: nothing earlier than the last of them was passed over in doubt, and if there are fewer than asked for
    there are no more. `binds` are the reasons at the first moment, empty if the mix fits there.
    """

    windows: tuple[Plan, ...]
    is_proven: bool
    binds: tuple[Refusal, ...]


def earliest(
    *,
    request: ReservationRequest,
    index: PoolIndex,
    duration: timedelta,
    not_before: datetime,
    not_after: datetime | None,
    limit: int,
) -> Earliest:
    """The window of `request` is not looked at. Every window lies wholly between the two moments, and no start is
    sooner than its whole set-up and the pool's lead allow, or beyond its calendar.
    """
    search = _Search(request, index, duration, limit)
    horizon = Horizon.of(mix=request.mix, index=index, duration=duration, not_before=not_before, not_after=not_after)
    search.run(horizon)
    binds: tuple[Refusal, ...] = ()
    first = search.windows[0].starts_at if search.windows else None
    if first != horizon.first:
        outcome = attempt(request=search.at(horizon.first), index=index)
        binds = () if isinstance(outcome, Plan) else tuple(outcome)
    return Earliest(tuple(search.windows), search.is_proven, binds)


class _Search:
    def __init__(self, request: ReservationRequest, index: PoolIndex, duration: timedelta, limit: int) -> None:
        self._request = request
        self._index = index
        self._duration = duration
        self._limit = limit
        size = request.mix.node_count * max(1, len(index.topology.blocks))
        self._tries_left = max(EARLIEST_TRIES_MIN, min(EARLIEST_TRIES_MAX, EARLIEST_BLOCKS_MAX // size))
        self._proofs_left = max(1, min(EARLIEST_PROOFS_MAX, EARLIEST_PROOF_BLOCKS_MAX // size))
        self._doubts_left = EARLIEST_DOUBTS_MAX
        self.windows: list[Plan] = []
        self.is_proven = True

    def run(self, horizon: Horizon) -> None:
        openings = Openings(mix=self._request.mix, index=self._index)
        is_hopeless = openings.is_hopeless or self._has_wrong_length(horizon)
        while not is_hopeless and len(self.windows) < self._limit:
            found = self._next(horizon, openings)
            if found is None:
                return
            self.windows.append(found)
            horizon = horizon.after(found.starts_at)

    def _has_wrong_length(self, horizon: Horizon) -> bool:
        """No start would cure it."""
        return any(policy.duration(case_of(request=self.at(horizon.first), index=self._index)))

    def at(self, starts_at: datetime) -> ReservationRequest:
        return replace(self._request, window=Window(starts_at=starts_at, ends_at=starts_at + self._duration))

    def _next(self, horizon: Horizon, openings: Openings) -> Plan | None:
        for starts_at in self._candidates(horizon, openings):
            if not self._tries_left:
                self.is_proven = False
                return None
            self._tries_left -= 1
            plan = self._plan(self.at(starts_at))
            if plan is not None:
                return plan
            self.is_proven = self.is_proven and not self._lacks_hours(starts_at)
        return None

    def _lacks_hours(self, starts_at: datetime) -> bool:
        """Then a start before the next that is tried might have enough of them."""
        is_limited = bool(self._index.snapshot.quota.hour_limits)
        return is_limited and any(quota.device_hours(case_of(request=self.at(starts_at), index=self._index)))

    def _plan(self, request: ReservationRequest) -> Plan | None:
        """Greedy, and exactly where greedy cannot tell; once that was too dear too often, greedy alone, unproven."""
        try:
            return plan_or_none(request=request, index=self._index)
        except SearchLimit:
            pass
        if self._proofs_left and self._doubts_left:
            self._proofs_left -= 1
            try:
                return plan_or_proof(request=request, index=self._index)
            except SearchLimit:
                self._doubts_left -= 1
        self.is_proven = False
        return None

    def _candidates(self, horizon: Horizon, openings: Openings) -> Iterator[datetime]:
        for starts_at in horizon.starts(openings):
            begin, end = horizon.padded(starts_at)
            if self._is_within_quota(openings, starts_at, begin, end) and openings.allow(self._index.busy(begin, end)):
                yield starts_at

    def _is_within_quota(self, openings: Openings, starts_at: datetime, begin: datetime, end: datetime) -> bool:
        """Only the ceiling over all accelerators; the planner knows the others."""
        seen = self._index.snapshot
        most = seen.quota.accelerators_max
        if most is None or is_near_term(quota=seen.quota, begins_at=starts_at, now=seen.now):
            return True
        held = self._index.timeline.accelerators_of(self._request.project, begin, end)
        return held + openings.accelerators <= most
