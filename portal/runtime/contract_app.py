"""The portal that `manage.py contract` calls: a whole `up` on a port of its own, the demo, and an instant fabric."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM

from portal.runtime import claim, paths
from portal.runtime.child import Child
from portal.runtime.trouble import Trouble

LEAD, OPERATOR = "alice", "olga"
READY_SECONDS_MAX = 180.0
COMMAND_SECONDS_MAX = 60
STOP_SECONDS_MAX = 30.0
NOT_OURS = ("DATABASE_URL", "REDIS_URL", "HEDDLE_BASE_URL", "HEDDLE_DATA_DIR", "DJANGO_SETTINGS_MODULE")
"""Of our own surroundings: the demo belongs into no database but its own."""
HASTY = {
    "HEDDLE_WAIT_SECONDS_MAX": "1",
    "HEDDLE_API_RATE": "off",
    "HEDDLE_API_PROJECT_RATE": "off",
    "HEDDLE_LOG": "json",
    "HEDDLE_LOG_LEVEL": "warning",
}
"""`wait` lets go soon, nobody is told to slow down, and the log is one that can be read by a program."""


@dataclass(frozen=True)
class App:
    """Where it answers, with a token of somebody who leads a project, and one of somebody who runs the pools."""

    url: str
    token: str
    operator_token: str


@contextmanager
def running(place: Path) -> Iterator[App]:
    """Its data, log and servers are in `place`. Raises Trouble."""
    data = place / "data"
    data.mkdir()
    environment = {name: value for name, value in os.environ.items() if name not in NOT_OURS} | HASTY
    child = Child(
        name="up",
        command=_command("up", "--port", "0", "--pool", "lab", data=data),
        is_ready=lambda: claim.running(data=data) is not None,
        env=environment,
        log=place / "up.log",
        when_orphaned=SIGTERM,
        grace_seconds=STOP_SECONDS_MAX,
    )
    child.start()
    try:
        child.wait_until_ready(seconds=READY_SECONDS_MAX)
        found = claim.running(data=data)
        if found is None:
            raise Trouble("The portal is gone again.")
        _run("emulator", "fault", "--pool", "lab", "--latency-scale", "0", data=data, environment=environment)
        tokens = [_run("token", user, data=data, environment=environment) for user in (LEAD, OPERATOR)]
        yield App(found.url, *(token.strip() for token in tokens))
    finally:
        child.stop()


def _run(*arguments: str, data: Path, environment: dict[str, str]) -> str:
    command = _command(*arguments, data=data)
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=COMMAND_SECONDS_MAX, check=False
    )
    if done.returncode:
        raise Trouble(f"`manage.py {arguments[0]}` failed:\n{done.stderr[-2000:]}")
    return done.stdout


def _command(*arguments: str, data: Path) -> list[str]:
    return [sys.executable, str(paths.CHECKOUT / "manage.py"), *arguments, "--data-dir", str(data)]
