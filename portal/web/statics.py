"""Our own files under /static/, in both kinds of chain.

The package's middleware is for a chain of coroutines only; in the ordinary one Django would go into an event loop and
back for every request, though hardly any is for a file.
"""

from collections.abc import Awaitable
from typing import cast

from asgiref.sync import async_to_sync, iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from servestatic.middleware import ServeStaticMiddleware

from portal.web.middleware import Answer, LaterAnswer


class StaticFilesMiddleware:
    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Answer | LaterAnswer) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)
        self._files = ServeStaticMiddleware(_nothing)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        found = self._files
        path = request.path_info
        file = found.find_file(path) if found.autorefresh else found.files.get(path)
        if file is None:
            return self.get_response(request)
        if self.is_async:
            return cast(Awaitable[HttpResponseBase], found.aserve(file, request))
        return async_to_sync(found.aserve)(file, request)


async def _nothing(request: HttpRequest) -> HttpResponseBase:
    """What the package's middleware would hand on to; ours does that itself."""
    return HttpResponse(status=404)
