"""Book what waited: the plan that was found, committed under the pool's lock, on the reservation that is there."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from scheduler import journal, nudge
from scheduler.journal_kinds import JournalKind
from scheduler.models import Reservation, WaitlistEntry
from scheduler.planning.admission import is_beyond_quota
from scheduler.planning.plan import Plan, plan_to_wire
from scheduler.planning.pricing import price_of_plan, price_to_wire, watts
from scheduler.planning.snapshot import Snapshot
from scheduler.requests import SYSTEM, ReservationRequest, Window
from scheduler.services._commit import Admission, admit, write_allocations
from scheduler.services._moves import move
from scheduler.services._nearing import tell_if_near
from scheduler.services._waiting import body_with_times
from scheduler.services.confirm import confirm_held
from scheduler.states import ReservationState

OFFER_MINUTES_MIN = 5  # an offer is kept at least so long, also where its set-up should begin sooner


@transaction.atomic
def take_turn(*, entry: WaitlistEntry, request: ReservationRequest, plan: Plan, seen: Snapshot, now: datetime) -> bool:
    """False where it does not wait any longer: cancelled, out of time, or given its turn by another process.

    Raises Refused where what it needs was taken meanwhile.
    """
    window = Window(starts_at=plan.starts_at, ends_at=plan.ends_at)
    asked = replace(request, window=window, waitlist=None, hold_minutes=None)
    code = entry.reservation.code
    admission = admit(request=asked, plan=plan, now=now, may_replan=False, planned_under=seen.quota, waiting=code)
    reservation = Reservation.objects.select_related("project", "pool").get(pk=entry.reservation_id)
    if reservation.state != ReservationState.WAITLISTED:
        transaction.set_rollback(True)
        return False
    if not _hold(reservation, entry, asked, admission, now):
        transaction.set_rollback(True)
        return False
    write_allocations(reservation=reservation, request=asked, admission=admission)
    tell_if_near(reservation=reservation, plan=plan, snapshot=admission.snapshot, by=SYSTEM, now=now)
    mine = WaitlistEntry.objects.filter(pk=entry.pk)
    mine.update(offers=F("offers") + 1, guarded_from=None, guard={}, estimated_at=plan.starts_at, looked_at=now)
    if entry.is_auto_accepted:
        confirm_held(reservation=reservation, by=SYSTEM, now=now)
        if reservation.state == ReservationState.CONFIRMED:  # else its people are told of the consent it needs
            _tell(reservation, JournalKind.RESERVATION_PROMOTED, "Its turn has come: it is booked", now)
    else:
        until = f"accept it by {reservation.hold_expires_at:%Y-%m-%d %H:%M} UTC"
        _tell(reservation, JournalKind.RESERVATION_OFFERED, f"Its turn has come: {until}", now)
    nudge.hint_advance()
    return True


def _hold(
    reservation: Reservation,
    entry: WaitlistEntry,
    request: ReservationRequest,
    admission: Admission,
    now: datetime,
) -> bool:
    plan, shape = admission.plan, admission.snapshot.topology
    cost = price_of_plan(plan=plan, topology=shape, terms=admission.snapshot.terms(request.priority))
    accept = timedelta(minutes=entry.accept_minutes)
    until = min(now + accept, max(plan.busy_from, now + timedelta(minutes=OFFER_MINUTES_MIN)))
    longer = request.auto_extend_until
    blocks = sum(len(node.blocks) for node in plan.nodes)
    return move(
        reservation,
        to=ReservationState.HELD,
        message=f"Held: {blocks} block{'s'[: blocks != 1]} on {', '.join(node.host for node in plan.nodes)}.",
        by=SYSTEM,
        now=now,
        request=body_with_times(reservation.request, plan),
        plan=plan_to_wire(plan),
        price=price_to_wire(cost),
        watts=watts(plan=plan, topology=shape),
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        busy_from=plan.busy_from,
        busy_until=plan.busy_until,
        is_beyond_quota=is_beyond_quota(plan=plan, snapshot=admission.snapshot),
        auto_extend_until=longer if longer and longer > plan.ends_at else None,
        hold_expires_at=until,
        next_due_at=until,
    )


def _tell(reservation: Reservation, kind: JournalKind, words: str, now: datetime) -> None:
    message = f"{words}, for {reservation.starts_at:%Y-%m-%d %H:%M} to {reservation.ends_at:%Y-%m-%d %H:%M} UTC."
    journal.record(kind=kind, message=message, by=SYSTEM, now=now, reservation=reservation)
