"""Django behind an ASGI server, for everything that does not wait: one thread runs a request from end to end.

Django's own handler awaits each middleware and the view by themselves, and since most of them are ordinary functions it
goes to a thread and back for every one: some fifteen times for a page of ours, which costs more than many of its
queries (docs/benchmarks.md, Servers). Here the chain is the ordinary one, as under WSGI, and is entered once.

A view that is a coroutine would hold its thread here; `portal.asgi` sends those the other way.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from contextvars import copy_context
from functools import partial
from io import BytesIO
from typing import IO, Any, cast

from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.http import HttpResponse
from django.urls import set_script_prefix

from portal.api.same_call import ANOTHER_LOOK, until_answered
from portal.turned_away import turned_away

THREADS = 16  # as many as the role has database connections, of which long polls and live pages take some for moments
PENDING_MAX = 16 * THREADS  # run or queued; a call that queues longer than that is better sent again
HEALTH = "/healthz"  # asks for nothing but the process, so it is answered in the loop however busy the threads are
SAFE_METHODS = frozenset({"GET", "HEAD"})
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class OneHop(ASGIHandler):
    def __init__(self) -> None:
        self.load_middleware(is_async=False)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="request")
        self._room = threading.BoundedSemaphore(PENDING_MAX)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Whoever hangs up meanwhile does not stop what was begun: a thread cannot be stopped, and need not be."""
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        context = copy_context()
        with closing(body):
            sent = body.read()

        async def look(is_again: bool) -> HttpResponse:
            """With a body of its own, since it is closed with the answer."""
            seen = scope | {ANOTHER_LOOK: is_again}
            answered = partial(context.run, self._answered, seen, BytesIO(sent))
            return answered() if _is_health(scope) else await self._in_thread(answered, scope)

        await self.send_response(await until_answered(look), send)

    async def _in_thread(self, answered: Callable[[], HttpResponse], scope: Scope) -> HttpResponse:
        """Room is given back by the thread that is done, not by who waits for it: they may be gone long before."""
        if not self._room.acquire(blocking=False):
            request, failed = self.create_request(scope, BytesIO())
            return cast(HttpResponse, failed) if request is None else turned_away(request)
        running = self._threads.submit(answered)
        running.add_done_callback(lambda _: self._room.release())
        return await asyncio.wrap_future(running)

    def _answered(self, scope: Scope, body: IO[bytes]) -> HttpResponse:
        """Whole, and closed with all that hangs on it, so that nothing is held while it is sent.

        What would stream is read to its end here; files of ours, the one long thing, go the other way.
        """
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=type(self), scope=scope)
        request, failed = self.create_request(scope, body)
        response: Any = failed if request is None else self.get_response(request)
        response._handler_class = type(self)  # whom the signal of its end names
        whole: HttpResponse = _whole(response) if response.streaming else response
        response.close()
        return whole


def _is_health(scope: Scope) -> bool:
    return scope["path"] == HEALTH and scope["method"] in SAFE_METHODS


def _whole(response: Any) -> HttpResponse:
    made = HttpResponse(b"".join(response), status=response.status_code, reason=response.reason_phrase)
    made.headers, made.cookies = response.headers, response.cookies
    return made
