"""One process that lives and dies with us, with a name, a log and a way to ask whether it is ready."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from portal.runtime.trouble import Trouble

LAUNCHER = Path(__file__).with_name("launcher.py")
READY_SECONDS_MAX = 90.0
PROBE_EVERY_SECONDS = 0.05
LOG_BYTES_MAX = 10_000_000
TAIL_LINES = 15


class NotReady(Trouble):
    """The process ended, or did not answer in time; the message has the end of its log."""


@dataclass(kw_only=True)
class Child:
    """A program started through the launcher, in a session of its own so that Ctrl-C reaches only us.

    `when_orphaned` is the signal that it gets from the kernel if we are killed; `stop_signal` is the polite one.
    """

    name: str
    command: Sequence[str]
    is_ready: Callable[[], bool]
    env: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    log: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    when_orphaned: signal.Signals = signal.SIGKILL
    grace_seconds: float = 10.0
    privileges: Sequence[str] = ()
    descriptors: Sequence[int] = ()
    process: subprocess.Popen[bytes] | None = None
    is_asked: bool = False

    def start(self) -> None:
        """Start it; must be called from the main thread, whose end the kernel takes for ours."""
        orphaned = ["--parent", str(os.getpid()), "--signal", str(int(self.when_orphaned))]
        launched = [sys.executable, "-I", "-S", str(LAUNCHER), *orphaned, *self.privileges, "--", *self.command]
        output = self.open_log()
        self.is_asked = False
        try:
            self.process = subprocess.Popen(
                launched, env=dict(self.env), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                pass_fds=tuple(self.descriptors), start_new_session=True,
            )  # fmt: skip
        finally:
            if output > 2:
                os.close(output)

    def wait_until_ready(
        self, *, seconds: float = READY_SECONDS_MAX, is_interrupted: Callable[[], bool] = lambda: False
    ) -> None:
        """Probe until it answers. Raises NotReady."""
        deadline = time.monotonic() + seconds
        while not self.is_ready():
            if not self.is_alive():
                raise NotReady(f"{self.name} ended at once (code {self.exit_code()}).\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise NotReady(f"{self.name} was not ready after {seconds:.0f} s.\n{self.log_tail()}")
            if is_interrupted():
                return
            time.sleep(PROBE_EVERY_SECONDS)

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def exit_code(self) -> int | None:
        return self.process.returncode if self.process else None

    def ask_to_stop(self) -> None:
        """Idempotent: a second signal would tell some programs to hurry."""
        if self.process is not None and self.is_alive() and not self.is_asked:
            self.is_asked = True
            self.process.send_signal(self.stop_signal)

    def stop(self) -> None:
        """Politely, then after the grace with force, together with whatever it started."""
        if self.process is None:
            return
        self.ask_to_stop()
        try:
            self.process.wait(self.grace_seconds)
        except subprocess.TimeoutExpired:
            self._kill_group()
            self.process.wait()
        self.process = None

    def log_tail(self) -> str:
        if self.log is None or not self.log.exists():
            return ""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL_LINES:]
        return "\n".join(f"  | {line}" for line in lines)

    def _kill_group(self) -> None:
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                return

    def open_log(self) -> int:
        """The log's descriptor, or our standard error's; a log that grew too long becomes the `.1` of a new one."""
        if self.log is None:
            return 2
        self.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES_MAX:
            self.log.replace(self.log.with_name(f"{self.log.name}.1"))
        return os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
