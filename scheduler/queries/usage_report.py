"""What projects used in a period: the integral of what was attached for them, by device class and by day or month.

The facts are attachments, as on a reservation's page (`planning.so_far`): device-hours are all the time a device was
attached; of these the hours within its reservation's window are charged, at the rates it was booked at; energy is that
of all the time at worst, a capped card at its cap. A host draws from the first of a node's devices to the last; that is
a row without a device class. A device that still is attached counts until now.

Days and months are those of the pool's time zone; the first and the last are cut where the period is.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db import connection

from scheduler.planning.pricing import in_cents
from scheduler.queries.paging import Page

HOUR_DIGITS, KWH_DIGITS = Decimal("0.0001"), Decimal("0.001")
KEY_CHARS_MAX = 400
HOSTS = ""  # in the place of a device class
_NOTHING = Decimal(0)


class Cut(StrEnum):
    """What one row is of, beside project, pool and device class."""

    CLASS = "class"  # the whole period
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageScope:
    """`project_ids` None is every project; `project` and `pool` narrow it further, by slug and code."""

    project_ids: Collection[int] | None
    begins_at: datetime
    ends_at: datetime
    project: str | None = None
    pool: str | None = None


@dataclass(frozen=True, slots=True)
class Used:
    """`usd` None: nothing of it has a rate. Exact but for the last digit: hours to 4, kWh to 3, money to cents."""

    device_hours: Decimal
    charged_hours: Decimal
    usd: Decimal | None
    kwh: Decimal


NOTHING = Used(_NOTHING, _NOTHING, None, _NOTHING)


@dataclass(frozen=True, slots=True)
class UsageRow:
    project: str
    project_name: str
    pool: str
    time_zone: str
    device_class: str  # HOSTS for the hosts themselves
    device_class_name: str
    begins_at: datetime
    ends_at: datetime
    used: Used


@dataclass(frozen=True, slots=True)
class UsagePage(Page[UsageRow]):
    """`total` is of everything in the scope, rounded once."""

    total: Used = NOTHING


_WHOLE = "SELECT %(begin)s::timestamptz AS opens, %(end)s::timestamptz AS closes"
_OF_CALENDAR = """
    SELECT local AT TIME ZONE s.zone AS opens, (local + interval '1 {unit}') AT TIME ZONE s.zone AS closes
    FROM generate_series(
        date_trunc('{unit}', s.since AT TIME ZONE s.zone), s.until AT TIME ZONE s.zone, interval '1 {unit}'
    ) AS local
"""
_PERIODS: Mapping[Cut, str] = {
    Cut.CLASS: _WHOLE,
    Cut.DAY: _OF_CALENDAR.format(unit="day"),
    Cut.MONTH: _OF_CALENDAR.format(unit="month"),
}
_NARROWED: Mapping[str, str] = {
    "project_ids": "AND j.id = ANY(%(project_ids)s)",
    "project": "AND j.slug = %(project)s",
    "pool": "AND p.code = %(pool)s",
}
_SUMS = """
WITH held AS (
    SELECT r.id AS reservation_id, c.id AS composition_id, d.code, d.name,
           coalesce((c.settings -> b.code ->> 'power_cap_w')::numeric, d.tdp_w, 0) AS watts,
           a.since, coalesce(a.until, %(now)s) AS until
    FROM scheduler_reservation r
    JOIN scheduler_project j ON j.id = r.project_id
    JOIN fabric_pool p ON p.id = r.pool_id
    JOIN fabric_composition c ON c.owner = r.code
    JOIN fabric_attachment a ON a.composition_id = c.id
    JOIN fabric_resourceblock b ON b.id = a.block_id
    JOIN fabric_deviceclass d ON d.id = b.device_class_id
    WHERE a.since < %(end)s {narrowed}
), every AS (
    SELECT reservation_id, code, name, watts, since, until FROM held
    UNION ALL
    SELECT held.reservation_id, '', '', h.base_w + coalesce((h.facts ->> 'local_w')::numeric, 0),
           min(held.since), max(held.until)
    FROM held
    JOIN fabric_composition c ON c.id = held.composition_id
    JOIN fabric_host h ON h.id = c.host_id
    GROUP BY held.reservation_id, c.id, h.id
), spans AS (
    SELECT j.slug, j.name AS project_name, p.code AS pool, p.time_zone AS zone, e.code, e.name, e.watts,
           greatest(e.since, %(begin)s) AS since, least(e.until, %(end)s, %(now)s) AS until,
           r.starts_at, r.ends_at,
           (SELECT (part ->> 'rate_usd_per_hour')::numeric FROM jsonb_array_elements(r.price -> 'parts') part
            WHERE part ->> 'device_class' = e.code LIMIT 1) AS rate,
           r.price #> ARRAY['tariffs', e.code, 'pieces'] AS pieces
    FROM every e
    JOIN scheduler_reservation r ON r.id = e.reservation_id
    JOIN scheduler_project j ON j.id = r.project_id
    JOIN fabric_pool p ON p.id = r.pool_id
    WHERE e.until > %(begin)s AND e.since < least(%(end)s, %(now)s)
), parts AS (
    SELECT s.*, greatest(s.since, w.opens) AS part_since, least(s.until, w.closes) AS part_until,
           greatest(w.opens, %(begin)s) AS opens, least(w.closes, %(end)s) AS closes
    FROM spans s CROSS JOIN LATERAL ({periods}) w
), counted AS (
    SELECT *, extract(epoch FROM part_until - part_since) AS attached, extract(
        epoch FROM greatest(least(part_until, ends_at) - greatest(part_since, starts_at), interval '0')
    ) AS charged
    FROM parts WHERE part_until > part_since
), sums AS (
    SELECT slug, project_name, pool, zone, code, name, opens, closes,
           sum(attached) FILTER (WHERE code <> '') AS attached, sum(charged) FILTER (WHERE code <> '') AS charged,
           sum(CASE WHEN pieces IS NULL THEN charged * rate ELSE (
               SELECT sum((piece ->> 'rate')::numeric * extract(epoch FROM greatest(
                   least(part_until, ends_at, (piece ->> 'ends_at')::timestamptz)
                   - greatest(part_since, starts_at, (piece ->> 'starts_at')::timestamptz),
                   interval '0'
               ))) FROM jsonb_array_elements(pieces) piece
           ) END) AS charge, sum(attached * watts) AS energy
    FROM counted
    GROUP BY slug, project_name, pool, zone, code, name, opens, closes
)
"""
_ROWS = """
, summed AS (
    SELECT *, sum(attached) OVER (), sum(charged) OVER (), sum(charge) OVER (), sum(energy) OVER () FROM sums
)
SELECT * FROM summed
WHERE %(after)s::text[] IS NULL OR (slug COLLATE "C", pool COLLATE "C", code COLLATE "C", opens)
    > ((%(after)s::text[])[1], (%(after)s::text[])[2], (%(after)s::text[])[3], (%(after)s::text[])[4]::timestamptz)
