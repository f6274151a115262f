"""The planner's questions asked of PostgreSQL alone: one statement each, with the indexes that are there."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from portal.bench.worlds import World

FREE = """
SELECT zone_id, device_class_id, count(*) FILTER (WHERE block.state NOT IN ('missing', 'quarantined')
  AND NOT block.is_cordoned AND NOT EXISTS (
    SELECT 1 FROM scheduler_allocation AS held
    WHERE held.block_id = block.id AND held.is_holding AND held.during && tstzrange(%(begin)s, %(end)s)))
FROM fabric_resourceblock AS block
WHERE block.pool_id = %(pool)s AND block.pru_id IS NOT NULL
GROUP BY zone_id, device_class_id
"""
"""Free blocks of every class in every zone for the whole of a window."""

EARLIEST = """
WITH asked (class_id, need) AS (SELECT * FROM unnest(%(classes)s::bigint[], %(needs)s::int[])),
units AS (
  SELECT block.id, NULL::bigint AS host_id, zone_id, class_id, need
  FROM fabric_resourceblock AS block JOIN asked ON class_id = device_class_id
  WHERE block.pool_id = %(pool)s AND pru_id IS NOT NULL AND NOT is_cordoned AND state NOT IN ('missing', 'quarantined')
  UNION ALL
  SELECT NULL, id, zone_id, 0, 1 FROM fabric_host
  WHERE pool_id = %(pool)s AND NOT is_fixed AND NOT is_cordoned AND state NOT IN ('missing', 'quarantined')
),
held AS (
  SELECT block_id, host_id, range_agg(tstzrange(lower(during) - %(length)s, upper(during))) AS blocked
  FROM scheduler_allocation
  WHERE pool_id = %(pool)s AND is_holding AND during && tstzrange(%(begin)s, %(end)s)
  GROUP BY block_id, host_id
),
starts AS (
  SELECT zone_id, class_id, need, unnest(tstzmultirange(tstzrange(%(begin)s, %(end)s - %(length)s))
    - coalesce(by_block.blocked, by_host.blocked, '{}')) AS span
  FROM units
  LEFT JOIN held AS by_block ON by_block.block_id = units.id
  LEFT JOIN held AS by_host ON by_host.host_id = units.host_id
),
edges AS (
  SELECT zone_id, class_id, need, lower(span) AS at, 1 AS step FROM starts
  UNION ALL SELECT zone_id, class_id, need, upper(span), -1 FROM starts
),
counted AS (
  SELECT zone_id, class_id, need, at, sum(sum(step)) OVER (PARTITION BY zone_id, class_id ORDER BY at) AS free,
    lead(at) OVER (PARTITION BY zone_id, class_id ORDER BY at) AS until
  FROM edges GROUP BY zone_id, class_id, need, at
),
fitting AS (
  SELECT zone_id, class_id, range_agg(tstzrange(at, until)) AS spans
  FROM counted WHERE free >= need AND until IS NOT NULL GROUP BY zone_id, class_id
)
SELECT min(lower(common)) FROM (
  SELECT range_intersect_agg(spans) AS common FROM fitting GROUP BY zone_id
  HAVING count(*) = (SELECT count(*) + 1 FROM asked)
) AS zones WHERE NOT isempty(common)
"""
"""The first start at which one zone has enough of every class, and a host, for so long: gaps as multiranges, counted by
a sweep. Counts alone: it proves neither power nor uplinks nor bridges, which the planner's answer does."""


def free(world: World, begin: datetime, end: datetime) -> list[tuple[Any, ...]]:
    return _asked(FREE, {"pool": world.pool.pk, "begin": begin, "end": end})


def earliest(
    world: World, needs: Mapping[int, int], begin: datetime, end: datetime, length: timedelta
) -> datetime | None:
    """`needs` by the id of the device class; padding is part of `length`."""
    ((found,),) = _asked(
        EARLIEST,
        {
            "pool": world.pool.pk,
            "classes": list(needs),
            "needs": list(needs.values()),
            "begin": begin,
            "end": end,
            "length": length,
        },
    )
    return found


def _asked(query: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())
