"""What one project has ahead of it, soonest first. What is over is read by `reservation_page`, newest first."""

from django.db.models import Q

from scheduler.models import Reservation
from scheduler.queries.paging import Page, one_more
from scheduler.queries.reservations import ReservationRow, reservation_row
from scheduler.states import LIVE, UPCOMING

_AHEAD = sorted(LIVE | UPCOMING)


def ahead_page(*, project_id: int, limit: int, after: str | None = None) -> Page[ReservationRow]:
    """Live and upcoming ones. One query, and one more where it goes on `after` the code of the last row seen."""
    found = Reservation.objects.filter(project_id=project_id, state__in=_AHEAD)
    found = found.select_related("project", "pool", "created_by").defer("plan").order_by("starts_at", "id")
    last = Reservation.objects.filter(code=after, project_id=project_id).first() if after is not None else None
    if last is not None:
        found = found.filter(Q(starts_at__gt=last.starts_at) | Q(starts_at=last.starts_at, id__gt=last.pk))
    kept, following = one_more(found[: limit + 1], limit=limit, key=lambda one: one.code)
    return Page(tuple(reservation_row(one) for one in kept), following)
