"""Tell people once that what they booked begins soon. Who books so near its start knows."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from scheduler import journal, limits
from scheduler.journal_kinds import JournalKind
from scheduler.models import Reservation
from scheduler.requests import SYSTEM
from scheduler.states import ReservationState

AHEAD = timedelta(minutes=limits.STARTING_SOON_MINUTES)
_BEFORE = (ReservationState.CONFIRMED, ReservationState.COMPOSING)


def tell_starting_soon(*, now: datetime) -> int:
    """How many were told."""
    found = Reservation.objects.filter(
        state__in=_BEFORE,
        starting_soon_told_at__isnull=True,
        starts_at__gt=now,
        starts_at__lte=now + AHEAD,
        created_at__lt=F("starts_at") - AHEAD,
    )
    return sum(_tell(one, now) for one in found.select_related("project").order_by("id")[: limits.ADVANCE_BATCH_MAX])


@transaction.atomic
def _tell(reservation: Reservation, now: datetime) -> bool:
    mine = Reservation.objects.filter(pk=reservation.pk, state__in=_BEFORE, starting_soon_told_at__isnull=True)
    if not mine.update(starting_soon_told_at=now):
        return False
    minutes = max(1, round((reservation.starts_at - now) / timedelta(minutes=1)))
    message = f"Begins in {minutes} minute{'s'[: minutes != 1]}."
    journal.record(kind=JournalKind.STARTING_SOON, message=message, by=SYSTEM, now=now, reservation=reservation)
    return True
