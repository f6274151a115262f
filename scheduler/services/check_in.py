"""Say that somebody is there: a reservation that nobody claims is given back where its pool's policy wants that."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import Reservation
from scheduler.requests import Actor
from scheduler.services._commit import lock_pool
from scheduler.services._moves import require_open, require_version
from scheduler.services._tries import tried
from scheduler.states import ReservationState


@tried
@transaction.atomic
def check_in(*, reservation: Reservation, by: Actor, now: datetime, expected_version: int | None = None) -> Reservation:
    """Where nobody need check in it is noted all the same. Doing it again changes nothing, whatever came after; but
    one that was told that its devices are idle is kept by it, as often as that is told.

    Under the pool's lock, as the release of what nobody claimed: one of the two is first. Raises WrongState for what
    is not in use, or whose window has closed, and Stale.
    """
    lock_pool(pool_id=reservation.pool_id)
    reservation.refresh_from_db()
    if reservation.checked_in_at is not None and reservation.idle_warned_at is None:
        return reservation
    require_version(reservation, expected_version)
    require_open(reservation, "check-in", among={ReservationState.ACTIVE}, now=now)
    until = "until its window closes" if reservation.idle_warned_at is None else "for now"
    Reservation.objects.filter(pk=reservation.pk).update(
        checked_in_at=reservation.checked_in_at or now,
        idle_since=None,
        idle_warned_at=None,
        version=F("version") + 1,
        updated_at=now,
    )
    reservation.refresh_from_db()
    kind = JournalKind.RESERVATION_CHECKED_IN
    message = f"{by.name} checked in: it is kept {until}."
    journal.record(kind=kind, message=message, by=by, now=now, reservation=reservation)
    return reservation
