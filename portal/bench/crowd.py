"""Many processes that book at once, on one pool and on several: commits a second, and the same writes in plain SQL."""

import multiprocessing
from collections.abc import Sequence
from multiprocessing.context import SpawnProcess
from multiprocessing.queues import Queue
from queue import Empty
from statistics import median

from portal.bench.one_of_many import Outcome, book
from portal.bench.printing import ratio, table
from portal.bench.serving import environment
from portal.bench.worlds import World

HEAD = ("pools", "writer", "commits/s (runs)", "refused", "busy", "of SQL")
PROCESSES = 8
POLL_SECONDS = 1.0


def measure(*, worlds: Sequence[World], seconds: float, runs: int, processes: int = PROCESSES) -> list[list[str]]:
    """Two rows; the worlds are taken in turn by the processes."""
    rows, by_sql = [], 0.0
    for writer in ("SQL", "services"):
        outcomes = [_run(worlds, writer, seconds, processes, run) for run in range(runs)]
        rates = [sum(one.commits / one.seconds for one in each) for each in outcomes]
        by_sql = by_sql or median(rates)
        refused, busy = (sum(getattr(one, what) for each in outcomes for one in each) for what in ("refused", "busy"))
        rows.append(
            [
                str(len(worlds)),
                writer,
                f"{median(rates):,.0f} ({min(rates):,.0f}–{max(rates):,.0f})",
                str(refused),
                str(busy),
                ratio(median(rates), by_sql),
            ]
        )
    return rows


def report(rows: list[list[str]], processes: int = PROCESSES) -> str:
    return table(f"Commits a second with {processes} processes", HEAD, rows)


def _run(worlds: Sequence[World], writer: str, seconds: float, processes: int, run: int) -> list[Outcome]:
    """Fresh interpreters, as workers of a site are; all begin together."""
    fresh = multiprocessing.get_context("spawn")
    barrier, answers = fresh.Barrier(processes), fresh.Queue()
    pools = [worlds[nth % len(worlds)].pool.code for nth in range(processes)]
    started = [
        fresh.Process(target=book, args=(environment(), pool, writer, seconds, nth, run, barrier, answers))
        for nth, pool in enumerate(pools)
    ]
    for one in started:
        one.start()
    try:
        return _collected(answers, started)
    finally:
        for one in started:
            one.join(timeout=1)
            one.kill()


def _collected(answers: "Queue[Outcome]", started: Sequence[SpawnProcess]) -> list[Outcome]:
    """Raises RuntimeError as soon as one of them has failed; what it said is on standard error."""
    found: list[Outcome] = []
    while len(found) < len(started):
        try:
            found.append(answers.get(timeout=POLL_SECONDS))
        except Empty:
            if any(one.exitcode for one in started):
                raise RuntimeError("a process of the crowd failed") from None
    return found
