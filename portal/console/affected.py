"""Who holds, or is to have, something of a scope: told before it is taken out of new plans."""

from django.db.models import Q

from fabric.models import Pool
from scheduler.models import Allocation, Reservation
from scheduler.queries.scopes import scope_units
from scheduler.refusals import Invalid
from scheduler.states import HOLDING, LABELS, MaintenanceScope, ReservationState

SHOWN_MAX = 20


def holder_lines(*, pool: Pool, scope: MaintenanceScope, target: str) -> list[str]:
    """The next to begin first, in words."""
    try:
        units = scope_units(pool=pool, scope=scope, target=target)
    except Invalid as nothing:
        return [error.message for error in nothing.errors]
    mine = Q(host__in=units.rows(is_host=True)) | Q(block__in=units.rows(is_host=False))
    held = Allocation.objects.filter(mine, pool=pool, is_holding=True, reservation__state__in=sorted(HOLDING))
    found = Reservation.objects.filter(pk__in=held.values("reservation")).select_related("project")
    rows = list(found.order_by("busy_from", "code")[: SHOWN_MAX + 1])
    told = [_line(row) for row in rows[:SHOWN_MAX]]
    more = ["and more"] if len(rows) > SHOWN_MAX else []
    return [*told, *more] or ["Nobody holds any of it, now or later."]


def _line(row: Reservation) -> str:
    word = LABELS[ReservationState(row.state)].lower()
    window = f"{row.starts_at:%Y-%m-%d %H:%M} to {row.ends_at:%Y-%m-%d %H:%M} UTC"
    return f"{row.code} of {row.project.slug}, {word}, {window}"
