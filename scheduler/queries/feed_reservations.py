"""What a calendar feed tells of: reservations around now, the nearest first where there are too many."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, F, Q, When

from scheduler import limits
from scheduler.models import Maintenance, Reservation
from scheduler.queries.reservations import ReservationRow, reservation_row
from scheduler.states import FINAL, HOLDING, ReservationState

DAYS_KEPT = 30  # what is over, or was withdrawn, stays in a feed so long
_DAYS_AHEAD = limits.YEARS_AHEAD_MAX * 366
_HELD_SOME_TIME = HOLDING | {ReservationState.ENDED}


@dataclass(frozen=True, slots=True)
class FeedReservation:
    """`is_seen` is whether the reader may know what it is."""

    row: ReservationRow
    changed_at: datetime
    finished_at: datetime | None
    is_seen: bool
    series: str = ""  # code of the one it is an occurrence of


def feed_reservations(
    *,
    now: datetime,
    project_ids: Collection[int] | None,
    project_id: int | None = None,
    pool_id: int | None = None,
    created_by_id: int | None = None,
) -> tuple[FeedReservation, ...]:
    """One query. `project_ids` (None: all) are those the reader sees.

    Others' are given only for a pool, and only what holds, or held until its end: nobody learns what others called off.
    """
    since = now - timedelta(days=DAYS_KEPT)
    found = Reservation.objects.select_related("project", "pool", "created_by", "series").filter(
        ~Q(state__in=FINAL) | Q(finished_at__gt=since), starts_at__lt=now + timedelta(days=_DAYS_AHEAD)
    )
    found = found.exclude(plan__nodes=[])  # what waits, or waited for nothing, has no window of its own
    seen = Q() if project_ids is None else Q(project_id__in=project_ids)
    wanted = {"project_id": project_id, "pool_id": pool_id, "created_by_id": created_by_id}
    found = found.filter(**{name: value for name, value in wanted.items() if value is not None})
    found = found.filter(seen if pool_id is None else seen | Q(state__in=_HELD_SOME_TIME))
    away = Case(When(ends_at__gte=now, then=F("starts_at") - now), default=now - F("ends_at"))
    kept = found.annotate(away=away).order_by("away", "id")[: limits.CALENDAR_EVENTS_MAX]
    return tuple(
        FeedReservation(
            row=reservation_row(one),
            changed_at=one.updated_at,
            finished_at=one.finished_at,
            is_seen=project_ids is None or one.project_id in project_ids,
            series=one.series.code if one.series else "",
        )
        for one in kept
    )


def feed_maintenances(*, now: datetime, pool_id: int) -> tuple[Maintenance, ...]:
    """Of a pool: to come, on, and over for no longer than what else is kept. One query."""
    since = now - timedelta(days=DAYS_KEPT)
    found = Maintenance.objects.filter(Q(finished_at__isnull=True) | Q(finished_at__gt=since), pool_id=pool_id)
    return tuple(found.order_by("starts_at", "id")[: limits.CALENDAR_EVENTS_MAX])
