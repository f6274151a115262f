"""Every answer of this process, by route and status, and how long it took."""

import time
from collections.abc import Awaitable
from typing import cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponseBase
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector

from portal.web.middleware import Answer, LaterAnswer

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)
NO_ROUTE = "none"  # a file of ours, or an address that is no endpoint

OF_PROCESS = CollectorRegistry()
ProcessCollector(registry=OF_PROCESS)
answered = Counter(
    "heddle_http_requests", "Answers, by route and status.", ("route", "method", "status"), registry=OF_PROCESS
)
lasted = Histogram(
    "heddle_http_request_seconds",
    "How long an answer took, by route; `wait` keeps its caller on purpose.",
    ("route", "method"),
    buckets=SECONDS,
    registry=OF_PROCESS,
)


class MeasuringMiddleware:
    """The outermost but for the request's id, so that what others answer is counted too."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Answer | LaterAnswer) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self.is_async:
            return self._later(request)
        began = time.perf_counter()
        response = cast(Answer, self.get_response)(request)
        _note(request, response, time.perf_counter() - began)
        return response

    async def _later(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        response = await cast(LaterAnswer, self.get_response)(request)
        _note(request, response, time.perf_counter() - began)
        return response


def _note(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    """A call that waits for the same one looks several times, and each look is an answer here."""
    route = request.resolver_match.route if request.resolver_match else NO_ROUTE
    method = request.method if request.method in METHODS else "OTHER"
    answered.labels(route or "/", method, str(response.status_code)).inc()
    lasted.labels(route or "/", method).observe(seconds)
