"""A project's ceilings on a pool, and what counts beneath those on hours, as the planner takes them. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from scheduler.planning.snapshot import HourLimit, QuotaFacts, Stint
from scheduler.queries.budgets import with_charges
from scheduler.states import Priority

COUNTED_DAYS = 32  # back from now: the longest month, and a period of thirty days

# Ceilings are few, and read in the same statement. Who asks under the quota's lock asks in a statement after the one
# that took it: only so are ceilings seen that somebody changed while the lock was waited for.
_COLUMNS = """
       q.accelerators_max, q.is_mig_only, p.time_zone, q.near_term_hours, q.horizon_days, q.min_duration_minutes,
       q.max_duration_hours, q.min_lead_minutes, q.priority_max,
       ARRAY[q.gpu_hours_per_month, q.hours_per_7_days, q.hours_per_30_days, q.hours_ahead_max],
       (SELECT json_agg(json_build_array(d.code, c.kind, c.devices_max, c.hours_per_month, c.hours_per_7_days,
                                         c.hours_per_30_days, c.hours_ahead_max) ORDER BY c.id)
        FROM scheduler_ceiling c LEFT JOIN fabric_deviceclass d ON d.id = c.device_class_id WHERE c.quota_id = q.id),
       q.budget_usd_per_month
"""
_FROM = """
FROM scheduler_quota q
JOIN scheduler_project s ON s.id = q.project_id
JOIN fabric_pool p ON p.id = q.pool_id
"""
FACTS = f"SELECT {_COLUMNS} {_FROM} WHERE s.slug = %s AND p.code = %s"
_OF_ALL = f"SELECT p.code, {_COLUMNS} {_FROM} WHERE s.slug = %s ORDER BY p.code"
# Of every class, reservation by reservation; cut where a device was given back.
_STINTS = """
SELECT r.code, d.code, d.kind, count(*)::integer, greatest(lower(a.during), r.starts_at),
       least(upper(a.during), r.ends_at)
FROM scheduler_reservation r
JOIN scheduler_project s ON s.id = r.project_id
JOIN fabric_pool p ON p.id = r.pool_id
JOIN scheduler_allocation a ON a.reservation_id = r.id AND a.block_id IS NOT NULL AND NOT isempty(a.during)
JOIN fabric_resourceblock b ON b.id = a.block_id
JOIN fabric_deviceclass d ON d.id = b.device_class_id
WHERE s.slug = %(project)s AND p.code = %(pool)s AND r.busy_until > %(since)s
  AND greatest(lower(a.during), r.starts_at) < least(upper(a.during), r.ends_at)
GROUP BY r.id, r.code, d.code, d.kind, greatest(lower(a.during), r.starts_at), least(upper(a.during), r.ends_at)
ORDER BY r.id, d.code, 5, 6
"""


def quota_of(*, pool_code: str, project: str, now: datetime) -> QuotaFacts:
    """No row: no ceiling. One query, and one more where hours are limited."""
    with connection.cursor() as cursor:
        cursor.execute(FACTS, [project, pool_code])
        return with_stints(facts_of(project, cursor.fetchone()), pool_code=pool_code, now=now)


def quotas_of(*, project: str, now: datetime) -> Mapping[str, QuotaFacts]:
    """Of every pool where it has a quota, by its code. One query, and those of `with_stints` a pool."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_ALL, [project])
        rows = cursor.fetchall()
    return {pool: with_stints(facts_of(project, row), pool_code=pool, now=now) for pool, *row in rows}


def facts_of(project: str, row: Sequence[Any] | None) -> QuotaFacts:
    """Of one row of `FACTS`, but for what counts beneath its limits on hours."""
    if row is None:
        return QuotaFacts(project)
    most, mig_only, time_zone, near_term, horizon, shortest, longest, lead, priority, hours, ceilings, budget = row
    limits = [HourLimit("", "", *hours), *(HourLimit(code or "", kind, *own) for code, kind, _, *own in ceilings or ())]
    return QuotaFacts(
        project,
        accelerators_max=most,
        per_class_max={code: devices for code, _, devices, *_ in ceilings or () if code and devices is not None},
        mig_only=mig_only,
        per_kind_max={kind: devices for _, kind, devices, *_ in ceilings or () if kind and devices is not None},
        hour_limits=tuple(one for one in limits if one.is_set),
        time_zone=time_zone,
        near_term_hours=near_term,
        horizon_days=horizon,
        min_duration_minutes=shortest,
        max_duration_hours=longest,
        min_lead_minutes=lead,
        priority_max=Priority(priority),
        budget_usd=budget,
    )


def with_stints(quota: QuotaFacts, *, pool_code: str, now: datetime) -> QuotaFacts:
    """And with what counts beneath its budget. Nothing is asked where neither is limited."""
    quota = with_charges(quota, pool_code=pool_code, now=now)
    if not quota.hour_limits:
        return quota
    given: dict[str, Any] = {"project": quota.project, "pool": pool_code, "since": now - timedelta(days=COUNTED_DAYS)}
    with connection.cursor() as cursor:
        cursor.execute(_STINTS, given)
        return replace(quota, stints=tuple(Stint(*row) for row in cursor.fetchall()))
