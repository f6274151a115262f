"""What projects used of a pool lately, from what was attached for them, and what follows for who is served earlier."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from fabric.models import Pool
from fabric.topology import ACCELERATOR_KINDS
from scheduler.planning.fair_share import HALF_LIVES_SEEN, HoursByAge, ShareFacts, factors, half_life_days

POOLS_MAX = 20
# Day 0 is the last 24 hours. A device that still is attached counts until now.
_HOURS = """
SELECT r.project_id, age.days, sum(extract(epoch FROM
    least(coalesce(a.until, %(now)s), %(now)s - age.days * interval '24 hours')
    - greatest(a.since, %(now)s - (age.days + 1) * interval '24 hours')
)) / 3600
FROM scheduler_reservation r
JOIN fabric_composition c ON c.owner = r.code
JOIN fabric_attachment a ON a.composition_id = c.id
JOIN fabric_resourceblock b ON b.id = a.block_id
JOIN fabric_deviceclass d ON d.id = b.device_class_id AND d.kind = ANY(%(kinds)s)
JOIN generate_series(0, %(days)s - 1) AS age(days)
    ON a.since < %(now)s - age.days * interval '24 hours'
    AND coalesce(a.until, %(now)s) > %(now)s - (age.days + 1) * interval '24 hours'
WHERE r.pool_id = %(pool)s AND a.since < %(now)s
    AND coalesce(a.until, %(now)s) > %(now)s - %(days)s * interval '24 hours'
GROUP BY r.project_id, age.days
"""
_SHARES = "SELECT project_id, share_percent FROM scheduler_quota WHERE pool_id = %s"


def fair_share(*, project_ids: Collection[int], pool: Pool, now: datetime) -> Mapping[int, ShareFacts]:
    """Of those asked for, among all that have a quota in the pool or used it lately. Two queries."""
    half_life = half_life_days(pool.policy)
    hours: defaultdict[int, dict[int, float]] = defaultdict(dict)
    given: dict[str, Any] = {
        "now": now,
        "pool": pool.pk,
        "days": half_life * HALF_LIVES_SEEN,
        "kinds": sorted(ACCELERATOR_KINDS),
    }
    with connection.cursor() as cursor:
        cursor.execute(_SHARES, [pool.pk])
        percents = dict(cursor.fetchall())
        cursor.execute(_HOURS, given)
        for project, age, amount in cursor.fetchall():
            hours[project][age] = float(amount)
    return _of(project_ids, percents, hours, half_life)


def _of(
    project_ids: Collection[int], percents: dict[int, int], hours: Mapping[int, HoursByAge], half_life: int
) -> Mapping[int, ShareFacts]:
    everyone = {project: percents.get(project, 0) for project in sorted({*project_ids, *percents, *hours})}
    found = factors(percents=everyone, hours=hours, half_life=half_life)
    return {project: found[project] for project in project_ids}


def fair_shares_of(*, project_id: int, now: datetime) -> tuple[tuple[str, ShareFacts], ...]:
    """Of one project, by the code of every pool it has a quota in. Pools are few: two queries each, and one."""
    pools = Pool.objects.filter(quotas__project_id=project_id).order_by("code")[:POOLS_MAX]
    return tuple((pool.code, fair_share(project_ids=[project_id], pool=pool, now=now)[project_id]) for pool in pools)
