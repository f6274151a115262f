"""Where a page stands in the journal: taken before the view reads anything, so that what happens meanwhile comes."""

from collections.abc import Awaitable, Callable
from typing import cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from scheduler.queries.journal import latest_cursor

Answer = Callable[[HttpRequest], HttpResponseBase]
LaterAnswer = Callable[[HttpRequest], Awaitable[HttpResponseBase]]
_NEVER_PAGES = ("/api/", "/static/", "/healthz", "/readyz")


class LivePositionMiddleware:
    """Sets `request.live_after` on whole pages for people who are signed in; one query. Elsewhere it is empty."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Answer | LaterAnswer) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if iscoroutinefunction(self):
            return self._later(request)
        request.live_after = _position(request)  # type: ignore[attr-defined]
        return cast(Answer, self.get_response)(request)

    async def _later(self, request: HttpRequest) -> HttpResponseBase:
        request.live_after = await sync_to_async(_position)(request)  # type: ignore[attr-defined]
        return await cast(LaterAnswer, self.get_response)(request)


def _position(request: HttpRequest) -> str:
    is_page = request.method == "GET" and "HX-Request" not in request.headers
    if not is_page or settings.SESSION_COOKIE_NAME not in request.COOKIES or request.path.startswith(_NEVER_PAGES):
        return ""
    return str(latest_cursor().id)
