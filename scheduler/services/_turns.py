"""One look at one that waits: its turn, or what it waits for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction

from scheduler.models import WaitlistEntry
from scheduler.planning.earliest import Earliest, earliest
from scheduler.planning.estimating import Estimate, LateWaits, Rests, estimate_to_wire
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan, plan_from_wire, plan_to_wire
from scheduler.planning.snapshot import Snapshot
from scheduler.planning.targets import is_own_limit, target
from scheduler.queries.snapshots import snapshot
from scheduler.refusals import Refusal, Refused
from scheduler.requests import ReservationRequest
from scheduler.services._commit import take_footing
from scheduler.services._promoting import take_turn
from scheduler.services._standing import request_of
from scheduler.services._tries import Overtaken, with_tries
from scheduler.states import ReservationState

REASONS_MAX = 5


class Outcome(StrEnum):
    PROMOTED = "promoted"
    GUARDED = "guarded"  # it waits on, and a window is kept for it
    WAITS = "waits"


@dataclass(frozen=True, slots=True)
class _Look:
    """One that waits, in its pool as it is without what is kept for it."""

    entry: WaitlistEntry
    request: ReservationRequest
    seen: Snapshot
    index: PoolIndex
    now: datetime

    @property
    def duration(self) -> timedelta:
        return timedelta(minutes=self.entry.duration_minutes)

    @property
    def soonest(self) -> datetime:
        """An offer begins when its time to accept is over, if it can: else part of its window would be lost."""
        wait = 0 if self.entry.is_auto_accepted else self.entry.accept_minutes
        return max(self.entry.not_before, self.now + timedelta(minutes=wait))

    def first_fit(self, *, not_before: datetime, not_after: datetime | None) -> Earliest:
        return earliest(
            request=self.request,
            index=self.index,
            duration=self.duration,
            not_before=not_before,
            not_after=not_after,
            limit=1,
        )


def look(*, entry: WaitlistEntry, may_guard: bool, late: LateWaits, now: datetime) -> Outcome:
    """Raises Refused (POOL_BUSY) where the pool's lock was not to be had."""
    request = request_of(reservation=entry.reservation)
    if request is None:
        return Outcome.WAITS  # a class of it is gone; it ends with that when its time is up
    reservation = entry.reservation
    seen = snapshot(
        pool_code=request.pool,
        project_slug=request.project,
        now=now,
        priority=request.priority,
        waiting=reservation.code,
    )
    one = _Look(entry, request, seen, PoolIndex(seen), now)
    plan, binds = _fitting(one)
    if plan is not None and _is_taken(one, plan):
        return Outcome.PROMOTED
    return _wait_on(one, binds, may_guard=may_guard, late=late)


def unguard(*, entry: WaitlistEntry) -> None:
    """Nothing is kept for it any longer."""
    _write_guard(entry, None)


def _fitting(one: _Look) -> tuple[Plan | None, tuple[Refusal, ...]]:
    found = one.first_fit(not_before=one.soonest, not_after=one.entry.not_after)
    if not found.windows and one.soonest > one.entry.not_before:
        found = one.first_fit(not_before=one.entry.not_before, not_after=one.entry.not_after)
    return (found.windows[0] if found.windows else None), found.binds


def _is_taken(one: _Look, plan: Plan) -> bool:
    """False where somebody was faster."""

    def once() -> bool:
        return take_turn(entry=one.entry, request=one.request, plan=plan, seen=one.seen, now=one.now)

    try:
        return with_tries(once)
    except (Refused, Overtaken):
        return False


def _wait_on(one: _Look, binds: tuple[Refusal, ...], *, may_guard: bool, late: LateWaits) -> Outcome:
    """Say what it waits for, and keep a window for it if it is the first."""
    is_own = is_own_limit(binds)
    guard = _guard(one) if may_guard and not is_own else None
    written_in = _write_guard(one.entry, guard[0] if guard else None)
    later = one.first_fit(not_before=one.entry.not_before, not_after=None).windows
    rests_on = Rests.GUARD if guard else Rests.OWN_LIMIT if is_own else Rests.OTHERS
    estimate = Estimate(
        rests_on=rests_on,
        at=guard[0].starts_at if guard else None,
        in_the_way=guard[1] if guard else 0,
        first_fit=later[0].starts_at if later else None,
        late=late,
    )
    WaitlistEntry.objects.filter(pk=one.entry.pk).update(
        estimated_at=estimate.at,
        estimate=estimate_to_wire(estimate),
        reasons=[{"code": each.code, "message": each.message} for each in binds[:REASONS_MAX]],
        looked_at=one.now,
        looked_in=_looked_in(one, written_in),
    )
    return Outcome.GUARDED if guard else Outcome.WAITS


def _guard(one: _Look) -> tuple[Plan, int] | None:
    """The window kept already, as long as it can still be had: one that moved about would never come true."""
    kept = _kept(one.entry)
    if kept is not None and kept.busy_from > one.now and _is_whole(kept, one.index):
        return kept, one.entry.estimate.get("in_the_way", 0)
    found = target(
        request=one.request,
        index=one.index,
        duration=one.duration,
        not_before=one.entry.not_before,
        not_after=one.entry.not_after,
    )
    return (found.plan, len(found.in_the_way)) if found else None


def _kept(entry: WaitlistEntry) -> Plan | None:
    return plan_from_wire(entry.guard) if entry.guarded_from is not None else None


def _is_whole(plan: Plan, index: PoolIndex) -> bool:
    """Whether none of its units is out of service."""
    keys = [key for node in plan.nodes for key in ((True, node.host), *((False, block) for block in node.blocks))]
    return all(key in index.bit_of and index.usable >> index.bit_of[key] & 1 for key in keys)


def _write_guard(entry: WaitlistEntry, plan: Plan | None) -> int | None:
    """Moves the pool's generation, to the one returned, since it belongs to what a board shows.

    None, and nothing is written, where nothing changes.
    """
    if plan == _kept(entry):
        return None
    wire = plan_to_wire(plan) if plan is not None else {}
    with transaction.atomic():
        footing = take_footing(pool=entry.reservation.pool)
        mine = WaitlistEntry.objects.filter(pk=entry.pk, reservation__state=ReservationState.WAITLISTED)
        mine.update(guard=wire, guarded_from=plan.busy_from if plan is not None else None)
    entry.guard, entry.guarded_from = wire, plan.busy_from if plan is not None else None
    return footing.generation


def _looked_in(one: _Look, written_in: int | None) -> int:
    """What was seen, or that with its own guard alone: whatever else changed meanwhile is for the next look."""
    seen = one.seen.generation
    return seen + 1 if written_in == seen + 1 else seen
