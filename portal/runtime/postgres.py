"""Our own PostgreSQL in a data folder: private Unix socket, no TCP, any user, also root."""

import functools
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psycopg

from portal.runtime import launcher, paths, providers
from portal.runtime.child import LAUNCHER, Child
from portal.runtime.trouble import Trouble

USER = "heddle"
DATABASE = "heddle"
STALE_SECONDS_MAX = 10.0
STALE_POLL_SECONDS = 0.1
BUILTIN_LOCALE_SINCE = 17
FOR_TESTS = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


class CannotStart(Trouble):
    """PostgreSQL cannot be set up here; the message says why."""


def prepare(*, data: Path, options: Sequence[str] = (), log: Path | None = None) -> Child:
    """Make the cluster if it is not there, clear what a killed server left, and describe the server.

    The caller holds the claim on the data folder. Raises CannotStart and providers.NotFound.
    """
    cluster = data / "postgres"
    installed = providers.postgres(major=_major_of(cluster))
    privileges = _privileges()
    at = sockets(data=data)
    if not cluster.exists():
        _initialise(cluster=cluster, installed=installed, privileges=privileges)
    _clear_leftovers(cluster=cluster, at=at)
    return Child(
        name="postgres",
        command=[str(installed.bin / "postgres"), "-D", str(cluster), "-k", str(at), "-h", "", *options],
        is_ready=lambda: _answers(url(data=data, database="postgres")),
        env=_environment(),
        log=log,
        stop_signal=signal.SIGINT,
        when_orphaned=signal.SIGINT,
        grace_seconds=20.0,
        privileges=privileges,
    )


def url(*, data: Path, database: str = DATABASE) -> str:
    return f"postgresql://{USER}@/{database}?host={sockets(data=data)}"


def create_database(*, data: Path) -> None:
    """Make our database if it is not there."""
    with psycopg.connect(url(data=data, database="postgres"), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(f'CREATE DATABASE "{DATABASE}"')


def _initialise(*, cluster: Path, installed: providers.Postgres, privileges: Sequence[str]) -> None:
    """initdb into a draft that is renamed when it is complete, so that an interrupted first start leaves nothing."""
    draft = cluster.with_name(f"{cluster.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    if "--setuid" in privileges:
        draft.parent.chmod(0o711)
        os.chown(draft, launcher.UNPRIVILEGED, launcher.UNPRIVILEGED)
    locale = ["--locale=C"]
    if installed.major >= BUILTIN_LOCALE_SINCE:
        locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command = [
        str(installed.bin / "initdb"),
        "-D",
        str(draft),
        "-U",
        USER,
        "--auth=trust",
        "-E",
        "UTF8",
        *locale,
        "--no-instructions",
    ]
    made = subprocess.run(
        _launched(command, privileges), env=_environment(), capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        raise CannotStart(f"initdb failed in {draft}:\n{(made.stdout + made.stderr).strip()}")
    draft.rename(cluster)


@functools.cache
def _privileges() -> Sequence[str]:
    """How to be somebody PostgreSQL accepts: root is refused, and so is a user number without a name."""
    is_named = True
    try:
        pwd.getpwuid(os.getuid())
    except KeyError:
        is_named = False
    if os.getuid() != 0 and is_named:
        return ()
    if os.environ.get("HEDDLE_LAUNCH") != "setuid" and _runs(["--userns"]):
        return ("--userns",)
    if os.getuid() == 0:
        return ("--setuid", str(launcher.UNPRIVILEGED))
    raise CannotStart(
        f"PostgreSQL does not run as user {os.getuid()}, who has no name, and user namespaces are forbidden: "
        "set DATABASE_URL, or give the user a name in /etc/passwd."
    )


def _runs(privileges: Sequence[str]) -> bool:
    return subprocess.run(_launched(["true"], privileges), capture_output=True, check=False).returncode == 0


def _launched(command: Sequence[str], privileges: Sequence[str]) -> list[str]:
    orphaned = ["--parent", str(os.getpid()), "--signal", str(int(signal.SIGTERM))]
    return [sys.executable, "-I", "-S", str(LAUNCHER), *orphaned, *privileges, "--", *command]


def sockets(*, data: Path) -> Path:
    """Where the socket is; under --setuid a folder of its own that belongs to the server's user."""
    if "--setuid" not in _privileges():
        return paths.socket_dir(data)
    place = paths.socket_dir(data).with_name(f"{paths.socket_dir(data).name}-pg")
    place.mkdir(mode=0o700, exist_ok=True)
    os.chown(place, launcher.UNPRIVILEGED, launcher.UNPRIVILEGED)
    return place


def _environment() -> dict[str, str]:
    """Without the PG… variables of the machine, which would change what our own server and clients do."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def _major_of(cluster: Path) -> int | None:
    try:
        return int((cluster / "PG_VERSION").read_text(encoding="ascii"))
    except OSError:
        return None


def _answers(conninfo: str) -> bool:
    try:
        with psycopg.connect(conninfo, connect_timeout=2):
            return True
    except psycopg.OperationalError:
        return False


def _clear_leftovers(*, cluster: Path, at: Path) -> None:
    """Wait for a server that is still going down, then remove the marks of one that was killed.

    We hold the claim, so nobody else starts one here. Raises CannotStart if a process keeps using the cluster.
    """
    deadline = time.monotonic() + STALE_SECONDS_MAX
    while users := _processes_inside(cluster):
        if time.monotonic() > deadline:
            raise CannotStart(
                f"PostgreSQL of an earlier run is still using {cluster}: stop process {users[0]}, then start again."
            )
        time.sleep(STALE_POLL_SECONDS)
    for mark in (cluster / "postmaster.pid", at / ".s.PGSQL.5432.lock", at / ".s.PGSQL.5432"):
        mark.unlink(missing_ok=True)


def _processes_inside(cluster: Path) -> list[int]:
    """Living processes that work in the cluster, which the postmaster and its backends do; zombies work nowhere.

    Where there is no /proc, the process that `postmaster.pid` names counts, if there is one.
    """
    if not Path("/proc/self").exists():
        return [pid] if (pid := _postmaster_pid(cluster)) and _exists(pid) else []
    inside = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (entry / "cwd").readlink() == cluster.resolve():
                    inside.append(int(entry.name))
            except OSError:
                continue
    return sorted(inside)


def _postmaster_pid(cluster: Path) -> int | None:
    try:
        return int((cluster / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
    except (OSError, ValueError, IndexError):
        return None


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True
