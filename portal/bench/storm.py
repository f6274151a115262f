"""Five hundred programs want the last eight cards of a class at once: as many are served as can be, and no more.

How many can be is worked out before by the planner, one after the other; the rows afterwards say how many were.
"""

import threading
import time
from collections import Counter
from dataclasses import replace
from http import HTTPStatus
from itertools import count
from random import Random

from django.db.models import F

from fabric.models import Pool, ResourceBlock
from portal.bench.printing import table
from portal.bench.serving import Client, token, web
from portal.bench.worlds import World
from scheduler.models import Allocation
from scheduler.planning.attempts import plan_or_none
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan
from scheduler.planning.snapshot import Commitment
from scheduler.queries.snapshots import snapshot
from scheduler.requests import Group, Line, Mix, ReservationRequest

HEAD = ("clients", "cards left", "asked by each", "can be served", "served", "refused", "asked again", "seconds")
LEFT, EACH = 8, 2
RETRY_SECONDS = 0.2
ASKED_AGAIN_MAX = 200


def measure(*, world: World, clients: int, seed: int) -> list[str]:
    """A row of the table. Raises AssertionError if another number than the possible one was served."""
    _leave_eight(world)
    chance = Random(seed)
    request = world.asking(Mix((Group("", 1, (Line(world.classes[0], EACH),)),)), world.window(chance))
    possible = _possible(world, request)
    began = time.perf_counter()
    with web() as port:
        key = token(world)
        answers: Counter[str] = Counter()
        gate = threading.Barrier(clients)
        threads = [
            threading.Thread(target=_ask, args=(Client(port=port, token=key), dict(request.wire), gate, answers))
            for _ in range(clients)
        ]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        took = time.perf_counter() - began
    served = _served(world, request)
    assert answers["201"] == served == possible, (answers, served, possible)
    assert answers["201"] + answers["409"] == clients, answers
    return [
        str(clients), str(LEFT), str(EACH), str(possible), str(served), str(answers["409"]), str(answers["again"]),
        f"{took:.1f}",
    ]  # fmt: skip


def report(rows: list[list[str]]) -> str:
    return table("A storm on the last eight cards, through HTTP", HEAD, rows)


def _leave_eight(world: World) -> None:
    """Of the class that is asked for; the rest of it is out of service."""
    mine = ResourceBlock.objects.filter(pool=world.pool, device_class__code=world.classes[0], pru__isnull=False)
    groups: Counter[str] = Counter()
    kept: list[int] = []
    for pk, group, code in mine.filter(is_cordoned=False).order_by("code").values_list("id", "bridge_group", "code"):
        if len(kept) < LEFT or group in groups:
            kept.append(pk)
            groups[group or code] += 1
    mine.exclude(pk__in=kept[:LEFT]).update(is_cordoned=True, cordon_reason="not in this storm")
    Pool.objects.filter(pk=world.pool.pk).update(
        generation=F("generation") + 1, inventory_generation=F("inventory_generation") + 1
    )


def _possible(world: World, request: ReservationRequest) -> int:
    """As many as the planner can place one after the other, on paper."""
    seen = snapshot(pool_code=world.pool.code, project_slug=world.project.slug, now=world.now)
    held = list(seen.commitments)
    for served in count():
        plan = plan_or_none(request=request, index=PoolIndex(replace(seen, commitments=tuple(held))))
        if plan is None:
            return served
        held += _on_paper(plan, f"paper-{served}")
    raise AssertionError("unreachable")


def _on_paper(plan: Plan, reservation: str) -> list[Commitment]:
    span = (plan.busy_from, plan.busy_until)
    return [
        Commitment(reservation, "", unit, unit == node.host, node.index, *span, node.host)
        for node in plan.nodes
        for unit in (node.host, *node.blocks)
    ]


def _ask(client: Client, body: object, gate: threading.Barrier, answers: "Counter[str]") -> None:
    """A pool or a server that is busy is asked again, as its answer says."""
    pause = threading.Event()
    gate.wait()
    for _ in range(ASKED_AGAIN_MAX):
        status, said = client.post("/api/v1/reservations/", body)
        if status != HTTPStatus.SERVICE_UNAVAILABLE and not _is_busy(said):
            answers[str(status)] += 1
            break
        answers["again"] += 1
        pause.wait(RETRY_SECONDS)
    client.close()


def _is_busy(said: object) -> bool:
    return isinstance(said, dict) and any(one["code"] == "POOL_BUSY" for one in said.get("refusals", ()))


def _served(world: World, request: ReservationRequest) -> int:
    held = Allocation.objects.filter(
        pool=world.pool, is_holding=True, reservation__title=request.title, block__device_class__code=world.classes[0]
    )
    return held.values("reservation").distinct().count()
