"""What counts beneath a project's budget on a pool. Reads only."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import connection

from scheduler.planning.snapshot import Charge, QuotaFacts
from scheduler.states import HOLDING, Priority, ReservationState

COUNTED_DAYS = 32  # back from now: the longest month, in every zone
_CHARGES = """
SELECT r.code, r.priority, r.starts_at, r.ends_at, r.price::text
FROM scheduler_reservation r
JOIN scheduler_project s ON s.id = r.project_id
JOIN fabric_pool p ON p.id = r.pool_id
WHERE s.slug = %s AND p.code = %s AND r.starts_at > %s AND (r.state = ANY(%s) OR r.price ? 'due')
ORDER BY r.id
"""
_COUNTED = sorted(HOLDING | {ReservationState.ENDED})


def with_charges(quota: QuotaFacts, *, pool_code: str, now: datetime) -> QuotaFacts:
    """One query; none where there is no budget."""
    if quota.budget_usd is None:
        return quota
    since = now - timedelta(days=COUNTED_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(_CHARGES, [quota.project, pool_code, since, _COUNTED])
        rows = cursor.fetchall()
    charges = (
        Charge(code, Priority(priority), begin, end, json.loads(price)) for code, priority, begin, end, price in rows
    )
    return replace(quota, charges=tuple(charges))
