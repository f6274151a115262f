"""Keeps children alive: what dies is started again with a growing pause, and all stop in reverse order.

One thread and no clock ticks: the kernel tells of a child's end and of a wish to stop through one pipe.
"""

import os
import select
import signal
import time
from collections.abc import Callable, Sequence
from types import FrameType

from portal.runtime.child import Child

PAUSE_SECONDS_MIN = 0.2
PAUSE_SECONDS_MAX = 10.0
HEALTHY_SECONDS = 30.0
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def pause(failures: int) -> float:
    """Seconds to wait before the next start after so many ends in a row."""
    return min(PAUSE_SECONDS_MIN * 2.0 ** min(failures, 10), PAUSE_SECONDS_MAX)


class Supervisor:
    """Starts children in order, watches them, stops them in reverse. Used from the main thread only."""

    def __init__(self, *, say: Callable[[str], None]) -> None:
        self._say = say
        self._groups: list[Sequence[Child]] = []
        self._children: list[Child] = []
        self._failures: dict[str, int] = {}
        self._started_at: dict[str, float] = {}
        self._due_at: dict[str, float] = {}
        self._stops = 0
        self._wake_reader, wake_writer = os.pipe()
        os.set_blocking(self._wake_reader, False)
        os.set_blocking(wake_writer, False)
        signal.set_wakeup_fd(wake_writer, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, _wake_only)
        for wish in STOP_SIGNALS:
            signal.signal(wish, self._wish_to_stop)

    @property
    def is_stopping(self) -> bool:
        return self._stops > 0

    def start(self, children: Sequence[Child]) -> None:
        """Start them side by side and return when all are ready, or when we are told to stop. Raises NotReady."""
        self._groups.append(children)
        for child in children:
            if self.is_stopping:
                return
            self._children.append(child)
            self._begin(child)
        for child in children:
            child.wait_until_ready(is_interrupted=lambda: self.is_stopping)

    def watch(self) -> None:
        """Return when we are told to stop; until then start again whatever ends."""
        while not self.is_stopping:
            self._look_after_children(now=time.monotonic())
            self._sleep(now=time.monotonic())

    def stop(self) -> None:
        """Stop all, last started first, and side by side what was started so; a second Ctrl-C stops being polite."""
        for group in reversed(self._groups):
            for child in group:
                child.ask_to_stop()
            for child in group:
                if self._stops > 1:
                    child.grace_seconds = 0.0
                child.stop()
        self._groups.clear()
        self._children.clear()

    def _look_after_children(self, *, now: float) -> None:
        for child in self._children:
            if child.is_alive():
                if now - self._started_at[child.name] > HEALTHY_SECONDS:
                    self._failures[child.name] = 0
            elif child.name not in self._due_at:
                wait = pause(self._failures.get(child.name, 0))
                self._failures[child.name] = self._failures.get(child.name, 0) + 1
                self._due_at[child.name] = now + wait
                self._say(f"{child.name} ended (code {child.exit_code()}); starting it again in {wait:.1f} s")
            elif now >= self._due_at[child.name]:
                del self._due_at[child.name]
                self._begin(child)

    def _begin(self, child: Child) -> None:
        child.start()
        self._started_at[child.name] = time.monotonic()

    def _sleep(self, *, now: float) -> None:
        """Until a signal comes or a restart is due."""
        waits = [max(0.0, due - now) for due in self._due_at.values()]
        select.select([self._wake_reader], [], [], min(waits, default=HEALTHY_SECONDS))
        try:
            os.read(self._wake_reader, 4096)
        except BlockingIOError:
            return

    def _wish_to_stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stops += 1


def _wake_only(_signal: int, _frame: FrameType | None) -> None:
    """The wakeup pipe is written because a handler is set; there is nothing else to do."""
