"""Around every answer: the request's id, and the headers that keep a page of ours from doing what it should not."""

import re
from collections.abc import Awaitable, Callable
from typing import cast
from uuid import uuid4

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponseBase
from structlog.contextvars import bound_contextvars

from portal.web.csp import header_of, policy_in_force
from portal.web.views.errors import speechless

REQUEST_ID_HEADER = "X-Request-ID"
_SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{7,63}", re.ASCII)
_PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"

Answer = Callable[[HttpRequest], HttpResponseBase]
LaterAnswer = Callable[[HttpRequest], Awaitable[HttpResponseBase]]


class _Around:
    """Serves both kinds of chain, so that no request hops to a thread on our account."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Answer | LaterAnswer) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)  # type: ignore[type-var]  # an instance serves as well as a function


class RequestIdMiddleware(_Around):
    """Take the caller's id if it is sane, else make one: it reaches the logs, the journal and the fabric call."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        request.request_id = request_id_of(request)  # type: ignore[attr-defined]
        if self.is_async:
            return self._later(request)
        with bound_contextvars(request_id=request.request_id):  # type: ignore[attr-defined]
            return _stamped(cast(Answer, self.get_response)(request), request)

    async def _later(self, request: HttpRequest) -> HttpResponseBase:
        with bound_contextvars(request_id=request.request_id):  # type: ignore[attr-defined]
            return _stamped(await cast(LaterAnswer, self.get_response)(request), request)


class SecurityHeadersMiddleware(_Around):
    """Content security policy and its friends; Django's own sets nosniff, referrer and transport security."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self.is_async:
            return self._later(request)
        return secured(cast(Answer, self.get_response)(request))

    async def _later(self, request: HttpRequest) -> HttpResponseBase:
        return secured(await cast(LaterAnswer, self.get_response)(request))


class SpeechlessMiddleware(_Around):
    """No answer of ours is an empty page."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self.is_async:
            return self._later(request)
        response = cast(Answer, self.get_response)(request)
        return speechless(request, response) or response

    async def _later(self, request: HttpRequest) -> HttpResponseBase:
        response = await cast(LaterAnswer, self.get_response)(request)
        return speechless(request, response) or response


def request_id_of(request: HttpRequest) -> str:
    given = request.headers.get(REQUEST_ID_HEADER, "")
    return given if _SANE.fullmatch(given) else f"req-{uuid4().hex}"


def secured(response: HttpResponseBase) -> HttpResponseBase:
    policy = getattr(response, "_csp_config", None) or policy_in_force()
    response.headers.setdefault("Content-Security-Policy", header_of(policy))
    response.headers.setdefault("Permissions-Policy", _PERMISSIONS)
    response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    return response


def _stamped(response: HttpResponseBase, request: HttpRequest) -> HttpResponseBase:
    response.headers[REQUEST_ID_HEADER] = request.request_id  # type: ignore[attr-defined]
    return response
