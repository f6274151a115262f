"""The same rows without a planner: in plain SQL, and through the ORM. What an admission is held against.

Plain SQL locks the pool's row and inserts one reservation and its k allocations, in two statements. The ORM writes all
that an admission writes, with the journal entry and the pool's generation. Both commit; `undo` takes the rows out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import F
from psycopg.types.json import Jsonb

from fabric.models import Pool
from portal.bench.filling import Ids, the_rest
from portal.bench.worlds import World
from scheduler.journal_kinds import JournalKind
from scheduler.models import Allocation, JournalEntry, Reservation
from scheduler.planning.plan import Plan, plan_to_wire
from scheduler.planning.pricing import price_of_plan, price_to_wire, watts
from scheduler.requests import ReservationRequest
from scheduler.services._codes import new_code
from scheduler.states import ReservationState

ALLOCATION = ("reservation_id", "pool_id", "block_id", "host_id", "node", "during", "is_holding", "changed_in")


@dataclass(frozen=True)
class Rows:
    """What one admission writes, ready made, so that only writing is measured."""

    world: World
    reservation: Mapping[str, Any]
    units: tuple[tuple[int | None, int | None], ...]  # block and host

    @cached_property
    def during(self) -> DateTimeTZRange:
        return DateTimeTZRange(self.reservation["busy_from"], self.reservation["busy_until"], "[)")


def rows_of(*, world: World, ids: Ids, request: ReservationRequest, plan: Plan) -> Rows:
    blocks, hosts = ids
    reservation = {
        "code": new_code("r"),
        "project_id": world.project.pk,
        "pool_id": world.pool.pk,
        "created_by_id": world.by.user_id,
        "title": request.title,
        "request": dict(request.wire),
        "plan": plan_to_wire(plan),
        "price": price_to_wire(price_of_plan(plan=plan, topology=world.topology)),
        "watts": watts(plan=plan, topology=world.topology),
        "starts_at": plan.starts_at,
        "ends_at": plan.ends_at,
        "busy_from": plan.busy_from,
        "busy_until": plan.busy_until,
        "state": ReservationState.CONFIRMED.value,
        "next_due_at": plan.busy_from,
        "created_at": world.now,
        "updated_at": world.now,
    }
    units: list[tuple[int | None, int | None]] = [(blocks[code], None) for node in plan.nodes for code in node.blocks]
    units += [(None, hosts[node.host]) for node in plan.nodes]
    return Rows(world, reservation, tuple(units))


def in_sql(rows: Rows) -> int:
    """The id of the reservation."""
    pool = rows.world.pool.pk
    reservation = {**rows.reservation, **the_rest(Reservation, rows.reservation)}
    rest = the_rest(Allocation, ALLOCATION)
    each = f"({_places(len(ALLOCATION) + len(rest))})"
    constant = [_adapted(value) for value in rest.values()]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT generation FROM fabric_pool WHERE id = %s FOR NO KEY UPDATE", [pool])
        (generation,) = cursor.fetchone()
        cursor.execute(
            f"INSERT INTO scheduler_reservation ({', '.join(reservation)})"
            f" VALUES ({_places(len(reservation))}) RETURNING id",
            [_adapted(value) for value in reservation.values()],
        )
        (made,) = cursor.fetchone()
        fixed = (0, rows.during, True, generation + 1, *constant)
        cursor.execute(
            f"INSERT INTO scheduler_allocation ({', '.join([*ALLOCATION, *rest])})"
            f" VALUES {', '.join([each] * len(rows.units))}",
            [value for unit in rows.units for value in (made, pool, *unit, *fixed)],
        )
    return int(made)


def in_orm(rows: Rows) -> int:
    """The id of the reservation."""
    with transaction.atomic():
        pool = Pool.objects.select_for_update(no_key=True).get(pk=rows.world.pool.pk)
        made = Reservation.objects.create(**rows.reservation)
        Allocation.objects.bulk_create(
            Allocation(
                reservation=made,
                pool_id=pool.pk,
                block_id=block,
                host_id=host,
                node=0,
                during=rows.during,
                changed_in=pool.generation + 1,
            )
            for block, host in rows.units
        )
        Pool.objects.filter(pk=pool.pk).update(generation=F("generation") + 1)
        JournalEntry.objects.create(
            at=rows.world.now,
            kind=JournalKind.RESERVATION_CONFIRMED,
            message=f"Confirmed: {len(rows.units)} units.",
            reference=made.code,
            reservation=made,
            project_id=made.project_id,
            pool_id=pool.pk,
            actor_id=rows.world.by.user_id,
            actor_name=rows.world.by.name,
            door=rows.world.by.door,
        )
    return made.pk


def undo(reservation_id: int) -> None:
    """Nobody has seen the rows: whoever keeps a calendar by generation reads changed rows, and these are gone."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # past the journal's guard against deletion
        cursor.execute("DELETE FROM scheduler_journalentry WHERE reservation_id = %s", [reservation_id])
        cursor.execute("DELETE FROM scheduler_allocation WHERE reservation_id = %s", [reservation_id])
        cursor.execute("DELETE FROM scheduler_reservation WHERE id = %s", [reservation_id])


def _adapted(value: Any) -> Any:
    return Jsonb(value) if isinstance(value, dict | list) else value


def _places(count: int) -> str:
    return ", ".join(["%s"] * count)
