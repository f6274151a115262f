"""Carry out what was decided about those in the way of a maintenance, in the transaction that plans it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from django.db.models import F

from scheduler import journal, limits
from scheduler.journal_kinds import JournalKind
from scheduler.models import Reservation
from scheduler.planning.plan import plan_to_wire
from scheduler.planning.repricing import price_ending_at
from scheduler.planning.sentences import in_utc
from scheduler.planning.shortening import ending_at
from scheduler.requests import Actor
from scheduler.services._commit import Footing, cut_allocations, write_moves
from scheduler.services._finishing import finish
from scheduler.services._maintaining import Affected, moves_of, plan_as_held
from scheduler.services._moving import write_plan
from scheduler.services._releasing import begin_release
from scheduler.services._tries import Overtaken
from scheduler.states import CANCELLABLE, Decision, ReservationState


def carry_out(
    decided: Mapping[Decision, Sequence[Affected]],
    *,
    because: str,
    begin: datetime,
    footing: Footing,
    by: Actor,
    now: datetime,
) -> None:
    """Under the pool's lock. What is cancelled goes first, since others may have been planned in its place.

    `because` is a clause that everybody may read. Raises Overtaken if somebody was faster.
    """
    for one in decided[Decision.CANCEL]:
        _cancel(one.reservation, because, begin, footing, by, now)
    for one in decided[Decision.SHORTEN]:
        assert one.ends_at is not None, "only what can be shortened is decided so"
        _shorten(one.reservation, one.ends_at, because, footing, by, now)
    moved = moves_of(decided[Decision.MOVE])
    topology, rates = footing.board.inventory.shape.topology, footing.board.inventory.rates
    for move in moved:
        write_plan(move, topology=topology, rates=rates, words=partial(_moved, because), by=by, now=now)
    if moved:
        write_moves(moved=moved, footing=footing)


def _moved(because: str, changes: str) -> str:
    return f"Moved within its window, because {because}: {changes}."


def _cancel(row: Reservation, because: str, begin: datetime, footing: Footing, by: Actor, now: datetime) -> None:
    """What is composed is released at once; what is not proven by the time it begins overruns, as any release may."""
    reason = f"An operator cancelled it, because {because}."
    if row.state in CANCELLABLE:
        done = finish(row, to=ReservationState.CANCELLED, message=reason, reason=reason, by=by, now=now)
    else:
        done = begin_release(reservation=row, intent=ReservationState.CANCELLED, reason=reason, by=by, now=now)
        cut_allocations(reservation=row, until=begin, footing=footing)
    if not done:
        raise Overtaken


def _shorten(row: Reservation, ends_at: datetime, because: str, footing: Footing, by: Actor, now: datetime) -> None:
    """It is not charged for what it is not given."""
    held = plan_as_held(row)
    plan = ending_at(plan=held, ends_at=ends_at)
    changed = Reservation.objects.filter(pk=row.pk, state=row.state, version=row.version).update(
        plan=plan_to_wire(plan),
        price=price_ending_at(price=row.price, plan=held, ends_at=ends_at),
        ends_at=plan.ends_at,
        busy_until=plan.busy_until,
        next_due_at=looked_at_next(row, ends_at, now),
        version=F("version") + 1,
        updated_at=now,
    )
    if not changed:
        raise Overtaken
    cut_allocations(reservation=row, until=plan.busy_until, footing=footing)
    row.refresh_from_db()
    minutes = (held.ends_at - ends_at) // timedelta(minutes=1)
    message = f"An operator shortened it by {minutes:,} minutes: it ends {in_utc(ends_at)}, because {because}."
    facts = {"ends_at": ends_at.isoformat(), "ends_at_before": held.ends_at.isoformat()}
    kind = JournalKind.RESERVATION_SHORTENED
    journal.record(kind=kind, message=message, by=by, now=now, reservation=row, facts=facts)


def looked_at_next(row: Reservation, ends_at: datetime, now: datetime) -> datetime | None:
    """One in use is reminded of its new end; what is due otherwise stays so."""
    if row.state == ReservationState.COMPOSING:
        return ends_at
    if row.state == ReservationState.ACTIVE:
        remind_at = max(now, ends_at - timedelta(minutes=limits.ENDING_SOON_MINUTES))
        return ends_at if row.ending_soon_told_at else remind_at
    return row.next_due_at
