"""What is said to a request that finds no room: at once, without a thread, a session or the database."""

from typing import cast

from django.http import HttpRequest, HttpResponse

from portal.api.errors import UNAVAILABLE_RETRY_SECONDS, plain_problem
from portal.api.problems import Problem
from portal.metrics.requests import MeasuringMiddleware
from portal.web.middleware import RequestIdMiddleware, SecurityHeadersMiddleware

DETAIL = "The server is busy. Nothing was done; try again in a moment."
_API = "/api/"
_WORDS = "text/plain; charset=utf-8"


def turned_away(request: HttpRequest) -> HttpResponse:
    """503, with its id and counted like every answer. The rest of the chain has nothing to say of it."""
    return cast(HttpResponse, _chain(request))


def _busy(request: HttpRequest) -> HttpResponse:
    response: HttpResponse
    if request.path.startswith(_API):
        response = plain_problem(request, Problem.UNAVAILABLE, detail=DETAIL)
    else:
        response = HttpResponse(f"{DETAIL}\n", status=Problem.UNAVAILABLE.value.status, content_type=_WORDS)
    response.headers["Retry-After"] = str(UNAVAILABLE_RETRY_SECONDS)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


_chain = RequestIdMiddleware(MeasuringMiddleware(SecurityHeadersMiddleware(_busy)))  # type: ignore[arg-type]
