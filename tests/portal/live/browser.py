"""A browser's end of the socket, against the real application."""

import json
from typing import Any

from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async

from portal.accounts.models import User
from portal.asgi import application
from tests.portal.live.cast import session_of

SECONDS_MAX = 10
ORIGIN = b"http://testserver"
Frame = tuple[int, str, str]


def scope_of(
    *,
    key: str = "",
    after: str = "0",
    origin: bytes | None = ORIGIN,
    path: str = "/ws/live/",
    authorization: str | None = None,
) -> dict[str, Any]:
    headers = [(b"host", b"testserver"), (b"cookie", f"sessionid={key}".encode())]
    headers += [(b"authorization", authorization.encode())] if authorization is not None else []
    return {
        "type": "websocket",
        "scheme": "ws",
        "path": path,
        "query_string": f"after={after}".encode(),
        "headers": headers + ([(b"origin", origin)] if origin is not None else []),
        "subprotocols": [],
    }


class Browser:
    """Keeps the last id, as the page's script does."""

    def __init__(self, **where: Any) -> None:
        self.key, self.after = where.get("key", ""), where.get("after", "0")
        self.socket = ApplicationCommunicator(application, scope_of(**where))

    async def open(self) -> "Browser":
        assert not await self.is_refused()
        return self

    async def is_refused(self) -> bool:
        await self.socket.send_input({"type": "websocket.connect"})
        answer = await self.socket.receive_output(SECONDS_MAX)
        return answer["type"] == "websocket.close"

    async def hear(self, count: int, *, pools: bool = False) -> list[Frame]:
        """The next frames; those that only say that a pool changed are left out unless asked for."""
        heard: list[Frame] = []
        while len(heard) < count:
            event = await self.socket.receive_output(SECONDS_MAX)
            assert event["type"] == "websocket.send"
            frame = json.loads(event["text"])
            self.after = str(frame["id"])
            if pools or frame["kind"] != "pool.changed":
                heard.append((frame["id"], frame["kind"], frame["reference"]))
        return heard

    async def say(self, text: str) -> None:
        await self.socket.send_input({"type": "websocket.receive", "text": text})

    async def closed_with(self, *, saying_nothing_of: str = "") -> int:
        """Whatever else is still said, until the server ends it."""
        while True:
            event = await self.socket.receive_output(SECONDS_MAX)
            if event["type"] == "websocket.close":
                await self.leave()
                return int(event["code"])
            assert not saying_nothing_of or json.loads(event["text"])["kind"] != saying_nothing_of

    async def leave(self) -> None:
        await self.socket.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.socket.wait(SECONDS_MAX)


async def browser_of(user: User, *, after: str = "0") -> Browser:
    key = await database_sync_to_async(session_of)(user)
    return await Browser(key=key, after=after).open()
