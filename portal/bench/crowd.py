"""Many processes that book at once, on one pool and on several: commits a second, and the same writes in plain SQL."""

import multiprocessing
import os
from collections.abc import Sequence
from statistics import median

from portal.bench.one_of_many import START_SECONDS_MAX, Outcome, book
from portal.bench.printing import ratio, table
from portal.bench.serving import database_url
from portal.bench.worlds import World

HEAD = ("pools", "writer", "commits/s (runs)", "refused", "busy", "of SQL")
PROCESSES = 8


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
    os.environ["DATABASE_URL"] = database_url()
    started = [
        fresh.Process(
            target=book, args=(worlds[nth % len(worlds)].pool.code, writer, seconds, nth, run, barrier, answers)
        )
        for nth in range(processes)
    ]
    for one in started:
        one.start()
    try:
        return [answers.get(timeout=START_SECONDS_MAX + seconds) for _ in started]
    finally:
        for one in started:
            one.join(timeout=1)
            one.kill()
