"""`POST reservations/` with everything on, beside the same rows written by a bare view of the same process.

Each request is written by both bare views and taken out again before it is booked, so that all three write the same
rows into the same state of the pool, right after each other.
"""

from collections.abc import Iterator
from functools import partial
from random import Random
from typing import Any

from portal.bench import ceilings
from portal.bench.admission import requests_that_fit
from portal.bench.bare_booking import MADE
from portal.bench.filling import Ids, unit_ids
from portal.bench.measuring import Stopwatch
from portal.bench.serving import Client
from portal.bench.worlds import World
from scheduler.planning.plan import Plan, plan_to_wire
from scheduler.planning.pricing import price_of_plan, price_to_wire, watts
from scheduler.requests import ReservationRequest
from scheduler.services._codes import new_code

BARE, OURS = "/bench/booking/", "/api/v1/reservations/"
LEAN, WHOLE, BOOKING = "bare: reservation, allocations", "bare: every row", "booking"
CALLS = (LEAN, WHOLE, BOOKING)
WARM_UP = 3
CREATED = 201


def measure(*, world: World, client: Client, calls: int, runs: int, seed: int) -> Stopwatch:
    watch, wanted = Stopwatch(), _wanted(world, Random(seed))
    for _ in range(WARM_UP):
        _book(Stopwatch(), client, *next(wanted))
    for _ in range(runs):
        watch.begin_run()
        for _ in range(calls):
            _book(watch, client, *next(wanted))
    return watch


def _wanted(world: World, chance: Random) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """What a program sends, and what the bare view gets."""
    ids = unit_ids(world)
    for request, plan in requests_that_fit(world, chance):
        body = dict(request.wire)
        yield body, _ready_made(world, ids, request, plan)


def _ready_made(world: World, ids: Ids, request: ReservationRequest, plan: Plan) -> dict[str, Any]:
    blocks, hosts = ids
    return {
        "mix": request.wire["mix"],
        "pool": world.pool.code,
        "project_id": world.project.pk,
        "created_by_id": world.by.user_id,
        "title": request.title,
        "plan": plan_to_wire(plan),
        "price": price_to_wire(price_of_plan(plan=plan, topology=world.topology)),
        "watts": watts(plan=plan, topology=world.topology),
        "starts_at": plan.starts_at.isoformat(),
        "ends_at": plan.ends_at.isoformat(),
        "busy_from": plan.busy_from.isoformat(),
        "busy_until": plan.busy_until.isoformat(),
        "hosts": [hosts[node.host] for node in plan.nodes],
        "blocks": [blocks[code] for node in plan.nodes for code in node.blocks],
    }


def _book(watch: Stopwatch, client: Client, body: dict[str, Any], ready_made: dict[str, Any]) -> None:
    client.wake()
    for kind, is_whole in ((LEAN, False), (WHOLE, True)):
        made = watch.time(kind, partial(_post, client, BARE, {**ready_made, "is_whole": is_whole}))
        assert isinstance(made, dict)
        ceilings.undo(made[MADE])
    watch.time(BOOKING, partial(_post, client, OURS, body, new_code("k")))


def _post(client: Client, path: str, body: dict[str, Any], key: str = "") -> dict[str, Any]:
    """Raises AssertionError at any other status: a quick error is worth nothing."""
    status, answer = client.post(path, body, key=key)
    assert status == CREATED, (path, status, answer)
    assert isinstance(answer, dict)
    return answer
