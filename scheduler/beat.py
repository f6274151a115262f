"""Our own ticker. It needs the database and nothing else: what no worker took in time, it runs itself.

Each second: advance what is due, hint operations that are due, and run those whose hint nobody took. Every part is
safe to run from two processes. The loop survives a database that goes away and comes back.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError, close_old_connections

from scheduler import limits
from scheduler.services.advance_due import advance_due
from scheduler.services.hints import hint_due, untaken
from scheduler.services.inspect_pools import inspect_pools
from scheduler.services.purge import purge
from scheduler.services.run_operation import run_operation
from scheduler.tasks import owner_name, utc_now

TICK_SECONDS = 1.0
OWN_RUNS_MAX = 4
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Chore:
    """Something done every so often; the schedule as data."""

    name: str
    every: timedelta
    act: Callable[[datetime], object]
    is_slow: bool = False  # asks a fabric: done beside the tick, which does not wait for it, and never twice at once


CHORES: Sequence[Chore] = (
    Chore("advance", timedelta(seconds=TICK_SECONDS), lambda now: advance_due(now=now)),
    Chore("hint", timedelta(seconds=TICK_SECONDS), lambda now: hint_due(now=now)),
    Chore("inspect", timedelta(seconds=60), lambda now: inspect_pools(now=now), is_slow=True),
    Chore("purge", timedelta(hours=1), lambda now: purge(now=now)),
)


class Ticker:
    """One process's beat. `stop` lets the present tick finish."""

    def __init__(self, *, clock: Callable[[], datetime] = utc_now, chores: Sequence[Chore] = CHORES) -> None:
        self._clock = clock
        self._chores = chores
        self._next: dict[str, datetime] = {}
        self._stopping = threading.Event()
        self._running: set[int] = set()
        self._runs = ThreadPoolExecutor(max_workers=OWN_RUNS_MAX, thread_name_prefix="beat")
        self._under_way: set[str] = set()
        self._slow = ThreadPoolExecutor(max_workers=1, thread_name_prefix="beat-slow")

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        while not self._stopping.is_set():
            began = time.monotonic()
            self.tick()
            self._stopping.wait(max(0.0, TICK_SECONDS - (time.monotonic() - began)))
        for threads in (self._runs, self._slow):
            threads.shutdown(wait=False, cancel_futures=True)

    def tick(self) -> None:
        now = self._clock()
        close_old_connections()
        for chore in self._chores:
            if now >= self._next.get(chore.name, now):
                self._next[chore.name] = now + chore.every
                self._begin(chore, now)
        self._do("run", lambda: self._run_untaken(now))

    def _begin(self, chore: Chore, now: datetime) -> None:
        if not chore.is_slow:
            self._do(chore.name, lambda: chore.act(now))
        elif chore.name not in self._under_way:
            self._under_way.add(chore.name)
            self._slow.submit(self._do_slowly, chore, now)

    def _do_slowly(self, chore: Chore, now: datetime) -> None:
        try:
            self._do(chore.name, lambda: chore.act(now))
        finally:
            close_old_connections()
            self._under_way.discard(chore.name)

    def _run_untaken(self, now: datetime) -> None:
        for operation_id in untaken(now=now):
            if operation_id not in self._running and len(self._running) < OWN_RUNS_MAX:
                self._running.add(operation_id)
                self._runs.submit(self._run_one, operation_id)

    def _run_one(self, operation_id: int) -> None:
        try:
            run_operation(operation_id=operation_id, owner=owner_name(), clock=self._clock, sleep=time.sleep)
        except Exception:
            _log.exception("operation %d did not finish; its lease will run out", operation_id)
        finally:
            close_old_connections()
            self._running.discard(operation_id)

    @staticmethod
    def _do(name: str, act: Callable[[], object]) -> None:
        try:
            act()
        except DatabaseError:
            _log.warning("%s: the database does not answer; next second again", name, exc_info=True)
            close_old_connections()
        except Exception:
            _log.exception("%s failed; next second again", name)


def main() -> None:
    """The beat process."""
    ticker = Ticker()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ticker.stop())
    _log.info(
        "beat ticks every %.0f s; it runs itself what nobody took in %d s", TICK_SECONDS, limits.HINT_UNTAKEN_SECONDS
    )
    ticker.run()
