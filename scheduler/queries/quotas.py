"""A project's ceilings, and what it holds, has booked ahead and uses this month beneath them.

Held is what the rule of the ceiling counts: accelerators in padded windows, a card cut into slices as one card. Hours
are those that are charged: of the window, without padding, cut where a device was given back. A month is the calendar
month in the pool's zone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from fabric.topology import ACCELERATOR_KINDS

ROWS_MAX = 1_000  # pools × device classes of one project
_ZONES_APART = timedelta(days=1)  # no two zones differ by more

_STATEMENT = """
WITH pools AS (
    SELECT id, code, name, time_zone, local_month AT TIME ZONE time_zone AS month,
           (local_month + interval '1 month') AT TIME ZONE time_zone AS next_month
    FROM (SELECT *, date_trunc('month', %(now)s AT TIME ZONE time_zone) AS local_month FROM fabric_pool) p
), ours AS (
    SELECT a.pool_id, b.device_class_id AS class_id, a.is_holding,
           lower(a.during) AS busy_from, upper(a.during) AS busy_until,
           greatest(lower(a.during), r.starts_at, p.month) AS begins,
           least(upper(a.during), r.ends_at, p.next_month) AS ends
    FROM scheduler_reservation r
    JOIN scheduler_allocation a ON a.reservation_id = r.id AND NOT isempty(a.during)
    JOIN fabric_resourceblock b ON b.id = a.block_id
    JOIN fabric_deviceclass d ON d.id = b.device_class_id AND d.kind = ANY(%(kinds)s)
    JOIN pools p ON p.id = a.pool_id
    WHERE r.project_id = %(project)s AND r.busy_until > %(since)s
), steps AS (
    SELECT pool_id, class_id, at, sum(step) AS step
    FROM (
        SELECT pool_id, class_id, greatest(busy_from, %(now)s) AS at, 1 AS step
        FROM ours WHERE is_holding AND busy_until > %(now)s
        UNION ALL
        SELECT pool_id, class_id, busy_until, -1 FROM ours WHERE is_holding AND busy_until > %(now)s
    ) edges
    GROUP BY GROUPING SETS ((pool_id, at), (pool_id, class_id, at))
), levels AS (
    SELECT pool_id, class_id, at, sum(step) OVER (PARTITION BY pool_id, class_id ORDER BY at) AS level FROM steps
), peaks AS (
    SELECT DISTINCT ON (pool_id, class_id) pool_id, class_id, level, at
    FROM levels ORDER BY pool_id, class_id, level DESC, at
), sums AS (
    SELECT pool_id, class_id,
           count(*) FILTER (WHERE is_holding AND busy_from <= %(now)s AND %(now)s < busy_until) AS held,
           sum(extract(epoch FROM greatest(least(ends, %(now)s) - begins, interval '0'))) AS seconds_used,
           sum(extract(epoch FROM greatest(ends - greatest(begins, %(now)s), interval '0')))
               FILTER (WHERE is_holding) AS seconds_booked
    FROM ours
    GROUP BY GROUPING SETS ((pool_id), (pool_id, class_id))
)
SELECT p.code, p.name, p.time_zone, p.month, p.next_month,
       q.accelerators_max, q.gpu_hours_per_month, coalesce(q.is_mig_only, false),
       d.code, d.name, coalesce(s.held, 0), coalesce(k.level, 0), k.at,
       coalesce(s.seconds_used, 0), coalesce(s.seconds_booked, 0)
FROM pools p
LEFT JOIN scheduler_quota q ON q.pool_id = p.id AND q.project_id = %(project)s
LEFT JOIN sums s ON s.pool_id = p.id
LEFT JOIN peaks k ON k.pool_id = s.pool_id AND k.class_id IS NOT DISTINCT FROM s.class_id
LEFT JOIN fabric_deviceclass d ON d.id = s.class_id
WHERE q.id IS NOT NULL OR s.pool_id IS NOT NULL
ORDER BY p.code, d.code NULLS FIRST
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


def project_quotas(*, project_id: int, now: datetime) -> tuple[PoolQuota, ...]:
    """Of every pool with a ceiling or anything used, by its code. One query, whatever is booked."""
    given = {
        "now": now,
        "project": project_id,
        "since": _month_everywhere(now),
        "kinds": sorted(ACCELERATOR_KINDS),
        "most": ROWS_MAX,
    }
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, given)
        return tuple(_by_pool(cursor.fetchall()).values())


def _month_everywhere(now: datetime) -> datetime:
    """Not after the beginning of the present month in any zone: where it is still yesterday, it may be another."""
    yesterday = now.astimezone(UTC) - _ZONES_APART
    return yesterday.replace(day=1, hour=0, minute=0, second=0, microsecond=0) - _ZONES_APART


def _by_pool(rows: Iterable[tuple[Any, ...]]) -> dict[str, PoolQuota]:
    """The first row of a pool is of all its classes."""
    found: dict[str, PoolQuota] = {}
    for *of_pool, code, name, held, most, most_at, seconds_used, seconds_booked in rows:
        use = Use(held, int(most), most_at, float(seconds_used) / 3600, float(seconds_booked) / 3600)
        pool = of_pool[0]
        if code is None:
            found[pool] = _quota(of_pool, use)
        else:
            seen = found[pool]
            found[pool] = replace(seen, classes=(*seen.classes, ClassUse(code, name, use)))
    return found


def _quota(row: list[Any], use: Use) -> PoolQuota:
    pool, pool_name, time_zone, month_starts_at, month_ends_at, accelerators_max, hours, is_mig_only = row
    return PoolQuota(
        pool=pool,
        pool_name=pool_name,
        time_zone=time_zone,
        month_starts_at=month_starts_at,
        month_ends_at=month_ends_at,
        accelerators_max=accelerators_max,
        gpu_hours_per_month=hours,
        is_mig_only=is_mig_only,
        use=use,
    )
