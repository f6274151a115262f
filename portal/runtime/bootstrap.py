"""A virtual environment that holds exactly a lock, made on the first start and remade when lock or Python changes.

Standard library only. Speaks on standard error: standard output belongs to the command. HEDDLE_NO_BOOTSTRAP=1 leaves
the Python that runs as it is, for containers and for those who install the locks themselves.
"""

import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.runtime import paths
from portal.runtime.trouble import Trouble

LOCKS = ("run", "dev", "e2e")
"""Each holds the ones before it, with the same versions."""

STAMP = "heddle-stamp.json"
LATCH = ".heddle-bootstrap"


class CannotInstall(Trouble):
    """No environment could be made; the message says why and what to do."""


def enter(*, lock: str, argv: list[str]) -> None:
    """Return if this Python already has everything of the lock; otherwise install it and start again inside.

    Raises CannotInstall.
    """
    if os.environ.get("HEDDLE_NO_BOOTSTRAP") == "1":
        return
    venv = _venv_dir(lock=lock)
    if not is_current(venv=venv, lock=lock):
        with _latched(venv):
            if not is_current(venv=venv, lock=lock):
                _make(venv=venv, lock=lock)
    if Path(sys.prefix).resolve() != venv.resolve():
        python = str(_python(venv))
        os.execv(python, [python, str(paths.CHECKOUT / "manage.py"), *argv])


def beside(*, lock: str) -> Path:
    """The Python of an environment of its own for a lock that shares nothing with ours. Raises CannotInstall."""
    venv = _place(f".venv-{lock}", lock=lock)
    if not is_current(venv=venv, lock=lock):
        with _latched(venv):
            if not is_current(venv=venv, lock=lock):
                _make(venv=venv, lock=lock)
    return _python(venv)


def is_current(*, venv: Path, lock: str) -> bool:
    """Whether the environment holds this lock, as it is now, for this version of Python."""
    try:
        stamp = json.loads((venv / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return stamp.get(lock) == fingerprint(lock) and os.access(_python(venv), os.X_OK)


def fingerprint(lock: str) -> str:
    """What an environment was made of: the lock's text, and the Python and machine that its wheels were chosen for."""
    text = (paths.CHECKOUT / "requirements" / f"{lock}.lock").read_bytes()
    made_for = f"{sys.implementation.name} {sys.version_info[0]}.{sys.version_info[1]} {platform.machine()}"
    return hashlib.sha256(text + made_for.encode()).hexdigest()


def _venv_dir(*, lock: str) -> Path:
    """`.venv` in the checkout if it is ready or can be made so, otherwise one in the data folder."""
    return _place(".venv", lock=lock)


def _place(name: str, *, lock: str) -> Path:
    usual = paths.CHECKOUT / name
    writable = usual if usual.exists() else usual.parent
    if is_current(venv=usual, lock=lock) or os.access(writable, os.W_OK | os.X_OK):
        return usual
    return paths.data_dir() / name.removeprefix(".")


def _make(*, venv: Path, lock: str) -> None:
    began = time.monotonic()
    _say(f"Preparing {venv} (once; later starts skip this) …")
    if not _made_for_this_python(venv):
        _create(venv)
    if not _install_with_uv(venv=venv, lock=lock):
        _install_with_pip(venv=venv, lock=lock)
    held = LOCKS[: LOCKS.index(lock) + 1] if lock in LOCKS else (lock,)
    _write_stamp(venv=venv, stamp={name: fingerprint(name) for name in held})
    _say(f"… ready after {time.monotonic() - began:.0f} s.")


def _made_for_this_python(venv: Path) -> bool:
    """A stamp names only complete installs; without one, or with another Python's, we begin afresh."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    return (venv / STAMP).exists() and (venv / "lib" / version).is_dir() and os.access(_python(venv), os.X_OK)


def _create(venv: Path) -> None:
    for old in venv.iterdir():
        if old.name == LATCH:
            continue
        shutil.rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink()
    base = getattr(sys, "_base_executable", sys.executable) or sys.executable
    command, environment = [base, "-m", "venv", str(venv)], _quiet_environment(venv)
    made = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise CannotInstall(
            f"{base} cannot make a virtual environment (on Debian and Ubuntu: install python3-venv).\n"
            + (made.stdout + made.stderr).strip()
        )


def _install_with_uv(*, venv: Path, lock: str) -> bool:
    """The fast way; any failure is answered by the slow one."""
    environment = _quiet_environment(venv)
    pip_reads = [str(_python(venv)), "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
    uv_reads = [str(_python(venv)), "-m", "uv", "pip", "install", "--quiet", "--compile-bytecode", "--require-hashes"]
    fetched = subprocess.run([*pip_reads, "-r", _lock_path("uv")], env=environment, stdout=sys.stderr, check=False)
    if fetched.returncode != 0:
        return False
    uv_reads += ["--python", str(_python(venv)), "-r", _lock_path(lock)]
    return subprocess.run(uv_reads, env=environment, stdout=sys.stderr, check=False).returncode == 0


def _install_with_pip(*, venv: Path, lock: str) -> None:
    _say("… going on with pip, which takes a little longer.")
    command = [
        str(_python(venv)),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--require-hashes",
        "-r",
        _lock_path(lock),
    ]
    if subprocess.run(command, env=_quiet_environment(venv), stdout=sys.stderr, check=False).returncode != 0:
        raise CannotInstall(
            f"could not install {_lock_path(lock)} (see above). Is a package index within reach? Behind a mirror, "
            "set PIP_INDEX_URL. Or install it yourself and set HEDDLE_NO_BOOTSTRAP=1."
        )


def _quiet_environment(venv: Path) -> dict[str, str]:
    """pip's and uv's surroundings: no user site, no version nagging, uv's cache inside if HOME cannot be written."""
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONNOUSERSITE": "1", "PIP_USER": "0"}
    environment.pop("PYTHONPATH", None)
    home = Path(os.environ.get("HOME", "/nonexistent"))
    if not os.access(home, os.W_OK | os.X_OK):
        environment.setdefault("UV_CACHE_DIR", str(venv / ".uv-cache"))
        environment.setdefault("PIP_NO_CACHE_DIR", "1")
    if mirror := os.environ.get("PIP_INDEX_URL"):
        environment.setdefault("UV_DEFAULT_INDEX", mirror)
    return environment


@contextmanager
def _latched(venv: Path) -> Iterator[None]:
    """One installer at a time: a second start waits for the first and then finds the work done."""
    venv.mkdir(parents=True, exist_ok=True)
    with (venv / LATCH).open("w") as latch:
        try:
            fcntl.flock(latch, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say(f"Another start is preparing {venv}; waiting for it …")
            fcntl.flock(latch, fcntl.LOCK_EX)
        yield


def _write_stamp(*, venv: Path, stamp: dict[str, str]) -> None:
    draft = venv / f"{STAMP}.new"
    draft.write_text(json.dumps(stamp, indent=1), encoding="utf-8")
    draft.replace(venv / STAMP)


def _lock_path(lock: str) -> str:
    return str(paths.CHECKOUT / "requirements" / f"{lock}.lock")


def _python(venv: Path) -> Path:
    return venv / "bin" / "python"


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
