"""Another mix before anything is composed: planned anew in the same window, at the rates it was booked at."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.db.models import F

from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import Reservation
from scheduler.planning.admission import decide, fits, is_beyond_quota
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan, plan_from_wire, plan_to_wire
from scheduler.planning.pricing import booked_rates, price_of_plan, price_to_wire, watts
from scheduler.planning.snapshot import Snapshot
from scheduler.planning.timeline import Committed
from scheduler.queries.snapshots import snapshot, snapshot_of
from scheduler.refusals import Alternative, Refused
from scheduler.requests import Actor, ReservationRequest
from scheduler.services._charging import price_owing
from scheduler.services._commit import take_footing_under_quota, write_moves
from scheduler.services._nearing import tell_if_near
from scheduler.services._rechecking import Moved
from scheduler.services._resize_consent import require_consent
from scheduler.services._resize_words import nodes_in_words, told_of
from scheduler.services._series_exception import stand_alone
from scheduler.services._tries import Overtaken
from scheduler.states import Priority, ReservationState

BOOKED = frozenset({ReservationState.HELD, ReservationState.CONFIRMED})


def planned(
    *, reservation: Reservation, asked: ReservationRequest, by: Actor | None, now: datetime
) -> tuple[Plan, Snapshot]:
    """Asked as a new booking is, as if it held nothing itself. Raises Refused with what of it would fit instead."""
    priority = Priority(reservation.priority)
    seen = snapshot(pool_code=asked.pool, project_slug=asked.project, now=now, priority=priority)
    around = without_own(seen, reservation)
    try:
        plan = decide(request=asked, snapshot=around)
    except Refused as refused:
        raise Refused(refused.refusals, _in_its_window(refused, asked)) from None
    before = plan_from_wire(reservation.plan)
    require_consent(reservation=reservation, before=before, after=plan, seen=seen, by=by, now=now)
    return plan, seen


def plan_anew(*, reservation: Reservation, asked: ReservationRequest, by: Actor, now: datetime) -> Reservation:
    """Raises Refused, and Overtaken where somebody was faster, perhaps by this very wish: the next try knows."""
    plan, seen = planned(reservation=reservation, asked=asked, by=by, now=now)
    with transaction.atomic():
        footing, quota = take_footing_under_quota(pool=reservation.pool, project=asked.project, now=now)
        version = reservation.version
        reservation.refresh_from_db()
        if reservation.state not in BOOKED or reservation.version != version:
            raise Overtaken
        priority = Priority(reservation.priority)
        fresh = snapshot_of(board=footing.board, quota=quota, now=now, priority=priority)
        is_moved = footing.board.generation != seen.generation or quota != seen.quota
        if is_moved and fits(plan=plan, snapshot=without_own(fresh, reservation), request=asked):
            raise Overtaken
        write_moves(moved=[Moved(reservation=reservation, project=asked.project, plan=plan)], footing=footing)
        _write(reservation, asked, plan, fresh, by, now)
        tell_if_near(reservation=reservation, plan=plan, snapshot=without_own(fresh, reservation), by=by, now=now)
    return reservation


def _write(
    reservation: Reservation, asked: ReservationRequest, plan: Plan, seen: Snapshot, by: Actor, now: datetime
) -> None:
    before, usd = plan_from_wire(reservation.plan), reservation.price.get("usd")
    cost = price_of_plan(
        plan=plan, topology=seen.topology, booked=booked_rates(reservation.price), terms=seen.terms(asked.priority)
    )
    is_confirmed = reservation.state == ReservationState.CONFIRMED
    Reservation.objects.filter(pk=reservation.pk).update(
        request=dict(asked.wire),
        plan=plan_to_wire(plan),
        price=price_owing(reservation=reservation, price=price_to_wire(cost), now=now),
        watts=watts(plan=plan, topology=seen.topology),
        is_beyond_quota=is_beyond_quota(plan=plan, snapshot=without_own(seen, reservation)),
        busy_from=plan.busy_from,
        busy_until=plan.busy_until,
        next_due_at=plan.busy_from if is_confirmed else reservation.next_due_at,
        version=F("version") + 1,
        updated_at=now,
    )
    reservation.refresh_from_db()
    stand_alone(reservation)
    journal.record(
        kind=JournalKind.RESERVATION_RESIZED,
        message=f"Resized before it begins: {nodes_in_words(plan)}.",
        by=by,
        now=now,
        reservation=reservation,
        facts={**told_of(before, plan), "usd_before": usd, "usd": reservation.price["usd"]},
    )


def without_own(seen: Snapshot, reservation: Reservation) -> Snapshot:
    """As if it held nothing itself."""
    timeline = PoolIndex(seen).without([reservation.code]).timeline
    return replace(seen, commitments=Committed(timeline), quota=seen.quota.leaving_out(reservation.code))


def _in_its_window(refused: Refused, asked: ReservationRequest) -> tuple[Alternative, ...]:
    """Other mixes: another window is for another booking."""
    window = (asked.window.starts_at, asked.window.ends_at)
    same = (one for one in refused.alternatives if one.mix is not None and (one.starts_at, one.ends_at) == window)
    return tuple(replace(one, request={"mix": list(one.mix or ())}) for one in same)
