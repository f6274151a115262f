"""Reservations of low priority that hold units, and could give way to a higher one."""

from datetime import datetime

from scheduler.limits import PREEMPTIBLE_MAX
from scheduler.models import Reservation
from scheduler.states import HOLDING, Priority, ReservationState

STATES = sorted(HOLDING - {ReservationState.RELEASING})  # what is being released gives its units back anyway


def preemptible(*, pool_code: str, begin: datetime, end: datetime) -> tuple[Reservation, ...]:
    """Those whose padded window overlaps `[begin, end)`, that have not been told to give way; begun last comes first.

    Where there are too many, those that began last of them. One query.
    """
    found = Reservation.objects.filter(
        pool__code=pool_code, priority=Priority.LOW, state__in=STATES, preempt_at__isnull=True
    ).filter(busy_from__lt=end, busy_until__gt=begin)
    return tuple(found.select_related("project", "pool").order_by("-busy_from", "code")[:PREEMPTIBLE_MAX])
