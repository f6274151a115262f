"""An operator ends a reservation: the ordinary way, or, when that is stuck, by quarantining what is not proven."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from fabric.services.compositions import live_compositions
from fabric.services.force_close import quarantine_composition
from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import Operation, Reservation
from scheduler.requests import Actor
from scheduler.services._commit import lock_pool
from scheduler.services._releasing import begin_release, finish_if_closed
from scheduler.services._tries import tried
from scheduler.services.cancel import cancel
from scheduler.states import CANCELLABLE, FINAL, OPEN_OPERATIONS, OperationState, ReservationState


@tried
@transaction.atomic
def force_release(*, reservation: Reservation, by: Actor, now: datetime, reason: str) -> Reservation:
    """First release it; called while it is releasing, quarantine what is left. Finished ones are unchanged."""
    lock_pool(pool_id=reservation.pool_id)
    reservation.refresh_from_db()
    told = f"An operator ended it: {reason}"
    if reservation.state in FINAL:
        return reservation
    if reservation.state in CANCELLABLE:
        return cancel(reservation=reservation, by=by, now=now, reason=told)
    if reservation.state != ReservationState.RELEASING:
        begin_release(reservation=reservation, intent=ReservationState.ENDED, reason=told, by=by, now=now)
    else:
        _close_unproven(reservation, by, now, told)
    return reservation


def _close_unproven(reservation: Reservation, by: Actor, now: datetime, told: str) -> None:
    open_operations = Operation.objects.filter(reservation=reservation, state__in=sorted(OPEN_OPERATIONS))
    open_operations.update(state=OperationState.DROPPED, fence=F("fence") + 1, finished_at=now, last_error=told)
    for composition in live_compositions(owner=reservation.code):
        units = quarantine_composition(composition=composition, reason=told, now=now)
        if units:
            message = f"Quarantined without proof: {', '.join(units)}."
            facts = {"units": list(units)}
            kind = JournalKind.BLOCK_QUARANTINED
            journal.record(kind=kind, message=message, by=by, now=now, reservation=reservation, facts=facts)
    finish_if_closed(reservation=reservation, by=by, now=now)
