"""The least that can push: a bare ASGI server, one subscription, one set of sockets. Knows nobody, keeps nothing.

Run as a process of its own (`python -m portal.bench.live_bare`), on the socket whose number is in the environment and
with the same HTTP server and settings as the portal's web process.
"""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import redis.asyncio
import uvicorn

CHANNEL = "heddle:bench:bare"
LISTEN_FD = "HEDDLE_BENCH_LISTEN_FD"
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Bare:
    """Subscribes when the first browser comes, and accepts it once it hears."""

    def __init__(self) -> None:
        self._sends: set[Send] = set()
        self._hears = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, scope: Any, receive: Callable[[], Awaitable[dict[str, Any]]], send: Send) -> None:
        self._task = self._task or asyncio.create_task(self._hear())
        await receive()
        await self._hears.wait()
        await send({"type": "websocket.accept"})
        self._sends.add(send)
        while (await receive())["type"] != "websocket.disconnect":
            pass
        self._sends.discard(send)

    async def _hear(self) -> None:
        async with redis.asyncio.Redis.from_url(os.environ["REDIS_URL"]) as client, client.pubsub() as said:
            await said.subscribe(CHANNEL)
            async for message in said.listen():
                if message["type"] == "subscribe":
                    self._hears.set()
                    continue
                event = {"type": "websocket.send", "text": message["data"].decode()}
                for send in list(self._sends):
                    await send(event)


def main() -> None:
    from portal.runtime.roles import FRAME_BYTES_MAX

    config = uvicorn.Config(
        Bare(), lifespan="off", log_config=None, access_log=False, ws="websockets-sansio", ws_max_size=FRAME_BYTES_MAX
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(os.environ[LISTEN_FD]))])


if __name__ == "__main__":
    main()
