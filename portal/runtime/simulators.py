"""Simulated fabrics of `up`: which run, on which ports, and what they are as children of the supervisor.

The preparation decides and writes `simulators.json` in the data folder; the supervisor, which never loads Django, reads
it. A port is kept from start to start where it is still free.
"""

import http.client
import json
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from portal.runtime import paths
from portal.runtime.child import Child

FILE = "simulators.json"
FABRICS = ("emulator", "redfish", "counted")
LOOPBACK = "127.0.0.1"
PROBE_SECONDS = 5.0
Row = Mapping[str, Any]  # pool, driver, port


def rows(*, data: Path) -> list[Row]:
    try:
        found = json.loads((data / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [row for row in found if {"pool", "driver", "port"} <= row.keys()]


def keep(*, data: Path, wanted: Sequence[Row]) -> None:
    draft = data / f"{FILE}.new"
    draft.write_text(json.dumps([dict(row) for row in wanted]), encoding="utf-8")
    draft.replace(data / FILE)


def choose_port(before: int) -> int:
    """The one of before where nobody else has taken it meanwhile, else any that is free."""
    for port in (before, 0):
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind((LOOPBACK, port))
            except OSError:
                continue
            return int(tried.getsockname()[1])
    raise OSError("There is no free port on this machine.")


def children(*, data: Path, environment: Mapping[str, str]) -> list[Child]:
    """One a pool, ready when it answers anything at all."""
    return [_child(row, data, environment) for row in rows(data=data)]


def _child(row: Row, data: Path, environment: Mapping[str, str]) -> Child:
    name, port = f"{row['driver']}-{row['pool']}", int(row["port"])
    command = [sys.executable, str(paths.CHECKOUT / "manage.py"), f"{row['driver']}_simulator", "--managed"]
    return Child(
        name=name,
        command=[*command, "--pool", str(row["pool"]), "--port", str(port)],
        is_ready=lambda: _answers(port),
        env={**environment, "HEDDLE_LOG": "console", "HEDDLE_LOG_LEVEL": "warning"},
        log=data / "log" / f"{name}.log",
    )


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=PROBE_SECONDS)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status > 0
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
