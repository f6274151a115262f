"""One hub a process: reads what is new in the journal once, and hands it to every local socket.

Valkey only says *when* to look. A hint may come before its entry can be read (an older transaction is still open), so
after a hint the hub looks often for a moment; without hints it looks every two seconds, and every second while Valkey
is away. It lives as long as there is a socket.
"""

import asyncio
import logging
from contextlib import suppress
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async
from django.conf import settings
from django.db import Error as DatabaseError
from django.utils import timezone

from portal.live import wake_up
from portal.live.reading import Reading
from portal.live.subscription import CloseCode, Subscription
from portal.standing import viewers
from scheduler.journal_kinds import JournalKind
from scheduler.queries.journal import START, entries_after, latest_cursor

READING_ENTRIES_MAX = 500
LOOK_SECONDS = 2.0
LOOK_DEAF_SECONDS = 1.0
LOOK_EAGER_SECONDS = 0.1
EAGER_FOR_SECONDS = 1.0
HINTS_TOGETHER_SECONDS = 0.02  # after a reading: entries of one transaction are announced one by one
CHECK_VIEWERS_SECONDS = 0.8  # who is signed out, or whose token has run out, falls silent within this
_CHANGE_SIGHT = frozenset(
    {
        JournalKind.MEMBER_ADDED,
        JournalKind.MEMBER_REMOVED,
        JournalKind.MEMBER_CHANGED,
        JournalKind.TOKEN_REVOKED,
        JournalKind.SERVICE_ACCOUNT_REMOVED,
    }
)
_log = logging.getLogger(__name__)


class Hub:
    """Made inside the event loop that it serves; `hub_here` finds it."""

    def __init__(self) -> None:
        self._subscriptions: set[Subscription] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._cursor = START
        self._bell = wake_up.Bell()
        self._eager_until = 0.0
        self._changing = asyncio.Lock()

    @property
    def sockets(self) -> int:
        return len(self._subscriptions)

    def sockets_of(self, *, user_id: int) -> int:
        return sum(subscription.viewer.user_id == user_id for subscription in self._subscriptions)

    async def join(self, subscription: Subscription) -> None:
        """From now on the socket is offered everything that is committed later; what was before it reads itself."""
        async with self._changing:
            if any(task.done() for task in self._tasks):  # broken, and not all it sent away have left yet
                await self._stop()
            if not self._tasks:
                self._cursor = await database_sync_to_async(latest_cursor)()
                hints = wake_up.listen(url=settings.REDIS_URL, bell=self._bell)
                self._tasks = [asyncio.create_task(work) for work in (self._follow(), self._check_regularly(), hints)]
                for task in self._tasks:
                    task.add_done_callback(self._broken)
            self._subscriptions.add(subscription)

    async def leave(self, subscription: Subscription) -> None:
        """The last one turns off the light."""
        async with self._changing:
            self._subscriptions.discard(subscription)
            if not self._subscriptions:
                await self._stop()

    async def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    def _broken(self, task: asyncio.Task[None]) -> None:
        """A hub that died would leave its browsers waiting for ever: send them away, so that they come to a new one."""
        if not task.cancelled() and (error := task.exception()):
            _log.error("live: the hub broke", exc_info=error)
            for subscription in self._subscriptions:
                subscription.end(CloseCode.TRY_AGAIN)

    async def _follow(self) -> None:
        while True:
            try:
                while await self._read():
                    pass
            except DatabaseError as error:
                _log.warning("live: cannot read the journal (%s)", type(error).__name__)
            await self._pause()

    async def _read(self) -> bool:
        """One reading; whether there may be more at once."""
        entries = await database_sync_to_async(entries_after)(
            cursor=self._cursor, limit=READING_ENTRIES_MAX, sees_all=True
        )
        if not entries:
            return False
        if any(entry.kind in _CHANGE_SIGHT for entry in entries):
            await self._check_viewers()  # before these are handed out: who was removed must not see them
        reading = Reading(after=self._cursor, entries=entries)
        self._cursor = entries[-1].cursor
        for subscription in self._subscriptions:
            subscription.offer(reading)
        return len(entries) == READING_ENTRIES_MAX

    async def _pause(self) -> None:
        """Until there is a reason to look; a hint after a quiet time is followed at once."""
        await asyncio.sleep(HINTS_TOGETHER_SECONDS)
        now = asyncio.get_running_loop().time()
        patience = LOOK_SECONDS if self._bell.is_connected else LOOK_DEAF_SECONDS
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_EAGER_SECONDS if now < self._eager_until else patience):
                await self._bell.rung()
            self._eager_until = asyncio.get_running_loop().time() + EAGER_FOR_SECONDS

    async def _check_regularly(self) -> None:
        while True:
            await asyncio.sleep(CHECK_VIEWERS_SECONDS)
            with suppress(DatabaseError):  # while the database is away there is nothing to see either
                await self._check_viewers()

    async def _check_viewers(self) -> None:
        asked = list(self._subscriptions)
        credentials = {subscription.credential for subscription in asked}
        standing = await database_sync_to_async(viewers)(credentials=credentials, now=timezone.now())
        for subscription in asked:
            if viewer := standing.get(subscription.credential):
                subscription.viewer = viewer
            else:
                subscription.end(CloseCode.SIGNED_OUT)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def sockets_here() -> int:
    """Of this process. Asked from any thread."""
    return sum(hub.sockets for hub in list(_hubs.values()))


def hub_here() -> Hub:
    """The hub of this event loop, which in a web process is the process's only one."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]
