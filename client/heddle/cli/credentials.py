"""Where to speak to, and with which token: the environment before the file. A token goes only to the address it was
saved with, and the file is for its owner alone.
"""

import json
import os
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from heddle.cli.exits import NotSignedIn, Unreadable

URL, TOKEN = "HEDDLE_URL", "HEDDLE_TOKEN"
OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True)
class Credentials:
    url: str
    token: str = field(repr=False)


def place(environment: Mapping[str, str]) -> Path:
    home = environment.get("XDG_CONFIG_HOME") or str(Path(environment.get("HOME") or Path.home()) / ".config")
    return Path(home) / "heddle" / "credentials.json"


def chosen(environment: Mapping[str, str], *, url: str | None) -> Credentials:
    """Raises NotSignedIn, Unreadable."""
    kept = read(place(environment))
    wanted = address(url or environment.get(URL) or str(kept.get("current") or ""))
    if not wanted:
        raise NotSignedIn(f"No portal is known here. Run `heddle login URL`, or set {URL} and {TOKEN}.")
    token = environment.get(TOKEN) or kept.get("tokens", {}).get(wanted)
    if not token:
        raise NotSignedIn(f"There is no token for {wanted} here. Run `heddle login {wanted}`, or set {TOKEN}.")
    return Credentials(wanted, str(token))


def address(text: str) -> str:
    """The same address is written in one way, so that its token is found again."""
    return text.strip().rstrip("/")


def read(file: Path) -> dict[str, Any]:
    """Raises Unreadable, also where others may read it: a token that was seen is no token."""
    try:
        with file.open("rb") as opened:
            if os.name == "posix" and os.fstat(opened.fileno()).st_mode & OTHERS:
                raise Unreadable(f"{file} may be read by others. Run `chmod 600 {file}`; better, make a new token.")
            kept = json.loads(opened.read())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise Unreadable(f"{file} cannot be read ({error}). Remove it and run `heddle login`.") from None
    return kept if isinstance(kept, dict) and isinstance(kept.get("tokens", {}), dict) else {}


def keep(file: Path, credentials: Credentials) -> None:
    """Beside those of other portals; this one is spoken to from now on."""
    kept = read(file)
    _write(file, {"current": credentials.url, "tokens": {**kept.get("tokens", {}), credentials.url: credentials.token}})


def forget(file: Path, url: str) -> bool:
    """Whether there was a token."""
    kept = read(file)
    tokens = {one: token for one, token in kept.get("tokens", {}).items() if one != url}
    if len(tokens) == len(kept.get("tokens", {})):
        return False
    _write(file, {"current": next(iter(tokens), None), "tokens": tokens})
    return True


def _write(file: Path, kept: Mapping[str, Any]) -> None:
    """Whole or not at all; made for its owner alone from the first byte on."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".credentials-")  # 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            json.dump(kept, opened, indent=1)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
