"""What one person has booked that is not over, the next first."""

from collections.abc import Collection
from datetime import datetime

from scheduler.models import Reservation
from scheduler.queries.reservations import ReservationRow, reservation_row
from scheduler.states import LIVE, UPCOMING, ReservationState


def own_reservations(
    *,
    user_id: int,
    project_ids: Collection[int] | None,
    limit: int,
    pool_code: str | None = None,
    overlaps_from: datetime | None = None,
    overlaps_to: datetime | None = None,
) -> tuple[ReservationRow, ...]:
    """In the projects one sees. One query. Live before upcoming; a period narrows to what touches it,
    and leaves out what waits: its dates are no window of its own.
    """
    states = LIVE | UPCOMING if overlaps_from is None else LIVE | UPCOMING - {ReservationState.WAITLISTED}
    wanted = {
        "created_by_id": user_id,
        "state__in": sorted(states),
        "project_id__in": None if project_ids is None else list(project_ids),
        "pool__code": pool_code,
        "ends_at__gt": overlaps_from,
        "starts_at__lt": overlaps_to,
    }
    own = Reservation.objects.filter(**{lookup: value for lookup, value in wanted.items() if value is not None})
    first = own.order_by("busy_from", "id").values("id")[:limit]  # sorted alone: the rows they belong to are wide
    found = Reservation.objects.select_related("project", "pool", "created_by").filter(id__in=first)
    return tuple(reservation_row(one) for one in found.order_by("busy_from", "id"))
