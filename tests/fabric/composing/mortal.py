"""Workers that are real processes and die by a real SIGKILL at a named point of a named step.

A worker is forked, works on connections of its own to the same PostgreSQL and on the same file of the emulator, and
sends the signal to itself, so that it hits exactly there; the kernel leaves it no time for anything. The clock is in
memory that all of them share.
"""

import mmap
import os
import signal
import struct
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from django.db import connections

from fabric.composing.books import OPEN, Step

ASKED = ("configure", "compose", "resize", "decompose", "clean", "poll", "read", "find", "power", "prove", "in_use")
Tell = Callable[[str], object]


class SharedSeconds:
    """A number that every forked process sees."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 8)

    @property
    def value(self) -> float:
        return float(struct.unpack("d", self._memory[:8])[0])

    def add(self, seconds: float) -> None:
        self._memory[:8] = struct.pack("d", self.value + seconds)


class Points:
    """Names the moments of a run: `<point> <step>`, such as `after intent compose`."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._step = ""
        self._has_reply = False

    def begins(self, step: Step) -> None:
        self._step = f"{step.kind}{' undo' * step.is_undo}"

    def at(self, point: str) -> None:
        self._tell(f"{point} {self._step}")

    def reply_arrived(self) -> None:
        self._has_reply = True

    def goes_on(self) -> None:
        """The first thing that is done with a reply."""
        if self._has_reply:
            self._has_reply = False
            self.at("after reply")


class MortalBooks:
    """The books of one run. `on_step` is to be handed to the ledger, which calls it before its commit."""

    def __init__(self, inner: Any, points: Points) -> None:
        self._inner = inner
        self._points = points

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def begin(self, step: Step, **how: Any) -> None:
        self._points.begins(step)
        self._points.at("before intent")
        self._inner.begin(step, **how)
        self._points.at("after intent")

    def take_over(self, step: Step, **how: Any) -> None:
        self._points.begins(step)
        self._inner.take_over(step, **how)
        self._points.at("after intent")

    def settle(self, *steps: Step, changes: Any) -> None:
        self._points.goes_on()
        self._inner.settle(*steps, changes=changes)
        if steps:
            self._points.at("after commit")


def before_commit(points: Points) -> Callable[[Step], None]:
    def on_step(step: Step) -> None:
        if step.state not in OPEN:
            points.at("before commit")

    return on_step


class MortalDriver:
    """`after send`: the fabric has it, and nobody has read its reply yet."""

    def __init__(self, inner: Any, points: Points) -> None:
        self._inner = inner
        self._points = points

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._inner, name)
        if name not in ASKED:
            return call

        def asked(*args: Any, **kwargs: Any) -> Any:
            self._points.goes_on()
            answer = call(*args, **kwargs)
            self._points.at("after send")
            self._points.reply_arrived()
            return answer

        return asked


class Doom:
    """Kills its process at the n-th moment of this name; notes the names of all without one."""

    def __init__(self, moment: str = "", nth: int = 1) -> None:
        self.told: list[str] = []
        self._moment = moment
        self._nth = nth

    def __call__(self, moment: str) -> None:
        self.told.append(moment)
        if moment == self._moment and self.told.count(moment) == self._nth:
            os.kill(os.getpid(), signal.SIGKILL)


def killed(work: Callable[[], object], *, log: Path) -> bool:
    """Do it in a forked process; whether SIGKILL ended it. What goes wrong there is raised here."""
    connections.close_all()  # nobody shares a connection with a process that dies
    pid = os.fork()
    if pid == 0:
        _live(work, log)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL, status
        return True
    assert os.WEXITSTATUS(status) == 0, log.read_text(encoding="utf-8")
    return False


def _live(work: Callable[[], object], log: Path) -> NoReturn:
    """It leaves without unwinding what belongs to its parent."""
    try:
        work()
    except BaseException:
        log.write_text(traceback.format_exc(), encoding="utf-8")
        os._exit(3)
    os._exit(0)
