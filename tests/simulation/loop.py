"""One thread, one heap: time jumps from event to event, and workers are paused wherever they wait.

A worker is a greenlet, so that the product's own blocking code can be left in the midst of a call and gone on with
later, after others have worked: what threads do, without their chance.
"""

import zlib
from collections import deque
from collections.abc import Callable
from datetime import datetime
from heapq import heappop, heappush
from itertools import count

from greenlet import getcurrent, greenlet

from tests.simulation.store import BEGIN, moment

SHOWN_MAX = 40


class Trace:
    """What happened, as one checksum and the last lines. Equal seeds give equal checksums."""

    def __init__(self) -> None:
        self.checksum = 0
        self.events = 0
        self.last: deque[str] = deque(maxlen=SHOWN_MAX)


class Loop:
    """`at` plans an event; ties are broken by the order in which they were planned."""

    def __init__(self, trace: Trace) -> None:
        self.now = 0.0
        self.turns = 0  # events so far: while it stands still, nobody else has done anything
        self._told = (0.0, BEGIN)
        self.trace = trace
        self._heap: list[tuple[float, int, Callable[[], object]]] = []
        self._numbers = count()
        self._hub = getcurrent()

    def clock(self) -> datetime:
        """The same moment for the product."""
        if self._told[0] != self.now:
            self._told = (self.now, moment(self.now))
        return self._told[1]

    def at(self, when: float, act: Callable[[], object]) -> None:
        heappush(self._heap, (max(when, self.now), next(self._numbers), act))

    def after(self, seconds: float, act: Callable[[], object]) -> None:
        heappush(self._heap, (self.now + seconds, next(self._numbers), act))

    def every(self, seconds: float, act: Callable[[], object], *, until: float) -> None:
        def again() -> None:
            act()
            if self.now + seconds <= until:
                self.after(seconds, again)

        self.after(seconds, again)

    def start(self, work: Callable[[], object]) -> None:
        """Begin a worker now; it runs until it waits or ends."""
        greenlet(work, parent=self._hub).switch()

    def wait(self, seconds: float) -> None:
        """Called by a worker: everything else that is due goes first."""
        heappush(self._heap, (self.now + seconds, next(self._numbers), getcurrent().switch))
        self._hub.switch()

    def sleeper(self) -> Callable[[], object]:
        """How to wake the worker that asks."""
        return getcurrent().switch

    def sleep(self) -> None:
        """Until somebody wakes it."""
        self._hub.switch()

    def run(self, *, until: float) -> None:
        heap = self._heap
        while heap and heap[0][0] <= until:
            self.now, _, act = heappop(heap)
            self.turns += 1
            act()
        self.now = until

    def note(self, what: str) -> None:
        trace, line = self.trace, f"{self.now:10.2f}  {what}"
        trace.checksum = zlib.crc32(line.encode(), trace.checksum)
        trace.events += 1
        trace.last.append(line)
