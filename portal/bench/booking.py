"""One writer of a crowd: books through the services, or writes rows of the same kind in plain SQL."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random

from portal.bench import ceilings
from portal.bench.filling import unit_ids
from portal.bench.worlds import CARDS, World, found
from scheduler.limits import YEARS_AHEAD_MAX
from scheduler.planning.plan import NodePlan, Plan
from scheduler.refusals import RefusalCode, Refused
from scheduler.requests import Group, Line, Mix, Window
from scheduler.services.submit import submit

HOURS_A_YEAR = 365 * 24
PROCESSES_MAX = 12  # each has five minutes of every hour
Writer = Callable[[], str]


def writer(*, kind: str, pool_code: str, nth: int, run: int) -> Writer:
    """Each call is one attempt and answers `commits`, `refused` or `busy`."""
    world = found(pool_code, now=datetime.now(UTC))
    return _in_sql(world, nth, run) if kind == "SQL" else _in_services(world, Random(f"{run} {nth}"))


def _in_services(world: World, chance: Random) -> Writer:
    def act() -> str:
        try:
            submit(request=world.request(chance), by=world.by, now=world.now)
        except Refused as refused:
            return "busy" if refused.refusals[0].code is RefusalCode.POOL_BUSY else "refused"
        return "commits"

    return act


def _in_sql(world: World, nth: int, run: int) -> Writer:
    """On a host and cards of its own, one window after the other beyond every calendar: no two writers collide."""
    ids = unit_ids(world)
    host = sorted(ids[1])[nth % len(ids[1])]
    cards = [code for code in sorted(ids[0]) if world.topology.blocks[code].device_class == world.classes[0]]
    mine = tuple(cards[(nth * CARDS + at) % len(cards)] for at in range(CARDS))
    hours = count((YEARS_AHEAD_MAX + 1 + run) * HOURS_A_YEAR)
    lane = timedelta(minutes=60 // PROCESSES_MAX)

    def act() -> str:
        starts_at = world.now + timedelta(hours=next(hours)) + lane * nth
        times = (starts_at, starts_at + lane, starts_at, starts_at + lane)
        plan = Plan(world.pool.code, 0, *times, (NodePlan(0, 0, "", host, mine),))
        request = world.asking(Mix((Group("", 1, (Line(world.classes[0], CARDS),)),)), Window(*times[:2]))
        ceilings.in_sql(ceilings.rows_of(world=world, ids=ids, request=request, plan=plan))
        return "commits"

    return act
