"""What is free in a window: of every class in every zone, from the kept board, in one statement, and by a scan."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from random import Random

from portal.bench import naive, sweeps
from portal.bench.filling import Filled, unit_ids
from portal.bench.measuring import in_runs
from portal.bench.printing import microseconds, ratio, table
from portal.bench.worlds import World
from scheduler.planning.index import PoolIndex
from scheduler.queries.snapshots import snapshot

HEAD = (
    "pool", "reservations", "zones × classes", "check p50", "runs", "p95", "SQL p50", "SQL/check", "scan p50",
    "scan/check",
)  # fmt: skip
SLOW_CALLS = 3  # of those that read everything


def free(index: PoolIndex, begin: datetime, end: datetime) -> Mapping[tuple[str, str], int]:
    """Free for the whole of a window, by class and by what reaches them."""
    left = index.usable & ~index.timeline.busy(begin, end)
    return {key: (mask & left).bit_count() for key, mask in index.class_masks.items()}


def measure(*, world: World, name: str, filled: Filled, calls: int, runs: int, seed: int) -> list[str]:
    """A row of the table. The three answers are compared for one window."""
    chance = Random(seed)
    windows = [world.window(chance) for _ in range(max(calls, SLOW_CALLS))]
    spans = [(window.starts_at, window.ends_at) for window in windows]
    index = PoolIndex(snapshot(pool_code=world.pool.code, project_slug=world.project.slug, now=world.now))
    blocks, rows = unit_ids(world)[0], naive.rows_of(world)
    _compare(world, index, blocks, rows, spans[0])
    ours = in_runs([partial(free, index, *span) for span in spans], runs=runs)
    sql = in_runs([partial(sweeps.free, world, *span) for span in spans[:SLOW_CALLS]], runs=runs)
    scan = in_runs([partial(naive.free, world, blocks, rows, *span) for span in spans[:SLOW_CALLS]], runs=runs)
    low, high = ours.spread
    return [
        name,
        f"{filled.count:,}",
        f"{len(index.class_masks):,}",
        microseconds(ours.p50),
        f"{microseconds(low)}–{microseconds(high)}",
        microseconds(ours.percentile(95)),
        microseconds(sql.p50),
        ratio(sql.p50, ours.p50),
        microseconds(scan.p50),
        ratio(scan.p50, ours.p50),
    ]


def report(rows: list[list[str]]) -> str:
    return table("Window check: free of every class in every zone (µs)", HEAD, rows)


def _compare(
    world: World,
    index: PoolIndex,
    blocks: Mapping[str, int],
    rows: Sequence[naive.Row],
    span: tuple[datetime, datetime],
) -> None:
    """Raises AssertionError where they differ: a quick wrong answer is worth nothing."""
    pooled = {block.device_class for block in world.topology.blocks.values() if block.pru is not None}
    zoned = sum(count for (_, where), count in free(index, *span).items() if where.startswith("zone "))
    in_sql = sum(int(row[2]) for row in sweeps.free(world, *span))
    scanned = sum(naive.free(world, blocks, rows, *span).values())
    assert zoned == in_sql == scanned, (zoned, in_sql, scanned, pooled)
