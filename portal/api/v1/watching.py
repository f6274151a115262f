"""Wait for a reservation's state without a thread, a connection or a query of one's own.

One watcher an event loop asks once a second for the states of everything that anybody waits for, and whether those who
wait still may. It starts with the first who waits and ends with the last.
"""

import asyncio
import contextvars
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from asgiref.sync import SyncToAsync, sync_to_async
from django.db import DatabaseError, connections
from django.utils import timezone

from portal.standing import Credential, Viewer, viewers
from scheduler.models import Reservation
from scheduler.states import ReservationState

LOOK_SECONDS = 1.0
LOOKS_AT_ONCE = 8  # half of the role's database connections: one change may end the waits of hundreds together
Met = Callable[[ReservationState], bool]
_log = logging.getLogger(__name__)


async def wait_until(code: str, met: Met, *, credential: Credential, seconds: float) -> None:
    """Return when the state meets the wish, when who waits may no longer see it, or when the time is up.

    Who calls looks for themselves which it was.
    """
    watcher = _watchers.setdefault(asyncio.get_running_loop(), _Watcher())
    try:
        await asyncio.wait_for(watcher.wait(_Wish(code, met, credential)), timeout=seconds)
    except TimeoutError:
        return


def turn_to_look() -> asyncio.Semaphore:
    """To be held around a look of one's own, which takes a thread and a database connection."""
    return _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(LOOKS_AT_ONCE))


def let_thread_go() -> None:
    """Give back the thread that the framework keeps for this request; it makes a new one when it needs one."""
    context = SyncToAsync.thread_sensitive_context.get(None)
    executor = SyncToAsync.context_to_thread_executor.pop(context, None) if context is not None else None
    if executor is not None:
        executor.shutdown(wait=False)


def let_connections_go() -> None:
    """Give this thread's database connections back, but for one in the middle of somebody's transaction."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()


@dataclass(frozen=True, slots=True)
class _Wish:
    code: str
    met: Met
    credential: Credential


@dataclass(frozen=True, slots=True)
class _Look:
    """Of all that is waited for: its state and project, and who of those who wait sees what."""

    found: Mapping[str, tuple[ReservationState, int]]
    viewers: Mapping[Credential, Viewer]

    def ends(self, wish: _Wish) -> bool:
        viewer = self.viewers.get(wish.credential)
        if viewer is None or wish.code not in self.found:
            return True
        state, project_id = self.found[wish.code]
        return wish.met(state) or not viewer.reaches(project_id)


@dataclass
class _Watcher:
    wishes: dict[asyncio.Future[None], _Wish] = field(default_factory=dict)
    task: "asyncio.Task[None] | None" = None

    async def wait(self, wish: _Wish) -> None:
        granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.wishes[granted] = wish
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self._watch(), context=contextvars.Context())
        try:
            await granted
        finally:
            del self.wishes[granted]

    async def _watch(self) -> None:
        while self.wishes:
            await asyncio.sleep(LOOK_SECONDS)
            asked = dict(self.wishes)
            try:
                look = await sync_to_async(_look, thread_sensitive=False)(list(asked.values()))
            except DatabaseError as error:
                _log.warning("cannot look at what is waited for: %s", error)
                continue
            for granted, wish in asked.items():
                if not granted.done() and look.ends(wish):
                    granted.set_result(None)


_turns: "WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore]" = WeakKeyDictionary()
_watchers: "WeakKeyDictionary[asyncio.AbstractEventLoop, _Watcher]" = WeakKeyDictionary()


def _look(wishes: Collection[_Wish]) -> _Look:
    """At most six queries, however many wait."""
    try:
        rows = Reservation.objects.filter(code__in={wish.code for wish in wishes})
        found = {
            code: (ReservationState(state), project_id)
            for code, state, project_id in rows.values_list("code", "state", "project_id")
        }
        return _Look(found, viewers(credentials={wish.credential for wish in wishes}, now=timezone.now()))
    finally:
        let_connections_go()
