"""The locks of an admission: the project's quota on the pool, then the pool; and the ceilings, once both are held."""

from datetime import datetime

from django.db import connection

from fabric.models import Pool
from scheduler.models import Project
from scheduler.planning.snapshot import QuotaFacts
from scheduler.queries._allocations import Stamp
from scheduler.queries.quota_facts import FACTS, facts_of, with_stints
from scheduler.requests import ReservationRequest

LOCK_MILLISECONDS_MAX = 8_000
STATEMENT_MILLISECONDS_MAX = 20_000
_QUOTA = """
SELECT q.project_id
FROM scheduler_quota q
JOIN scheduler_project s ON s.id = q.project_id
JOIN fabric_pool p ON p.id = q.pool_id
WHERE s.slug = %s AND p.code = %s
ORDER BY q.id FOR UPDATE OF q
"""
_MOVE = (
    "UPDATE fabric_pool SET generation = generation + 1 WHERE {column} = %s"
    " RETURNING id, pg_relation_filenode('fabric_pool'), generation, inventory_generation"
)


def lock_both(request: ReservationRequest, *, now: datetime) -> tuple[int, QuotaFacts, Stamp]:
    """The project's row id and its ceilings here, and the pool, moved on.

    One round trip; and another where hours are limited. Raises Pool.DoesNotExist.
    """
    asked = [request.project, request.pool]
    with connection.cursor() as cursor:
        statements = (bounded(), _QUOTA, _MOVE.format(column="code"), FACTS)
        cursor.execute("; ".join(statements), [*asked, request.pool, *asked])
        while cursor.description is None:
            cursor.nextset()
        project = cursor.fetchone()
        cursor.nextset()
        stamp = _stamp(cursor.fetchone(), request.pool)
        cursor.nextset()
        facts = facts_of(request.project, cursor.fetchone())
    if project is None:
        return Project.objects.values_list("id", flat=True).get(slug=request.project), facts, stamp
    return project[0], with_stints(facts, pool_code=request.pool, now=now), stamp


def lock_quota(*, pool: Pool, project: str) -> None:
    """Before the pool: for who is to hold more than before."""
    with connection.cursor() as cursor:
        cursor.execute(f"{bounded()}; {_QUOTA}", [project, pool.code])


def move_generation(*, pool_id: int) -> Stamp:
    """Locks the pool until the transaction ends. Raises Pool.DoesNotExist."""
    with connection.cursor() as cursor:
        cursor.execute(_MOVE.format(column="id"), [pool_id])
        return _stamp(cursor.fetchone(), pool_id)


def bounded() -> str:
    """A lock that is not to be had is a lost race, tried again by the caller, never a hanging request."""
    assert connection.in_atomic_block, "admission runs inside its caller's transaction"
    return (
        f"SET LOCAL lock_timeout = {LOCK_MILLISECONDS_MAX}; SET LOCAL statement_timeout = {STATEMENT_MILLISECONDS_MAX}"
    )


def _stamp(row: tuple[int, int, int, int] | None, pool: object) -> Stamp:
    if row is None:
        raise Pool.DoesNotExist(f"there is no pool {pool!r}")
    return Stamp(*row)
