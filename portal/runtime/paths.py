"""Where things are. Standard library only: the bootstrap asks before anything is installed."""

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from portal.runtime.trouble import Trouble

CHECKOUT = Path(__file__).resolve().parents[2]
SOCKET_DIR_BYTES_MAX = 80
"""A Unix socket's name may have 107 bytes; PostgreSQL adds `/.s.PGSQL.5432.lock` and the like to the folder's."""


class NoPlace(Trouble):
    """No folder can be used for the data; the message says what to do."""


def data_dir(explicit: str | None = None) -> Path:
    """The data folder: what was asked for, else `.data` in the checkout, else the user's state, else below /tmp."""
    asked = explicit or os.environ.get("HEDDLE_DATA_DIR")
    if asked:
        place = Path(asked).expanduser().absolute()
        if not _usable(place):
            raise NoPlace(f"cannot write to the data folder {place}: choose another one with --data-dir")
        return place
    for place in _default_places():
        if _usable(place):
            return place
    raise NoPlace("found no folder that can be written to: name one with --data-dir")


def _default_places() -> list[Path]:
    state = Path(os.environ.get("XDG_STATE_HOME") or Path(os.environ.get("HOME", "/nonexistent")) / ".local/state")
    name = f"heddle-{_digest(CHECKOUT)}"
    return [CHECKOUT / ".data", state / name, Path(tempfile.gettempdir()) / f"{name}-{os.getuid()}"]


def _usable(place: Path) -> bool:
    """Make the folder, private to us, if it is not there; tell whether we own it and can write into it."""
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return False
    if not (place.is_dir() and os.access(place, os.W_OK | os.X_OK)):
        return False
    return place.stat().st_uid == os.getuid() and _reachable_without_privileges(place)


def _reachable_without_privileges(place: Path) -> bool:
    """Whether a root that gave its privileges away still gets there, as PostgreSQL will have to."""
    seen = [parent.stat() for parent in place.resolve().parents]
    return all(at.st_mode & (stat.S_IXUSR if at.st_uid == os.getuid() else stat.S_IXOTH | stat.S_IXGRP) for at in seen)


def socket_dir(data: Path) -> Path:
    """A private folder for the sockets of one data folder, with a name short enough for a socket."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    for parent in filter(None, (runtime, tempfile.gettempdir(), "/tmp")):
        place = Path(parent) / f"heddle-{os.getuid()}-{_digest(data)}"
        if len(os.fsencode(place)) <= SOCKET_DIR_BYTES_MAX and " " not in str(place) and _private(place):
            return place
    raise NoPlace("found no folder for sockets: set XDG_RUNTIME_DIR to a short path that you can write to")


def _private(place: Path) -> bool:
    """Make the folder, or accept one that is ours, is no link, and nobody else can enter."""
    try:
        place.mkdir(mode=0o700)
    except FileExistsError:
        pass
    except OSError:
        return False
    seen = place.lstat()
    return stat.S_ISDIR(seen.st_mode) and seen.st_uid == os.getuid() and stat.S_IMODE(seen.st_mode) == 0o700


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:8]
