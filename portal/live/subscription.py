"""What the hub has for one socket and the socket has not sent yet; bounded, so that a slow reader costs no memory."""

import asyncio
from collections import deque
from collections.abc import Sequence
from enum import IntEnum

from portal.live.viewers import Viewer
from scheduler.queries.journal import EntryRow

ENTRIES_WAITING_MAX = 1_000
"""Entries are shared by all sockets; what waits here is at most a reading or two behind."""


class CloseCode(IntEnum):
    """Why we end a socket; from 4000 on they are ours."""

    TRY_AGAIN = 1013  # too slow: resume from the last id
    TOO_TALKATIVE = 1008  # nothing is expected from browsers
    SIGNED_OUT = 4401  # the session no longer stands


class Subscription:
    """One socket's place in the hub."""

    def __init__(self, *, session_key: str, viewer: Viewer) -> None:
        self.session_key = session_key
        self.viewer = viewer
        self._readings: deque[Sequence[EntryRow]] = deque()
        self._waiting = 0
        self._news = asyncio.Event()
        self._ended: asyncio.Future[CloseCode] = asyncio.get_running_loop().create_future()

    def offer(self, entries: Sequence[EntryRow]) -> None:
        """Add one reading, or end the socket if it is too far behind."""
        if self._ended.done():
            return
        if self._waiting + len(entries) > ENTRIES_WAITING_MAX:
            self.end(CloseCode.TRY_AGAIN)
            return
        self._readings.append(entries)
        self._waiting += len(entries)
        self._news.set()

    def end(self, code: CloseCode) -> None:
        """The first reason stays."""
        if not self._ended.done():
            self._ended.set_result(code)
        self._readings.clear()
        self._waiting = 0

    async def take(self) -> Sequence[EntryRow]:
        """The next reading, waiting for it if need be."""
        while not self._readings:
            self._news.clear()
            await self._news.wait()
        entries = self._readings.popleft()
        self._waiting -= len(entries)
        return entries

    async def ended(self) -> CloseCode:
        """Wait for the end, and tell the reason."""
        return await asyncio.shield(self._ended)
