"""A bell rings when something may have changed: the portal's socket where `websockets` is installed, else the clock.

It says only *when* to look; what happened is always read from the API. So nothing is missed when a socket breaks, and
nothing depends on having one.
"""

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

LOOK_EVERY_SECONDS = 2.0  # without a socket
TRY_AGAIN_SECONDS = 20.0  # after a socket could not be had
OPEN_SECONDS_MAX = 5.0
RESYNC = "resync"


def address(url: str, *, after: int) -> str:
    """Of the socket, for the address of a portal."""
    parts = urlsplit(url.rstrip("/"))
    scheme = "wss" if parts.scheme == "https" else "ws"
    return urlunsplit((scheme, parts.netloc, f"{parts.path}/ws/live/", f"after={after}", ""))


def options(url: str, *, token: str) -> dict[str, Any]:
    """The portal asks every socket where it comes from; a program comes from the portal's own address."""
    parts = urlsplit(url)
    return {
        "additional_headers": {"Authorization": f"Bearer {token}"},
        "origin": f"{parts.scheme}://{parts.netloc}",
        "open_timeout": OPEN_SECONDS_MAX,
    }


def rings(frames: Iterable[str | bytes], *, code: str | None) -> bool:
    """Whether one of the frames is about the reservation, or about anything where none is named."""
    return any(code is None or _reference(frame) in (code, RESYNC) for frame in frames)


def _reference(frame: str | bytes) -> str:
    try:
        told = json.loads(frame)
        return RESYNC if told.get("kind") == RESYNC else str(told.get("reference", ""))
    except (ValueError, AttributeError):
        return RESYNC  # unreadable: look
