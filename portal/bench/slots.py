"""The first start of a mix of three classes in one zone before the horizon, beside one SQL statement that counts."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from random import Random

from fabric.models import DeviceClass
from portal.bench import sweeps
from portal.bench.filling import Filled
from portal.bench.measuring import in_runs
from portal.bench.printing import milliseconds, ratio, table, with_spread
from portal.bench.worlds import World, body_of
from scheduler.planning.earliest import Earliest, earliest
from scheduler.planning.index import PoolIndex
from scheduler.queries.snapshots import snapshot
from scheduler.requests import Group, Line, Mix
from scheduler.services.slots import openings, slots
from scheduler.slot_parsing import SlotsWish

HEAD = (
    "pool", "reservations", "mix", "start in", "proven", "in process p50 (runs)", "p95", "stored p50", "SQL p50",
    "SQL/slots",
)  # fmt: skip
DAYS = 60
HOURS = 12
EACH = (4, 8)  # cards of each class, on one host
KINDS = 3
CALLS_MAX = 10  # of each run: where the first moment does not fit, its reasons are worked out too
SLOW_CALLS = 1


def measure(*, world: World, name: str, filled: Filled, calls: int, runs: int) -> list[list[str]]:
    """A row for each mix that the pool's classes allow."""
    return [
        _row(world, name, filled, each, min(calls, CALLS_MAX), runs) for each in EACH if len(world.classes) >= KINDS
    ]


def wish(world: World, each: int) -> SlotsWish:
    """From now to sixty days ahead, or to the pool's horizon where that is nearer."""
    days = min(DAYS, world.topology.policy.horizon_days)
    lines = tuple(Line(code, each) for code in mixed(world))
    window = replace(world.window(Random(0)), starts_at=world.now, ends_at=world.now + timedelta(hours=HOURS))
    request = world.asking(Mix((Group("", 1, lines),)), window)
    return SlotsWish(request, world.now, world.now + timedelta(days=days), 1)


def mixed(world: World) -> tuple[str, ...]:
    """Three classes that one host can drive: of the family of the most frequent one."""
    family = world.topology.classes[world.classes[0]].driver_family
    alike = [code for code in world.classes if world.topology.classes[code].driver_family == family]
    return tuple([*alike, *(code for code in world.classes if code not in alike)][:KINDS])


def body(asked: SlotsWish) -> dict[str, object]:
    """As a program sends it."""
    said = body_of(asked.request)
    times = {"duration_minutes": HOURS * 60, "not_before": asked.not_before.isoformat(), "limit": asked.limit}
    until = {"not_after": asked.not_after.isoformat()} if asked.not_after else {}
    return {key: value for key, value in said.items() if key not in {"starts_at", "ends_at"}} | times | until


def _row(world: World, name: str, filled: Filled, each: int, calls: int, runs: int) -> list[str]:
    asked = wish(world, each)
    seen = snapshot(pool_code=world.pool.code, project_slug=world.project.slug, now=world.now)
    found, _ = openings(wish=asked, now=world.now)
    ours = in_runs([partial(_pure, asked, PoolIndex(seen)) for _ in range(calls)], runs=runs)
    stored = in_runs([partial(slots, wish=asked, by=world.by, now=world.now) for _ in range(calls)], runs=runs)
    sql = in_runs([partial(_in_sql, world, asked, each) for _ in range(SLOW_CALLS)], runs=runs)
    start = found.windows[0].starts_at - world.now if found.windows else None
    return [
        name,
        f"{filled.count:,}",
        " + ".join(f"{each} {world.topology.classes[code].name}" for code in mixed(world)),
        f"{start.total_seconds() / 3600:.1f} h" if start is not None else "none",
        "yes" if found.is_proven else "no",
        with_spread(ours),
        milliseconds(ours.percentile(95)),
        milliseconds(stored.p50),
        milliseconds(sql.p50),
        ratio(sql.p50, ours.p50),
    ]


def _pure(asked: SlotsWish, index: PoolIndex) -> Earliest:
    return earliest(
        request=asked.request,
        index=index,
        duration=asked.duration,
        not_before=asked.not_before + timedelta(hours=1),
        not_after=asked.not_after,
        limit=asked.limit,
    )


def _in_sql(world: World, asked: SlotsWish, each: int) -> object:
    policy = world.topology.policy
    ids = dict(DeviceClass.objects.filter(code__in=mixed(world)).values_list("code", "id"))
    length = asked.duration + timedelta(minutes=policy.setup_minutes + policy.teardown_minutes)
    until = asked.not_after or world.now + timedelta(days=policy.horizon_days)
    return sweeps.earliest(world, {ids[code]: each for code in mixed(world)}, asked.not_before, until, length)


def report(rows: list[list[str]]) -> str:
    return table(
        f"Earliest start of three classes on one host for {HOURS} h, {DAYS} days or the horizon (ms)", HEAD, rows
    )
