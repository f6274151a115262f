"""The socket: says what its viewer may see, from where the browser left off; listens to nothing."""

import asyncio
from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.exceptions import DenyConnection
from channels.generic.websocket import AsyncWebsocketConsumer
from django.utils import timezone

from portal.live.credentials import credential_of
from portal.live.frames import frames_of, resync
from portal.live.hub import hub_here
from portal.live.replay import replay
from portal.live.subscription import CloseCode, Subscription
from portal.standing import Credential, Viewer, viewers

SOCKETS_PER_USER_MAX = 20  # in one web process
FRAMES_IN_MAX = 20  # in a socket's whole life; none is needed
QUERY_BYTES_MAX = 200


class LiveConsumer(AsyncWebsocketConsumer):
    """`/ws/live/?after=<id>` → `{id, kind, reference, pool?}`. No channel layer: the hub is what it needs of one."""

    channel_layer_alias = None
    subscription: Subscription | None = None
    serving: asyncio.Task[None] | None = None
    frames_in = 0

    async def connect(self) -> None:
        """Refused before the handshake: nobody known, or too many sockets of one person."""
        found = await database_sync_to_async(_caller)(self.scope)
        if found is None or hub_here().sockets_of(user_id=found[1].user_id) >= SOCKETS_PER_USER_MAX:
            raise DenyConnection
        credential, viewer = found
        self.subscription = Subscription(credential=credential, viewer=viewer)
        await hub_here().join(self.subscription)
        try:
            await self.accept()
        except BaseException:  # gone before it was let in: nobody is told that it has left
            await hub_here().leave(self.subscription)
            raise
        self.serving = asyncio.create_task(self._serve(self.subscription))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        self.frames_in += 1
        if self.subscription is not None and self.frames_in > FRAMES_IN_MAX:
            self.subscription.end(CloseCode.TOO_TALKATIVE)

    async def disconnect(self, code: int) -> None:
        if self.subscription is not None:
            await hub_here().leave(self.subscription)
        if self.serving is not None:
            self.serving.cancel()
            await asyncio.gather(self.serving, return_exceptions=True)

    async def _serve(self, subscription: Subscription) -> None:
        """Speak until there is a reason to stop; a write that hangs on a slow reader is given up with it."""
        speaking = asyncio.create_task(self._speak(subscription))
        ended = asyncio.create_task(subscription.ended())
        try:
            await asyncio.wait({speaking, ended}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            speaking.cancel()
            ended.cancel()
            await asyncio.gather(speaking, ended, return_exceptions=True)
        await hub_here().leave(subscription)
        await self.close(code=_code_of(ended))

    async def _speak(self, subscription: Subscription) -> None:
        """First what was missed, then what the hub offers; what is in both is said once."""
        missed = await database_sync_to_async(replay)(after=_after(self.scope))
        if missed.entries is None:
            await self.send(text_data=resync(entry_id=missed.end.id))
        else:
            await self._say(frames_of(entries=missed.entries, viewer=subscription.viewer, after_id=missed.start.id))
        position = missed.end
        while True:
            while reading := subscription.take():
                texts, position = reading.told(subscription.viewer, position=position)
                await self._say(texts)
            await subscription.news()

    async def _say(self, texts: list[str]) -> None:
        """Straight to the server: what the framework has between costs as much again, a thousand times."""
        for text in texts:
            await self.base_send({"type": "websocket.send", "text": text})


def _caller(scope: dict[str, Any]) -> tuple[Credential, Viewer] | None:
    """Who is there, and what they see; None for a session or a token that does not stand."""
    now = timezone.now()
    credential = credential_of(scope, now=now)
    if credential is None:
        return None
    viewer = viewers(credentials=[credential], now=now).get(credential)
    return None if viewer is None else (credential, viewer)


def _code_of(ended: asyncio.Task[CloseCode]) -> int:
    """Without a reason the speaking itself broke: the browser comes again."""
    return ended.result() if ended.done() and not ended.cancelled() else CloseCode.TRY_AGAIN


def _after(scope: dict[str, Any]) -> str:
    query = scope["query_string"][:QUERY_BYTES_MAX].decode("latin-1")
    return parse_qs(query).get("after", [""])[-1]
