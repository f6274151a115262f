"""Every exception → one problem document. Nothing leaves the API as a bare error."""

import logging
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.http.multipartparser import MultiPartParserError
from rest_framework import exceptions
from rest_framework.response import Response

from portal.api.problems import CONTENT_TYPE, Problem, document
from portal.api.throttling import Throttled
from portal.api.v1.wire import alternative_wire, error_wire, refusal_wire
from scheduler import limits
from scheduler.refusals import FieldError, Invalid, RefusalCode, Refused, Stale, WrongState
from scheduler.services.idempotency import KeyReused, StillRunning

UNAVAILABLE_RETRY_SECONDS = 1
_log = logging.getLogger(__name__)

Answer = tuple[Problem, str, dict[str, Any], dict[str, str]]  # which problem, detail, more members, headers


class TooLarge(Exception):
    """The body is longer than BODY_BYTES_MAX (413)."""


def handle(exc: Exception, context: Mapping[str, Any]) -> Response:
    """What the framework calls for whatever a view raises, and so for its own errors too."""
    problem, detail, more, headers = _answer(exc)
    if problem is Problem.INTERNAL:
        _log.error("a view of the API failed", exc_info=exc)
    elif problem is Problem.UNAVAILABLE:
        _log.warning("the database did not answer: %s", exc)
    response = problem_response(context["request"], problem, detail=detail, headers=headers, **more)
    response.is_still_running = problem is Problem.STILL_RUNNING  # type: ignore[attr-defined]  # for `same_call`
    return response


def problem_response(
    request: Any, problem: Problem, *, detail: str, headers: Mapping[str, str] | None = None, **more: Any
) -> Response:
    body = document(problem, detail=detail, request_id=getattr(request, "request_id", ""), **more)
    return Response(body, status=problem.value.status, headers=dict(headers or {}), content_type=CONTENT_TYPE)


def plain_problem(request: HttpRequest, problem: Problem, *, detail: str, **more: Any) -> JsonResponse:
    """The same outside the framework: for Django's own error handlers on paths of the API."""
    body = document(problem, detail=detail, request_id=getattr(request, "request_id", ""), **more)
    return JsonResponse(body, status=problem.value.status, content_type=CONTENT_TYPE)


def _answer(exc: Exception) -> Answer:
    match exc:
        case Invalid():
            return Problem.INVALID, str(exc), {"errors": [error_wire(error) for error in exc.errors]}, {}
        case Refused():
            return _refused(exc)
        case WrongState():
            return Problem.WRONG_STATE, str(exc), {"state": exc.state}, {}
        case Stale():
            return Problem.STALE, str(exc), {"version": exc.version}, {}
        case KeyReused():
            return Problem.KEY_REUSED, str(exc), {}, {}
        case StillRunning():
            return Problem.STILL_RUNNING, str(exc), {}, {"Retry-After": str(exc.retry_after_seconds)}
        case Throttled():
            return Problem.THROTTLED, str(exc), {}, {"Retry-After": str(exc.retry_after_seconds)}
        case TooLarge():
            error = FieldError("body", "too_large", f"At most {limits.BODY_BYTES_MAX} bytes are read.")
            return Problem.TOO_LARGE, error.message, {"errors": [error_wire(error)]}, {}
        case OperationalError() | InterfaceError():
            return (
                Problem.UNAVAILABLE,
                "The database did not answer.",
                {},
                {"Retry-After": str(UNAVAILABLE_RETRY_SECONDS)},
            )
        case exceptions.APIException():
            return _of_framework(exc)
        case Http404():
            return Problem.NOT_FOUND, str(exc) or "There is no such thing.", {}, {}
        case PermissionDenied():
            return Problem.FORBIDDEN, str(exc) or "You may not do this.", {}, {}
        case SuspiciousOperation() | MultiPartParserError():
            return Problem.INVALID, "The request cannot be read.", {"errors": []}, {}
        case _:
            return Problem.INTERNAL, "Nothing half-done was kept. Quote the request id when you ask about it.", {}, {}


def _refused(exc: Refused) -> Answer:
    is_busy = any(refusal.code == RefusalCode.POOL_BUSY for refusal in exc.refusals)
    more = {
        "proven": exc.is_proven,
        "refusals": [refusal_wire(refusal) for refusal in exc.refusals],
        "alternatives": [alternative_wire(alternative) for alternative in exc.alternatives],
    }
    detail = " ".join(refusal.message for refusal in exc.refusals)
    headers = {"Retry-After": str(limits.POOL_BUSY_RETRY_SECONDS)} if is_busy else {}
    return Problem.POOL_BUSY if is_busy else Problem.REFUSED, detail, more, headers


_BY_STATUS = {
    400: Problem.INVALID,
    401: Problem.UNAUTHENTICATED,
    403: Problem.FORBIDDEN,
    404: Problem.NOT_FOUND,
    405: Problem.METHOD_NOT_ALLOWED,
    406: Problem.NOT_ACCEPTABLE,
    415: Problem.UNSUPPORTED_MEDIA_TYPE,
    429: Problem.THROTTLED,
}


def _of_framework(exc: exceptions.APIException) -> Answer:
    problem = _BY_STATUS.get(exc.status_code, Problem.INTERNAL)
    headers: dict[str, str] = {}
    if challenge := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(exc, "wait", None):
        headers["Retry-After"] = str(int(wait))
    more: dict[str, Any] = {"errors": []} if problem is Problem.INVALID else {}
    return problem, str(exc.detail), more, headers
