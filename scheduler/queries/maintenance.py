"""What is, or will be, out of service: for everybody, since it says nothing of who is affected."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from scheduler.models import Maintenance
from scheduler.queries.paging import Page, one_more


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceRow:
    code: str
    pool: str
    scope: str
    target: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    has_begun: bool


def maintenance_page(
    *, now: datetime, limit: int, pool: str | None = None, after: str | None = None
) -> Page[MaintenanceRow]:
    """What is not over, the next first. One query; one more for a page after the first."""
    found = Maintenance.objects.select_related("pool").order_by("starts_at", "id")
    found = found.filter(is_cancelled=False, finished_at__isnull=True, ends_at__gt=now)
    if pool is not None:
        found = found.filter(pool__code=pool)
    if after is not None:
        last = Maintenance.objects.filter(code=after).values_list("starts_at", "id").first()
        if last is not None:
            found = found.filter(Q(starts_at__gt=last[0]) | Q(starts_at=last[0], id__gt=last[1]))
    kept, following = one_more(found[: limit + 1], limit=limit, key=lambda one: one.code)
    return Page(tuple(_row(one, now) for one in kept), following)


def _row(one: Maintenance, now: datetime) -> MaintenanceRow:
    return MaintenanceRow(
        code=one.code,
        pool=one.pool.code,
        scope=one.scope,
        target=one.target,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        reason=one.reason,
        has_begun=one.starts_at <= now,
    )
