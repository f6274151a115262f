"""One event to many browsers: the real hub and journal in a real web process, beside a bare server in the same run.

In every round each server tells its browsers once, one after the other. Ours is timed from when the commit of a journal
entry begins, one of a project and a pool as a reservation's is; the bare one from publishing a text as long. At last a
burst of entries, one transaction each: every browser must have each once, in the journal's order.
"""

import os
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import redis
from django.conf import settings

from portal.bench import live_bare, live_people, live_report, machine, worlds
from portal.bench.live_browsers import Crowd, opened
from portal.bench.measuring import Timing
from portal.bench.printing import Say
from portal.bench.serving import web
from portal.live.consumers import SOCKETS_PER_USER_MAX
from portal.runtime import crew, paths
from portal.runtime.child import Child
from scheduler.queries.journal import latest_cursor

BROWSERS, ROUNDS, BURST = 1_000, 20, 50
QUICK = {"browsers": 30, "rounds": 2, "burst": 5}
WARM_UP = 2
REST_SECONDS = 0.3  # between two events, for both alike
POOL = "lab"


def run(*, say: Say, browsers: int = BROWSERS, rounds: int = ROUNDS, burst: int = BURST) -> bool:
    """Whether everybody was told everything once."""
    now = datetime.now(UTC)
    say(machine.facts(now=now))
    world = worlds.settle(shipped=POOL, code=f"{POOL}-live", now=now)
    cookies = live_people.sessions(world=world, count=-(-browsers // SOCKETS_PER_USER_MAX))
    after = latest_cursor().id
    with ExitStack() as open_ones:
        port, bare_port = open_ones.enter_context(web()), open_ones.enter_context(bare())
        valkey = open_ones.enter_context(redis.Redis.from_url(settings.REDIS_URL))
        ours, theirs = (open_ones.enter_context(closing(Crowd())) for _ in range(2))
        began = time.monotonic()
        for nth in range(browsers):
            ours.join(opened(port=port, path=f"/ws/live/?after={after}", cookie=cookies[nth % len(cookies)]))
            theirs.join(opened(port=bare_port, path="/"))
        say(f"{browsers:,} browsers of {len(cookies)} people, opened in {time.monotonic() - began:.0f} s")
        bench = _Bench(world=world, ours=ours, bare=theirs, valkey=valkey, now=now)
        say(bench.rounds(rounds))
        clean = bench.burst(burst)
        say(f"\n{clean}")
        return clean.is_clean


@dataclass
class _Bench:
    """`told` is every entry of ours so far."""

    world: worlds.World
    ours: Crowd
    bare: Crowd
    valkey: redis.Redis
    now: datetime
    told: list[bytes] = field(default_factory=list)

    def rounds(self, count: int) -> str:
        mine, plain = [], []
        for nth in range(WARM_UP + count):
            mine.append(self._tell_ours())
            plain.append(self._tell_bare(live_people.text(entry_id=nth, pool=self.world.pool.code)))
        return live_report.table_of(ours=Timing(tuple(mine[WARM_UP:])), bare=Timing(tuple(plain[WARM_UP:])))

    def burst(self, count: int) -> live_report.Tally:
        several = [live_people.tell(world=self.world, now=self.now) for _ in range(count)]
        self.told += [text for _, text in several]
        took = self.ours.wait_for(self.told[-1], since=several[0][0])
        self.ours.catch_up()
        heard = [browser.heard for browser in self.ours.browsers]
        return live_report.tally(heard=heard, told=self.told, entries=count, seconds=max(took))

    def _tell_ours(self) -> tuple[float, ...]:
        committed, text = live_people.tell(world=self.world, now=self.now)
        self.told.append(text)
        return self._heard(self.ours, text, committed)

    def _tell_bare(self, text: str) -> tuple[float, ...]:
        began = time.perf_counter()
        self.valkey.publish(live_bare.CHANNEL, text)
        return self._heard(self.bare, text.encode(), began)

    def _heard(self, crowd: Crowd, text: bytes, since: float) -> tuple[float, ...]:
        took = crowd.wait_for(text, since=since)
        threading.Event().wait(REST_SECONDS)
        return took


@contextmanager
def bare() -> Iterator[int]:
    """The port of a bare server."""
    with tempfile.TemporaryDirectory(prefix="heddle-bench-bare-") as log, socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(crew.BACKLOG)
        own = {**os.environ, live_bare.LISTEN_FD: str(listener.fileno()), "PYTHONPATH": str(paths.CHECKOUT)}
        child = Child(
            name="bare",
            command=[sys.executable, "-m", live_bare.__name__],
            is_ready=lambda: True,  # a connection waits in our queue until it is taken
            env=own,
            log=Path(log) / "bare.log",
            descriptors=[listener.fileno()],
        )
        child.start()
        try:
            child.wait_until_ready()
            yield int(listener.getsockname()[1])
        finally:
            child.stop()
