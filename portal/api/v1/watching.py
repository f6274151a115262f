"""Wait for a reservation's state without a thread, a connection or a query of one's own.

One watcher an event loop asks once a second for the states of everything that anybody waits for. It starts with
the first who waits and ends with the last.
"""

import asyncio
import contextvars
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from asgiref.sync import SyncToAsync, sync_to_async
from django.db import DatabaseError, connections

from scheduler.models import Reservation
from scheduler.states import ReservationState

LOOK_SECONDS = 1.0
Met = Callable[[ReservationState], bool]
_log = logging.getLogger(__name__)


async def wait_until(code: str, met: Met, *, seconds: float) -> None:
    """Return when the state meets the wish, or when the time is up; who calls looks for themselves which it was."""
    watcher = _watchers.setdefault(asyncio.get_running_loop(), _Watcher())
    try:
        await asyncio.wait_for(watcher.wait(code, met), timeout=seconds)
    except TimeoutError:
        return


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


@dataclass
class _Watcher:
    wishes: dict[asyncio.Future[None], tuple[str, Met]] = field(default_factory=dict)
    task: "asyncio.Task[None] | None" = None

    async def wait(self, code: str, met: Met) -> None:
        wish: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.wishes[wish] = (code, met)
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self._watch(), context=contextvars.Context())
        try:
            await wish
        finally:
            del self.wishes[wish]

    async def _watch(self) -> None:
        while self.wishes:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                states = await sync_to_async(_states, thread_sensitive=False)(
                    {code for code, _ in self.wishes.values()}
                )
            except DatabaseError as error:
                _log.warning("cannot look at what is waited for: %s", error)
                continue
            self._wake(states)

    def _wake(self, states: dict[str, ReservationState]) -> None:
        for wish, (code, met) in self.wishes.items():
            if code in states and met(states[code]) and not wish.done():
                wish.set_result(None)


_watchers: "WeakKeyDictionary[asyncio.AbstractEventLoop, _Watcher]" = WeakKeyDictionary()


def _states(codes: Collection[str]) -> dict[str, ReservationState]:
    try:
        found = Reservation.objects.filter(code__in=list(codes)).values_list("code", "state")
        return {code: ReservationState(state) for code, state in found}
    finally:
        let_connections_go()
