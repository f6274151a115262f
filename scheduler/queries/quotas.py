"""A project's ceilings, and what it holds, has booked ahead and uses this month beneath them.

Held is what the rule of the ceiling counts, read from the same board that decisions are made on: accelerators in padded
windows, a card cut into slices as one card. Hours are those that are charged: of the window, without padding, cut where
a device was given back. A month is the calendar month in the pool's zone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import connection

from fabric.topology import ACCELERATOR_KINDS
from scheduler import limits
from scheduler.models import Project
from scheduler.planning.snapshot import QuotaFacts
from scheduler.planning.timeline import Timeline
from scheduler.queries.ceilings import CeilingUse, ceilings
from scheduler.queries.quota_facts import quotas_of
from scheduler.queries.snapshots import timeline_of
from scheduler.states import LIVE, UPCOMING

ROWS_MAX = 1_000  # pools × device classes of one project
_AHEAD = sorted(LIVE | UPCOMING)
_DAYS_AHEAD_MAX = limits.YEARS_AHEAD_MAX * 366
_DAYS_OF_MONTH_MAX = 31
_ZONES_APART = timedelta(days=1)  # no two zones differ by more

# Reservation by reservation, for those of the month alone: any other order would read what every project ever held.
_STATEMENT = """
WITH pools AS (
    SELECT p.*, local_month AT TIME ZONE time_zone AS month,
           (local_month + interval '1 month') AT TIME ZONE time_zone AS next_month
    FROM (SELECT *, date_trunc('month', %(now)s AT TIME ZONE time_zone) AS local_month FROM fabric_pool) p
), spans AS (
    SELECT p.id AS pool_id, a.block_id, a.is_holding,
           greatest(lower(a.during), r.starts_at, p.month) AS begins,
           least(upper(a.during), r.ends_at, p.next_month) AS ends
    FROM scheduler_reservation r
    JOIN pools p ON p.id = r.pool_id
    CROSS JOIN LATERAL (
        SELECT block_id, is_holding, during FROM scheduler_allocation
        WHERE reservation_id = r.id AND block_id IS NOT NULL AND NOT isempty(during) OFFSET 0
    ) a
    WHERE r.project_id = %(project)s AND r.busy_until > %(since)s AND r.busy_from < %(until)s
), hours AS (
    SELECT s.pool_id, d.code,
           sum(extract(epoch FROM greatest(least(ends, %(now)s) - begins, interval '0'))) AS used,
           sum(extract(epoch FROM greatest(ends - greatest(begins, %(now)s), interval '0')))
               FILTER (WHERE is_holding) AS booked
    FROM spans s
    JOIN fabric_resourceblock b ON b.id = s.block_id
    JOIN fabric_deviceclass d ON d.id = b.device_class_id AND d.kind = ANY(%(kinds)s)
    GROUP BY s.pool_id, d.code
)
SELECT p.code, p.name, p.time_zone, p.month, p.next_month,
       q.accelerators_max, q.gpu_hours_per_month, coalesce(q.is_mig_only, false),
       h.code, coalesce(h.used, 0), coalesce(h.booked, 0)
FROM pools p
LEFT JOIN scheduler_quota q ON q.pool_id = p.id AND q.project_id = %(project)s
LEFT JOIN hours h ON h.pool_id = p.id
WHERE q.id IS NOT NULL OR h.pool_id IS NOT NULL OR EXISTS (
    SELECT FROM scheduler_reservation r
    WHERE r.project_id = %(project)s AND r.pool_id = p.id AND r.state = ANY(%(ahead)s)
)
ORDER BY p.code, h.code
LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Use:
    """Accelerators held now; the most held at any instant from now on, and when first; device-hours of this month."""

    held: int = 0
    most: int = 0
    most_at: datetime | None = None  # None: nothing is held or booked
    hours_used: float = 0
    hours_booked: float = 0  # from now to the end of the month


@dataclass(frozen=True, slots=True)
class ClassUse:
    code: str
    name: str
    use: Use


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolQuota:
    """One project on one pool. A ceiling that is None is not set; `classes` are those used this month or later."""

    pool: str
    pool_name: str
    time_zone: str
    month_starts_at: datetime
    month_ends_at: datetime
    accelerators_max: int | None
    gpu_hours_per_month: int | None
    is_mig_only: bool
    use: Use
    classes: tuple[ClassUse, ...] = ()
    facts: QuotaFacts | None = None  # None: there is no quota
    ceilings: tuple[CeilingUse, ...] = ()


def project_quotas(*, project: Project, now: datetime) -> tuple[PoolQuota, ...]:
    """Of every pool with a ceiling or anything used, by its code. Two queries, and one a pool for its board;
    further ones where hours or money are limited.
    """
    given: dict[str, Any] = {
        "now": now,
        "project": project.pk,
        "since": _month_everywhere(now),
        "until": now + timedelta(days=_DAYS_OF_MONTH_MAX) + _ZONES_APART,
        "kinds": sorted(ACCELERATOR_KINDS),
        "ahead": _AHEAD,
        "most": ROWS_MAX,
    }
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, given)
        rows = cursor.fetchall()
    facts = quotas_of(project=project.slug, now=now)
    by_pool = groupby(rows, key=lambda row: row[0])
    return tuple(_quota(project.slug, list(of_pool), facts.get(pool), now) for pool, of_pool in by_pool)


def _month_everywhere(now: datetime) -> datetime:
    """Not after the beginning of the present month in any zone: where it is still yesterday, it may be another."""
    yesterday = now.astimezone(UTC) - _ZONES_APART
    return yesterday.replace(day=1, hour=0, minute=0, second=0, microsecond=0) - _ZONES_APART


def _quota(project: str, rows: list[tuple[Any, ...]], facts: QuotaFacts | None, now: datetime) -> PoolQuota:
    pool, pool_name, time_zone, month_starts_at, month_ends_at, accelerators_max, hours_max, is_mig_only = rows[0][:8]
    hours = {code: (float(used) / 3600, float(booked) / 3600) for *_, code, used, booked in rows if code is not None}
    timeline = timeline_of(pool_code=pool, now=now)
    all_hours = (sum(used for used, _ in hours.values()), sum(booked for _, booked in hours.values()))
    return PoolQuota(
        pool=pool,
        pool_name=pool_name,
        time_zone=time_zone,
        month_starts_at=month_starts_at,
        month_ends_at=month_ends_at,
        accelerators_max=accelerators_max,
        gpu_hours_per_month=hours_max,
        is_mig_only=is_mig_only,
        use=_use(timeline, project, None, now, all_hours),
        classes=tuple(_classes(timeline, project, now, hours)),
        facts=facts,
        ceilings=tuple(ceilings(quota=facts, timeline=timeline, now=now)) if facts else (),
    )


def _classes(
    timeline: Timeline, project: str, now: datetime, hours: dict[str, tuple[float, float]]
) -> Iterator[ClassUse]:
    """One whose last device has gone for good is known by its hours alone."""
    known = timeline.shape.topology.classes
    for code in sorted({code for code, facts in known.items() if facts.is_accelerator} | hours.keys()):
        use = _use(timeline, project, code, now, hours.get(code, (0, 0)))
        if use != Use():
            yield ClassUse(code, known[code].name if code in known else code, use)


def _use(timeline: Timeline, project: str, device_class: str | None, now: datetime, hours: tuple[float, float]) -> Use:
    held, _ = timeline.most_of(project, device_class, now, now + timedelta(microseconds=1))
    most, at = timeline.most_of(project, device_class, now, now + timedelta(days=_DAYS_AHEAD_MAX))
    return Use(held, most, at if most else None, *hours)
