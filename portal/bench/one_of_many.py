"""The life of one process of a crowd. Loaded before Django is, in an interpreter of its own."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier

START_SECONDS_MAX = 180


@dataclass(frozen=True, slots=True)
class Outcome:
    commits: int
    refused: int
    busy: int
    seconds: float


def book(
    environment: Mapping[str, str],
    pool: str,
    writer: str,
    seconds: float,
    nth: int,
    run: int,
    barrier: Barrier,
    answers: "Queue[Outcome]",
) -> None:
    """Look at the pool once, wait for the others, then write as fast as it can."""
    os.environ.update(environment)
    import django

    django.setup()
    from portal.bench import booking

    act = booking.writer(kind=writer, pool_code=pool, nth=nth, run=run)
    act()
    barrier.wait(START_SECONDS_MAX)
    counts = {"commits": 0, "refused": 0, "busy": 0}
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        counts[act()] += 1
    answers.put(Outcome(**counts, seconds=time.perf_counter() - began))
