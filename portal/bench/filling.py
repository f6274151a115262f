"""A calendar into the database: reservations and allocations as the commit writes them, but thousands at a time.

All constraints stay on. What begins after `now` is confirmed and holding; where a pool is too small for so many in two
years, the calendar begins in the past, and what is over is kept as history, as it would be.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Model

from fabric.models import Host, Pool, ResourceBlock
from portal.bench import calendars
from portal.bench.worlds import World, body_of
from scheduler import limits
from scheduler.models import Allocation, Reservation
from scheduler.planning.plan import NodePlan, Plan, plan_to_wire
from scheduler.planning.pricing import price_of_plan, price_to_wire, watts
from scheduler.requests import Group, Line, Mix, ReservationRequest, Window
from scheduler.states import ReservationState

DAYS_AHEAD_MAX = limits.YEARS_AHEAD_MAX * 365
RESERVATION = (
    "id", "code", "project_id", "pool_id", "created_by_id", "title", "request", "plan", "price", "watts", "starts_at",
    "ends_at", "busy_from", "busy_until", "state", "next_due_at", "created_at", "updated_at",
)  # fmt: skip
ALLOCATION = ("reservation_id", "pool_id", "block_id", "host_id", "node", "during", "is_holding", "changed_in")
Ids = tuple[Mapping[str, int], Mapping[str, int]]  # of blocks and of hosts, by code


@dataclass(frozen=True, slots=True)
class Filled:
    """How many reservations are there, and how many of them are still to come."""

    count: int
    ahead: int


def fill(*, world: World, count: int, seed: int) -> Filled:
    """Moves the pool's generation once. The planner's statistics are brought up to date, as autovacuum would."""
    stays = list(calendars.stays(topology=world.topology, count=count, seed=seed)) if count else []
    ids = unit_ids(world)  # before the copy, during which the connection can do nothing else
    begins_at = world.now - timedelta(minutes=_minutes_in_the_past(stays))
    with transaction.atomic():
        Pool.objects.filter(pk=world.pool.pk).update(generation=F("generation") + 1)
        generation = Pool.objects.values_list("generation", flat=True).get(pk=world.pool.pk)
        first = _reserve_ids(len(stays))
        _copy(Reservation, RESERVATION, _reservations(world, stays, begins_at, first))
        _copy(Allocation, ALLOCATION, _allocations(world, stays, begins_at, first, generation, ids))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE scheduler_reservation, scheduler_allocation, fabric_resourceblock, fabric_host")
    return Filled(len(stays), sum(_is_ahead(world, begins_at, stay) for stay in stays))


def _minutes_in_the_past(stays: Iterable[calendars.Stay]) -> int:
    return max(0, max((stay.busy_until for stay in stays), default=0) - DAYS_AHEAD_MAX * calendars.DAY)


def _reserve_ids(count: int) -> int:
    """The first of so many ids that nobody else gets."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('scheduler_reservation', 'id'))")
        (first,) = cursor.fetchone()
        cursor.execute("SELECT setval(pg_get_serial_sequence('scheduler_reservation', 'id'), %s)", [first + count])
    return int(first)


def _copy(model: type[Model], columns: Sequence[str], rows: Iterable[tuple[object, ...]]) -> None:
    rest = the_rest(model, columns)
    constant = tuple(json.dumps(value) if isinstance(value, dict | list) else value for value in rest.values())
    into = f"COPY {model._meta.db_table} ({', '.join([*columns, *rest])}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(into) as copy:
        for row in rows:
            copy.write_row((*row, *constant))


def the_rest(model: type[Model], columns: Collection[str]) -> Mapping[str, Any]:
    """What the model writes into the columns that were not named."""
    fields = {str(field.column): field for field in model._meta.concrete_fields}
    return {name: field.get_default() for name, field in fields.items() if name not in {"id", *columns}}


def _is_ahead(world: World, begins_at: datetime, stay: calendars.Stay) -> bool:
    return begins_at + timedelta(minutes=stay.busy_from) > world.now


def _reservations(
    world: World, stays: Iterable[calendars.Stay], begins_at: datetime, first: int
) -> Iterator[tuple[object, ...]]:
    for nth, stay in enumerate(stays):
        plan, request = plan_of(world, stay, begins_at), _request(world, stay, begins_at)
        is_ahead = _is_ahead(world, begins_at, stay)
        yield (
            first + nth, f"r-b{first + nth:x}", world.project.pk, world.pool.pk, world.by.user_id, request.title,
            json.dumps(body_of(request)), json.dumps(plan_to_wire(plan)),
            json.dumps(price_to_wire(price_of_plan(plan=plan, topology=world.topology))),
            watts(plan=plan, topology=world.topology), plan.starts_at, plan.ends_at, plan.busy_from, plan.busy_until,
            ReservationState.CONFIRMED if is_ahead else ReservationState.ENDED,
            plan.busy_from if is_ahead else None, world.now, world.now,
        )  # fmt: skip


def _allocations(
    world: World, stays: Iterable[calendars.Stay], begins_at: datetime, first: int, generation: int, ids: Ids
) -> Iterator[tuple[object, ...]]:
    blocks, hosts = ids
    for nth, stay in enumerate(stays):
        during = f"[{_moment(begins_at, stay.busy_from)},{_moment(begins_at, stay.busy_until)})"
        rest = (0, during, _is_ahead(world, begins_at, stay), generation)
        for block in sorted(blocks[card.code] for card in stay.cards):
            yield (first + nth, world.pool.pk, block, None, *rest)
        yield (first + nth, world.pool.pk, None, hosts[stay.host], *rest)


def unit_ids(world: World) -> Ids:
    blocks = ResourceBlock.objects.filter(pool=world.pool).values_list("code", "id")
    return dict(blocks), dict(Host.objects.filter(pool=world.pool).values_list("code", "id"))


def plan_of(world: World, stay: calendars.Stay, begins_at: datetime) -> Plan:
    node = NodePlan(0, 0, "", stay.host, tuple(sorted(card.code for card in stay.cards)))
    return Plan(
        pool=world.pool.code,
        generation=0,
        starts_at=begins_at + timedelta(minutes=stay.starts),
        ends_at=begins_at + timedelta(minutes=stay.ends),
        busy_from=begins_at + timedelta(minutes=stay.busy_from),
        busy_until=begins_at + timedelta(minutes=stay.busy_until),
        nodes=(node,),
    )


def _request(world: World, stay: calendars.Stay, begins_at: datetime) -> ReservationRequest:
    line = Line(stay.cards[0].device_class, len(stay.cards))
    window = Window(begins_at + timedelta(minutes=stay.starts), begins_at + timedelta(minutes=stay.ends))
    return ReservationRequest(
        world.project.slug, world.pool.code, "Of the calendar", Mix((Group("", 1, (line,)),)), window
    )


def _moment(begins_at: datetime, minutes: int) -> str:
    return (begins_at + timedelta(minutes=minutes)).isoformat()
