"""Starts roles as forks of tests/nursery.py, and is to each of them what `subprocess.Popen` is to a program."""

import atexit
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys

from portal.runtime import paths
from portal.runtime.child import Child

ANSWER_SECONDS_MAX = 120.0
ANSWER_BYTES_MAX = 1_000


class Nursery:
    """One for this process, and ends with it."""

    def __init__(self) -> None:
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(ANSWER_SECONDS_MAX)
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.nursery", str(theirs.fileno())],
                env={**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings"},
                cwd=paths.CHECKOUT,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )
        self._answer()

    def begin(self, child: Child) -> "Forked":
        output = child.open_log()
        request = {
            "role": child.name,
            "environment": dict(child.env),
            "descriptors": list(child.descriptors),
            "when_orphaned": int(child.when_orphaned),
        }
        try:
            return Forked(self, self._ask(request, [output, *child.descriptors])["pid"])
        finally:
            os.close(output)

    def code(self, pid: int) -> int | None:
        """With which it ended; None while it lives."""
        return self._ask({"ended": pid}, [])["code"]

    def _ask(self, request: dict[str, object], descriptors: list[int]) -> dict[str, int]:
        socket.send_fds(self.socket, [json.dumps(request).encode()], descriptors)
        return self._answer()

    def _answer(self) -> dict[str, int]:
        answer = self.socket.recv(ANSWER_BYTES_MAX)
        assert answer, f"the nursery ended (code {self.process.wait()})"
        return json.loads(answer)

    def end(self) -> None:
        """It ends when nobody asks any more, and with it whatever lives of its forks."""
        self.socket.close()
        self.process.wait()


@functools.cache
def nursery() -> Nursery:
    """Begun when it is first needed."""
    made = Nursery()
    atexit.register(made.end)
    return made


class Forked:
    """What `Child` asks of a process; our grandchild, so that the nursery is asked how it ended."""

    def __init__(self, by: Nursery, pid: int) -> None:
        self.pid, self.returncode = pid, None
        self._by = by

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._by.code(self.pid)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired after so many seconds."""
        if self.poll() is None:
            end = os.pidfd_open(self.pid)
            try:
                if not select.select([end], [], [], timeout)[0]:
                    raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            finally:
                os.close(end)
        code = self.poll()
        assert code is not None
        return code

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def start(child: Child) -> None:
    """In the place of `Child.start`."""
    child.is_asked = False
    child.process = nursery().begin(child)  # type: ignore[assignment]
