"""Quotes and commits at service level, each beside the bare writes and a naive scan in the same run."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from random import Random

from portal.bench import ceilings, naive
from portal.bench.filling import Filled, Ids, unit_ids
from portal.bench.measuring import Stopwatch, Timing
from portal.bench.printing import milliseconds, ratio, table, with_spread
from portal.bench.worlds import World
from scheduler.planning.attempts import plan_or_none
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan
from scheduler.queries.snapshots import snapshot
from scheduler.requests import ReservationRequest
from scheduler.services.quote import quote
from scheduler.services.submit import submit

WARM_UP = 3  # calls before the first measured one
NAIVE_CALLS = 1  # in the first run: it takes seconds
TRIES_EACH = 20  # windows tried until one has room

HEAD = (
    "pool", "reservations", "ahead", "quote p50 (runs)", "p95", "p99", "commit p50 (runs)", "p95", "p99",
    "SQL p50", "ORM p50", "SQL/commit", "ORM/commit", "naive p50", "naive/quote",
)  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """One pool with so many reservations."""

    name: str
    filled: Filled
    quote: Timing
    commit: Timing
    sql: Timing
    orm: Timing
    naive: Timing

    def row(self) -> list[str]:
        return [
            self.name,
            f"{self.filled.count:,}",
            f"{self.filled.ahead:,}",
            with_spread(self.quote),
            *(milliseconds(self.quote.percentile(percent)) for percent in (95, 99)),
            with_spread(self.commit),
            *(milliseconds(self.commit.percentile(percent)) for percent in (95, 99)),
            milliseconds(self.sql.p50),
            milliseconds(self.orm.p50),
            f"{self.sql.over(self.commit):.2f}×",
            f"{self.orm.over(self.commit):.2f}×",
            milliseconds(self.naive.p50),
            ratio(self.naive.p50, self.quote.p50),
        ]


def measure(*, world: World, name: str, filled: Filled, calls: int, runs: int, seed: int) -> Cell:
    """Every request is written in SQL and in the ORM, taken out again, quoted and then committed."""
    watch, ids = Stopwatch(), unit_ids(world)
    fitting = requests_that_fit(world, Random(seed))
    for _ in range(WARM_UP):
        request, plan = next(fitting)
        _write(Stopwatch(), world, ids, request, plan)
    for run in range(runs):
        watch.begin_run()
        for nth in range(calls):
            request, plan = next(fitting)
            _write(watch, world, ids, request, plan)
            if run == 0 and nth < NAIVE_CALLS:
                watch.time("naive", partial(naive.plan, world, ids, request))
    return Cell(name, filled, *(watch.timing(kind) for kind in ("quote", "commit", "sql", "orm", "naive")))


def requests_that_fit(world: World, chance: Random, **shape: int) -> Iterator[tuple[ReservationRequest, Plan]]:
    """Each fits at the moment it is given. Raises LookupError where the pool seems to be full."""
    while True:
        seen = snapshot(pool_code=world.pool.code, project_slug=world.project.slug, now=world.now)
        index = PoolIndex(seen)
        for request in (world.request(chance, **shape) for _ in range(TRIES_EACH)):
            plan = plan_or_none(request=request, index=index)
            if plan is not None:
                yield request, plan
                break
        else:
            raise LookupError(f"no room in {world.pool.code} in {TRIES_EACH} windows")


def _write(watch: Stopwatch, world: World, ids: Ids, request: ReservationRequest, plan: Plan) -> None:
    for kind, write in (("sql", ceilings.in_sql), ("orm", ceilings.in_orm)):
        rows = ceilings.rows_of(world=world, ids=ids, request=request, plan=plan)
        made = watch.time(kind, partial(write, rows))
        assert isinstance(made, int)
        ceilings.undo(made)
    watch.time("quote", lambda: quote(request=request, by=world.by, now=world.now))
    watch.time("commit", lambda: submit(request=request, by=world.by, now=world.now))


def report(cells: list[Cell]) -> str:
    title = "Quote and commit at service level (ms; one node, four cards: k = 5 allocations)"
    return table(title, HEAD, [cell.row() for cell in cells])
