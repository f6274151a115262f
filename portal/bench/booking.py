"""One writer of a crowd: books through the services, or writes rows of the same kind in plain SQL."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random

from portal.bench import ceilings
from portal.bench.filling import unit_ids
from portal.bench.worlds import CARDS, World, found
from scheduler.limits import YEARS_AHEAD_MAX
from scheduler.models import Allocation
from scheduler.planning.plan import NodePlan, Plan
from scheduler.refusals import RefusalCode, Refused
from scheduler.requests import Group, Line, Mix, Window
from scheduler.services.submit import submit

HOUR = timedelta(hours=1)
Writer = Callable[[], str]


def writer(*, kind: str, pool_code: str, nth: int, run: int) -> Writer:
    """Each call is one attempt and answers `commits`, `refused` or `busy`."""
    world = found(pool_code, now=datetime.now(UTC))
    return _in_sql(world, nth) if kind == "SQL" else _in_services(world, Random(f"{run} {nth}"))


def _in_services(world: World, chance: Random) -> Writer:
    def act() -> str:
        try:
            submit(request=world.request(chance), by=world.by, now=world.now)
        except Refused as refused:
            return "busy" if refused.refusals[0].code is RefusalCode.POOL_BUSY else "refused"
        return "commits"

    return act


def _in_sql(world: World, nth: int) -> Writer:
    """On a host and cards of its own, one window after the other beyond every calendar: no two writers collide."""
    ids = unit_ids(world)
    host = sorted(ids[1])[nth % len(ids[1])]
    cards = [code for code in sorted(ids[0]) if world.topology.blocks[code].device_class == world.classes[0]]
    mine = tuple(cards[(nth * CARDS + at) % len(cards)] for at in range(CARDS))
    last = Allocation.objects.filter(host_id=ids[1][host], is_holding=True).order_by("during").last()
    beyond = world.now + timedelta(days=(YEARS_AHEAD_MAX + 1) * 365)
    windows = count(1)
    begin = max(beyond, last.during.upper) if last else beyond

    def act() -> str:
        at = begin + HOUR * next(windows)
        plan = Plan(world.pool.code, 0, at, at + HOUR, at, at + HOUR, (NodePlan(0, 0, "", host, mine),))
        request = world.asking(Mix((Group("", 1, (Line(world.classes[0], CARDS),)),)), Window(at, at + HOUR))
        ceilings.in_sql(ceilings.rows_of(world=world, ids=ids, request=request, plan=plan))
        return "commits"

    return act
