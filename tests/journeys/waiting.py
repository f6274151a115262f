"""Wait for something that other processes do, and no longer than it may take."""

import threading
import time
from collections.abc import Callable

PAUSE_SECONDS = 0.05


def eventually(condition: Callable[[], bool], *, seconds: float, what: str) -> float:
    """Return after how many seconds it was so; fail when it is not so in time."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            raise AssertionError(f"{what}: not within {seconds} s")
        threading.Event().wait(PAUSE_SECONDS)
    return time.monotonic() - began
