"""One holder of a data folder at a time, and how other commands find the holder's servers.

The claim is a file lock, which the kernel drops when its holder dies, however it dies. What the holder has running
stands beside it in `run.json`, which counts only while the lock is held by the process it names.
"""

import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from portal.runtime.trouble import Trouble

LOCK = "lock"
RUN = "run.json"
WAIT_SECONDS_MAX = 60.0
POLL_SECONDS = 0.1


class Held(Trouble):
    """Somebody else holds the data folder; the message says who."""


@dataclass(frozen=True, kw_only=True)
class Running:
    """What the holder has running, for those who want to use it."""

    pid: int
    command: str
    database_url: str
    redis_url: str
    url: str = ""


class Claim:
    """Hold the data folder until `release` or the end of this process."""

    def __init__(self, *, data: Path, command: str) -> None:
        """Raises Held at once if it is taken."""
        self._data = data
        self._file = (data / LOCK).open("a+", encoding="utf-8")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise Held(_who_holds(data)) from None
        (data / RUN).unlink(missing_ok=True)
        self._file.truncate(0)
        self._file.write(json.dumps({"pid": os.getpid(), "command": command}))
        self._file.flush()

    def announce(self, running: Running) -> None:
        """Tell other commands where the servers are."""
        draft = self._data / f"{RUN}.new"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(running), file)
        draft.replace(self._data / RUN)

    def release(self) -> None:
        (self._data / RUN).unlink(missing_ok=True)
        self._file.truncate(0)
        self._file.close()


def claim_or_find(*, data: Path, command: str) -> Claim | Running:
    """The claim if the folder is free, otherwise what its holder has running, once it has. Raises Held."""
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while True:
        try:
            return Claim(data=data, command=command)
        except Held as held:
            seen = running(data=data)
            if seen is not None and seen.command == "up":
                return seen
            if time.monotonic() > deadline:
                raise held from None
        time.sleep(POLL_SECONDS)


def running(*, data: Path) -> Running | None:
    """What the present holder announced, if it did."""
    try:
        seen = Running(**json.loads((data / RUN).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return seen if seen.pid == _holder(data).get("pid") else None


def _holder(data: Path) -> dict[str, object]:
    try:
        seen = json.loads((data / LOCK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return seen if isinstance(seen, dict) else {}


def _who_holds(data: Path) -> str:
    holder = _holder(data)
    who = f"`manage.py {holder['command']}` (process {holder['pid']})" if holder else "another process"
    seen = running(data=data)
    where = f", at {seen.url}" if seen and seen.url else ""
    return f"The data in {data} is held by {who}{where}. Stop it first, or choose other data with --data-dir."
