"""The children of `up` that run our own code: the preparation, and one process a role."""

import http.client
import os
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from portal.runtime import paths
from portal.runtime.child import Child
from portal.runtime.trouble import Trouble

ROLES = ("web", "worker", "beat")
BACKLOG = 2048
PROBE_SECONDS = 20.0
PREPARE_SECONDS_MAX = 1800.0
"""A migration of a large site may take this long."""


def prepare(
    *, environment: Mapping[str, str], options: Sequence[str], log: Path, is_interrupted: Callable[[], bool]
) -> None:
    """Migrate, and whatever else the options of `manage.py prepare` ask for. Raises Trouble with what it said."""
    (log / "prepare.log").unlink(missing_ok=True)
    work = Child(
        name="prepare",
        command=[sys.executable, str(paths.CHECKOUT / "manage.py"), "prepare", *options],
        is_ready=lambda: not work.is_alive(),
        env={**environment, "HEDDLE_LOG": "console", "HEDDLE_LOG_LEVEL": "warning"},
        log=log / "prepare.log",
    )
    work.start()
    try:
        work.wait_until_ready(seconds=PREPARE_SECONDS_MAX, is_interrupted=is_interrupted)
        if work.exit_code():
            raise Trouble(f"The database could not be prepared:\n{work.log_tail()}")
    finally:
        work.stop()


def role(*, name: str, environment: Mapping[str, str], listener: socket.socket | None, log: Path | None) -> Child:
    """Describe one role; web is ready when it answers, the others when they say so."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    descriptors = [writer]
    own = {**environment, "HEDDLE_ROLE": name, "HEDDLE_READY_FD": str(writer)}
    is_ready: Callable[[], bool] = _said_so(reader)
    if name == "web" and listener is not None:
        own["HEDDLE_LISTEN_FD"] = str(listener.fileno())
        descriptors.append(listener.fileno())
        is_ready = _answers(listener)
    return Child(
        name=name,
        command=[sys.executable, str(paths.CHECKOUT / "manage.py"), name],
        is_ready=is_ready,
        env=own,
        log=log and log / f"{name}.log",
        descriptors=descriptors,
    )


def _said_so(reader: int) -> Callable[[], bool]:
    def read() -> bool:
        try:
            return bool(os.read(reader, 1))
        except BlockingIOError:
            return False

    return read


def _answers(listener: socket.socket) -> Callable[[], bool]:
    """Any answer will do: the connection waits in our queue until web takes it."""
    host, port = listener.getsockname()[:2]
    there = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)

    def ask() -> bool:
        connection = http.client.HTTPConnection(there, port, timeout=PROBE_SECONDS)
        try:
            connection.request("GET", "/healthz", headers={"Host": "127.0.0.1"})
            return connection.getresponse().status > 0
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return ask
