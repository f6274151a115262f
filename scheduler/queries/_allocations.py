"""What a pool's allocations say, read in one statement: the pool's generations and the stays that changed since.

One statement sees one state of the database, so what it returns belongs to the generation it returns. A row is all
that one node holds for one window: a hundred thousand of them are read as quickly as they can be counted.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection

from fabric.models import Pool
from scheduler.planning.guarding import Guard
from scheduler.planning.plan import plan_from_wire
from scheduler.planning.stays import Stay
from scheduler.states import Priority

_NO_CAPS: dict[int, int] = {}
_PRIORITIES = {one.value: one for one in Priority}  # there are very many rows
EVERYTHING = -1  # older than any generation

_STATEMENT = """
SELECT p.id, pg_relation_filenode('fabric_pool'), p.generation, p.inventory_generation,
       g.guards,
       coalesce(r.code, m.code), coalesce(s.slug, ''), a.node, a.is_holding,
       (extract(epoch FROM lower(a.during)) * 1000000)::bigint,
       (extract(epoch FROM upper(a.during)) * 1000000)::bigint,
       a.hosts, a.blocks, a.watts, a.network, a.rails, a.planes, a.maintenance_id IS NOT NULL,
       coalesce(r.priority, 'normal')
FROM fabric_pool p
LEFT JOIN LATERAL (
    SELECT json_agg(json_build_array(w.code, w.priority, e.guard) ORDER BY w.id)::text AS guards
    FROM scheduler_waitlistentry e
    JOIN scheduler_reservation w ON w.id = e.reservation_id
    WHERE e.guarded_from IS NOT NULL AND w.pool_id = p.id AND w.state = 'waitlisted'
) g ON true
LEFT JOIN LATERAL (
    SELECT reservation_id, maintenance_id, node, is_holding, during,
           array_agg(host_id) FILTER (WHERE host_id IS NOT NULL) AS hosts,
           array_agg(block_id ORDER BY id) FILTER (WHERE block_id IS NOT NULL) AS blocks,
           CASE WHEN count(watts) > 0 THEN array_agg(watts ORDER BY id) FILTER (WHERE block_id IS NOT NULL) END
               AS watts,
           max(network) AS network, max(rails) AS rails,
           max(planes::text) FILTER (WHERE host_id IS NOT NULL) AS planes
    FROM scheduler_allocation
    WHERE pool_id = p.id AND {which}
    GROUP BY reservation_id, maintenance_id, node, is_holding, during
) a ON true
LEFT JOIN scheduler_reservation r ON r.id = a.reservation_id
LEFT JOIN scheduler_maintenance m ON m.id = a.maintenance_id
LEFT JOIN scheduler_project s ON s.id = r.project_id
WHERE p.code = %(pool)s
"""
_HELD_NOW = _STATEMENT.format(which="is_holding")
_CHANGED = _STATEMENT.format(which="changed_in > %(seen)s")


@dataclass(frozen=True, slots=True)
class Units:
    """Bits and codes behind the rows' ids."""

    bit_of_host: dict[int, int]
    bit_of_block: dict[int, int]
    codes: Sequence[tuple[bool, str]]


@dataclass(frozen=True, slots=True)
class Stamp:
    """A state of one pool. `table` changes when its table is emptied, after which ids may come again."""

    pool_id: int
    table: int
    generation: int
    inventory: int


@dataclass(frozen=True, slots=True)
class Read:
    stamp: Stamp
    rows: Sequence[tuple[Any, ...]]
    guards: tuple[Guard, ...] = ()

    @property
    def reservations(self) -> set[str]:
        """Codes of maintenances too."""
        return {row[0] for row in self.rows}

    def held(self, units: Units) -> list[Stay]:
        return [_stay(row, units) for row in self.rows if row[3]]


def read(*, pool_code: str, seen: int = EVERYTHING) -> Read:
    """Everything held, or all rows written in a later generation than the one `seen`, given back ones too.

    Raises Pool.DoesNotExist.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HELD_NOW if seen == EVERYTHING else _CHANGED, {"pool": pool_code, "seen": seen})
        found = cursor.fetchall()
    if not found:
        raise Pool.DoesNotExist(f"there is no pool {pool_code!r}")
    return Read(Stamp(*found[0][:4]), [row[5:] for row in found if row[5] is not None], _guards(found[0][4]))


def _stay(row: tuple[Any, ...], units: Units) -> Stay:
    code, project, node, _, begin, end, hosts, blocks, watts, network, rails, planes, is_maintenance, priority = row
    bits = [units.bit_of_host[pk] for pk in hosts or ()]
    if is_maintenance:
        bits += [units.bit_of_block[pk] for pk in blocks or ()]
        return Stay(code, project, node, "", begin, end, tuple(sorted(bits)), is_maintenance=True)
    host = units.codes[bits[0]][1] if bits else ""
    cards = [units.bit_of_block[pk] for pk in blocks or ()]
    capped = {bit: cap for bit, cap in zip(cards, watts, strict=True) if cap is not None} if watts else _NO_CAPS
    joined = (network, rails, _planes(planes))
    return Stay(
        code, project, node, host, begin, end, (*bits, *cards), (), capped, *joined, priority=_PRIORITIES[priority]
    )


@lru_cache(maxsize=100)
def _guards(text: str | None) -> tuple[Guard, ...]:
    """There is mostly none, and the same one is read again and again."""
    rows = json.loads(text) if text else []
    return tuple(Guard(code, Priority(priority), plan_from_wire(plan)) for code, priority, plan in rows)


@lru_cache(maxsize=10_000)
def _planes(text: str | None) -> tuple[tuple[str, str], ...]:
    """There are few of them, and many reservations."""
    return tuple(sorted(json.loads(text).items())) if text else ()
