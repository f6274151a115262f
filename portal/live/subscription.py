"""What the hub has for one socket and the socket has not sent yet; bounded, so that a slow reader costs no memory."""

import asyncio
from collections import deque
from enum import IntEnum

from portal.live.reading import Reading
from portal.standing import Credential, Viewer

ENTRIES_WAITING_MAX = 1_000
"""Entries are shared by all sockets; what waits here is at most a reading or two behind."""


class CloseCode(IntEnum):
    """Why we end a socket; from 4000 on they are ours."""

    TRY_AGAIN = 1013  # too slow: resume from the last id
    TOO_TALKATIVE = 1008  # nothing is expected from browsers
    SIGNED_OUT = 4401  # the session or the token no longer stands


class Subscription:
    """One socket's place in the hub."""

    def __init__(self, *, credential: Credential, viewer: Viewer) -> None:
        self.credential = credential
        self.viewer = viewer
        self._readings: deque[Reading] = deque()
        self._waiting = 0
        self._news: asyncio.Future[None] | None = None  # while somebody waits; cheaper than an event, a thousand times
        self._ended: asyncio.Future[CloseCode] = asyncio.get_running_loop().create_future()

    def offer(self, reading: Reading) -> None:
        """Add one, or end the socket if it is too far behind."""
        if self._ended.done():
            return
        if self._waiting + reading.size > ENTRIES_WAITING_MAX:
            self.end(CloseCode.TRY_AGAIN)
            return
        self._readings.append(reading)
        self._waiting += reading.size
        if self._news is not None and not self._news.done():
            self._news.set_result(None)

    def end(self, code: CloseCode) -> None:
        """The first reason stays."""
        if not self._ended.done():
            self._ended.set_result(code)
        self._readings.clear()
        self._waiting = 0

    def take(self) -> Reading | None:
        """The next reading, if there is one."""
        if not self._readings:
            return None
        reading = self._readings.popleft()
        self._waiting -= reading.size
        return reading

    def news(self) -> asyncio.Future[None]:
        """Done when there may be something to take."""
        self._news = asyncio.get_running_loop().create_future()
        return self._news

    async def ended(self) -> CloseCode:
        """Wait for the end, and tell the reason."""
        return await asyncio.shield(self._ended)
