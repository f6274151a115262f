"""No more of a body is taken from a connection than anything of ours reads: the rest is not waited for, nor kept.

Whoever sends more is answered as the view answers a body that is too long, since it gets one byte more than it takes.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from scheduler import limits

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
REQUEST = "http.request"
TAKEN_BYTES_MAX = limits.BODY_BYTES_MAX + 1


def bounded(receive: Receive) -> Receive:
    """ASGI's `receive`, which ends a body that is too long; then all that is left to hear is that the caller is gone.

    Django listens for that while a view waits, and takes more of a body for a fault of the server.
    """
    left = TAKEN_BYTES_MAX

    async def take() -> Mapping[str, Any]:
        nonlocal left
        message = await receive()
        while left <= 0 and message["type"] == REQUEST:
            message = await receive()
        if message["type"] != REQUEST:
            return message
        body = message.get("body", b"")
        left -= len(body)
        return message if left > 0 else {**message, "body": body[: len(body) + left], "more_body": False}

    return take
