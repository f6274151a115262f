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
from functools import partial

from django.db import DatabaseError, close_old_connections

from scheduler import limits
from scheduler.services._auto_extending import extend_due
from scheduler.services._idling import look_for_idle
from scheduler.services._pulse import Pulse
from scheduler.services._refilling import fill_gaps
from scheduler.services._starting_soon import tell_starting_soon
from scheduler.services.advance_due import advance_due
from scheduler.services.advance_maintenance import advance_maintenance
from scheduler.services.alerts import tell_of_capacity
from scheduler.services.elastic import follow_profiles, give_back_due
from scheduler.services.fabric_pause import trip_breakers
from scheduler.services.finish_stranded import finish_stranded
from scheduler.services.hints import hint_due, untaken
from scheduler.services.letters_sending import send_letters
from scheduler.services.promote import promote
from scheduler.services.purge import purge
from scheduler.services.replan_stranded import replan_stranded
from scheduler.services.run_operation import run_operation
from scheduler.services.run_repairs import fabrics_to_repair, run_repairs
from scheduler.services.watch_fabrics import Watch, fabrics
from scheduler.services.webhooks_reading import read_journal
from scheduler.services.webhooks_sending import hint_due_webhooks, send_untaken
from scheduler.tasks import owner_name, utc_now

TICK_SECONDS = 1.0
OWN_RUNS_MAX = 4
SLOW_RUNS_MAX = 16  # done beside the tick at once: a fabric that does not answer holds a place, and no other fabric
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Chore:
    """Something done every so often; the schedule as data."""

    name: str
    every: timedelta
    act: Callable[[datetime], object]
    is_slow: bool = False  # done beside the tick, which does not wait for it, and never twice at once


@dataclass(frozen=True, slots=True)
class FabricChore:
    """One that asks a fabric, and so is slow: for each of them on its own."""

    name: str
    every: timedelta
    fabrics: Callable[[], Sequence[int]]  # ids of their managers
    act: Callable[[int, datetime], object]


CHORES: Sequence[Chore] = (
    Chore("advance", timedelta(seconds=TICK_SECONDS), lambda now: advance_due(now=now)),
    Chore("maintenance", timedelta(seconds=TICK_SECONDS), lambda now: advance_maintenance(now=now)),
    Chore("hint", timedelta(seconds=TICK_SECONDS), lambda now: hint_due(now=now)),
    Chore("webhooks", timedelta(seconds=TICK_SECONDS), lambda now: _post(now), is_slow=True),
    Chore("send", timedelta(seconds=TICK_SECONDS), lambda now: send_untaken(now=now, clock=utc_now), is_slow=True),
    Chore("letters", timedelta(seconds=TICK_SECONDS), lambda now: send_letters(now=now, clock=utc_now), is_slow=True),
    Chore("break", timedelta(seconds=5), lambda now: trip_breakers(now=now)),
    Chore("starting", timedelta(seconds=10), lambda now: tell_starting_soon(now=now), is_slow=True),
    Chore("idle", timedelta(minutes=1), lambda now: look_for_idle(now=now), is_slow=True),
    Chore("finish", timedelta(minutes=1), lambda now: finish_stranded(now=now)),
    Chore("replan", timedelta(minutes=5), lambda now: replan_stranded(now=now), is_slow=True),
    Chore("give-back", timedelta(seconds=5), lambda now: give_back_due(now=now), is_slow=True),
    Chore("profiles", timedelta(minutes=1), lambda now: follow_profiles(now=now), is_slow=True),
    Chore("auto-extend", timedelta(seconds=30), lambda now: extend_due(now=now), is_slow=True),
    Chore("refill", timedelta(seconds=limits.GAP_RETRY_SECONDS), lambda now: fill_gaps(now=now), is_slow=True),
    Chore("waitlist", timedelta(seconds=5), lambda now: _promote(now), is_slow=True),
    Chore("purge", timedelta(hours=1), lambda now: purge(now=now), is_slow=True),
)


def _post(now: datetime) -> None:
    """Messages first: those are hinted at once."""
    read_journal(now=now)
    hint_due_webhooks(now=now)


def _promote(now: datetime) -> None:
    """Those that wait go before those who only want to be told."""
    promote(now=now)
    tell_of_capacity(now=now)


def fabric_chores(*, watch: Watch, clock: Callable[[], datetime]) -> Sequence[FabricChore]:
    """`watch` is this process's memory of when it last looked."""
    return (
        FabricChore("inspect", timedelta(seconds=5), fabrics, lambda pk, now: watch.look(manager_id=pk, now=now)),
        FabricChore(
            "repair", timedelta(seconds=5), fabrics_to_repair, lambda pk, now: run_repairs(manager_id=pk, clock=clock)
        ),
    )


class Ticker:
    """One process's beat. `stop` lets the present tick finish."""

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] = utc_now,
        chores: Sequence[Chore] = CHORES,
        of_fabrics: Sequence[FabricChore] | None = None,
    ) -> None:
        self._clock = clock
        self._chores = chores
        self._of_fabrics = fabric_chores(watch=Watch(), clock=clock) if of_fabrics is None else of_fabrics
        self._next: dict[str, datetime] = {}
        self._stopping = threading.Event()
        self._running: set[int] = set()
        self._runs = ThreadPoolExecutor(max_workers=OWN_RUNS_MAX, thread_name_prefix="beat")
        self._under_way: set[str] = set()
        self._slow = ThreadPoolExecutor(max_workers=SLOW_RUNS_MAX, thread_name_prefix="beat-slow")

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
            if self._is_due(chore, now):
                self._begin(chore, now)
        for wide in self._of_fabrics:
            if self._is_due(wide, now):
                self._do(wide.name, partial(self._begin_each, wide, now))
        self._do("run", lambda: self._run_untaken(now))

    def _is_due(self, chore: Chore | FabricChore, now: datetime) -> bool:
        is_due = now >= self._next.get(chore.name, now)
        if is_due:
            self._next[chore.name] = now + chore.every
        return is_due

    def _begin(self, chore: Chore, now: datetime) -> None:
        act = partial(chore.act, now)
        if chore.is_slow:
            self._beside(chore.name, act)
        else:
            self._do(chore.name, act)

    def _begin_each(self, chore: FabricChore, now: datetime) -> None:
        for fabric in chore.fabrics():
            self._beside(f"{chore.name} {fabric}", partial(chore.act, fabric, now))

    def is_under_way(self, name: str) -> bool:
        """Whether something is being done beside the tick, by its name: a slow chore's, with its fabric's id."""
        return name in self._under_way

    def _beside(self, name: str, act: Callable[[], object]) -> None:
        if name not in self._under_way:
            self._under_way.add(name)
            self._slow.submit(self._do_slowly, name, act)

    def _do_slowly(self, name: str, act: Callable[[], object]) -> None:
        try:
            self._do(name, act)
        finally:
            close_old_connections()
            self._under_way.discard(name)

    def _run_untaken(self, now: datetime) -> None:
        for operation_id in untaken(now=now):
            if operation_id not in self._running and len(self._running) < OWN_RUNS_MAX:
                self._running.add(operation_id)
                self._runs.submit(self._run_one, operation_id)

    def _run_one(self, operation_id: int) -> None:
        try:
            run_operation(
                operation_id=operation_id, owner=owner_name(), clock=self._clock, sleep=time.sleep, pulse=Pulse
            )
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
