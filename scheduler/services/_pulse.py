"""Keep a lease while one call to a fabric takes longer than the lease lasts.

A worker that is killed, or stopped, has no pulse. One that hangs for longer than any call may take loses it.
"""

import logging
import threading
from collections.abc import Callable
from types import TracebackType

from scheduler.limits import LEASE_SECONDS

BEAT_SECONDS = LEASE_SECONDS / 4
SILENCE_SECONDS_MAX = 360.0  # longer than the longest call of any driver
_log = logging.getLogger(__name__)


class Pulse:
    """`beat` is called every so often, in a thread of its own, from entering to leaving."""

    def __init__(
        self, beat: Callable[[], object], *, seconds: float = BEAT_SECONDS, silence_max: float = SILENCE_SECONDS_MAX
    ) -> None:
        self._beat = beat
        self._seconds = seconds
        self._beats_max = int(silence_max / seconds)
        self._left = self._beats_max
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    def felt(self) -> None:
        """The work itself goes on: it does not hang."""
        self._left = self._beats_max

    @property
    def is_felt(self) -> bool:
        return self._thread.is_alive()

    def __enter__(self) -> "Pulse":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while self._left > 0 and not self._over.wait(self._seconds):
            self._left -= 1
            try:
                self._beat()
            except Exception:
                _log.warning("a lease could not be prolonged; it is tried again", exc_info=True)
