"""How time grows: with reservations, with devices, with groups of a mix. Flat is a ratio near one."""

from collections.abc import Sequence
from functools import partial
from random import Random

from portal.bench.admission import Cell, requests_that_fit
from portal.bench.measuring import Stopwatch, Timing
from portal.bench.printing import milliseconds, ratio, table
from portal.bench.worlds import World
from scheduler.services.quote import quote
from scheduler.services.submit import submit

HEAD = ("grows", "from", "to", "what", "p50 (ms) at each", "last/first")
GROUPS = (1, 2, 4, 8)


def by_reservations(cells: Sequence[Cell]) -> list[list[str]]:
    """Of the largest pool, between the smallest and the largest calendar that is not empty."""
    name = cells[-1].name
    mine = [cell for cell in cells if cell.name == name and cell.filled.count]
    sizes = [f"{cell.filled.count:,}" for cell in mine]
    return _rows(f"reservations on {name}", sizes, [cell.quote for cell in mine], [cell.commit for cell in mine])


def by_devices(cells: Sequence[Cell], devices: dict[str, int]) -> list[list[str]]:
    """With as many reservations in each pool."""
    size = max(cell.filled.count for cell in cells)
    mine = [cell for cell in cells if cell.filled.count == size]
    sizes = [f"{devices[cell.name]:,}" for cell in mine]
    return _rows(
        f"devices, {size:,} reservations", sizes, [cell.quote for cell in mine], [cell.commit for cell in mine]
    )


def by_groups(*, world: World, calls: int, runs: int, seed: int) -> list[list[str]]:
    """Every group takes a host, so a small pool is asked for fewer."""
    hosts = sum(not host.is_fixed for host in world.topology.hosts.values())
    counts = [count for count in GROUPS if count <= hosts // 2]
    quotes, commits = [], []
    for count in counts:
        watch, fitting = Stopwatch(), requests_that_fit(world, Random(seed), groups=count, cards=2)
        for _ in range(runs):
            watch.begin_run()
            for _ in range(calls):
                request, _plan = next(fitting)
                watch.time("quote", partial(quote, request=request, by=world.by, now=world.now))
                watch.time("commit", partial(submit, request=request, by=world.by, now=world.now))
        quotes.append(watch.timing("quote"))
        commits.append(watch.timing("commit"))
    return _rows("groups of two cards", [str(count) for count in counts], quotes, commits)


def report(rows: list[list[str]]) -> str:
    return table("Growth", HEAD, rows)


def _rows(grows: str, sizes: Sequence[str], quotes: Sequence[Timing], commits: Sequence[Timing]) -> list[list[str]]:
    return [
        [
            grows,
            sizes[0],
            sizes[-1],
            what,
            " → ".join(milliseconds(timing.p50) for timing in timings),
            ratio(timings[-1].p50, timings[0].p50),
        ]
        for what, timings in (("quote", quotes), ("commit", commits))
    ]