ORDER BY slug COLLATE "C", pool COLLATE "C", code COLLATE "C", opens
LIMIT %(limit)s
"""


def usage_page(*, scope: UsageScope, cut: Cut, now: datetime, limit: int, after: str | None = None) -> UsagePage:
    """By project, pool, device class and time. One query; it grows with what was attached, not with the pages."""
    found = _asked(scope, cut, now, {"after": _place(after), "limit": limit + 1})
    rows = tuple(_row(one) for one in found[:limit])
    return UsagePage(
        rows=rows,
        next_after=_key(rows[-1]) if len(found) > limit else None,
        total=_used(found[0][12:]) if found else NOTHING,
    )


def _asked(scope: UsageScope, cut: Cut, now: datetime, more: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    ids = None if scope.project_ids is None else list(scope.project_ids)
    wanted = {"project_ids": ids, "project": scope.project, "pool": scope.pool}
    given = {name: value for name, value in wanted.items() if value is not None}
    sums = _SUMS.format(narrowed=" ".join(_NARROWED[name] for name in given), periods=_PERIODS[cut])
    with connection.cursor() as cursor:
        cursor.execute(sums + _ROWS, {"begin": scope.begins_at, "end": scope.ends_at, "now": now, **given, **more})
        return list(cursor.fetchall())


def _row(found: tuple[Any, ...]) -> UsageRow:
    slug, name, pool, zone, code, class_name, opens, closes = found[:8]
    return UsageRow(slug, name, pool, zone, code, class_name, opens, closes, _used(found[8:12]))


def _used(sums: tuple[Decimal | None, ...]) -> Used:
    """From seconds, dollars × seconds an hour, and watt-seconds."""
    attached, charged, charge, energy = sums
    return Used(
        device_hours=((attached or _NOTHING) / 3_600).quantize(HOUR_DIGITS),
        charged_hours=((charged or _NOTHING) / 3_600).quantize(HOUR_DIGITS),
        usd=None if charge is None else in_cents(charge / 3_600),
        kwh=((energy or _NOTHING) / 3_600_000).quantize(KWH_DIGITS),
    )


def _key(row: UsageRow) -> str:
    return json.dumps([row.project, row.pool, row.device_class, row.begins_at.isoformat()])


def _place(after: str | None) -> list[str] | None:
    """What is no key of ours begins at the beginning: it stands in addresses that people may change."""
    if after is None or len(after) > KEY_CHARS_MAX:
        return None
    try:
        slug, pool, device_class, opens = json.loads(after)
        datetime.fromisoformat(opens)
    except (ValueError, TypeError):
        return None
    place = [slug, pool, device_class, opens]
    return place if all(isinstance(part, str) and "\x00" not in part for part in place) else None
