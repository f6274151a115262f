"""What is shown when there is nothing else to show; always with a way back.

These are the framework's last resort on every path: a program that asked the API is told in a problem document.
"""

import sys

from django.core.exceptions import TooManyFieldsSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.api.errors import plain_problem
from portal.api.problems import Problem
from scheduler import limits

RETRY_SECONDS = "5"
_WORDS = {
    400: ("That cannot be read", "Something in the address or the form is not as it should be. Nothing was changed."),
    403: ("Not yours to change", "You may not do this here. A lead of the project can give you the role that may."),
    404: ("Nothing here", "There is no such page, or it belongs to a project you are not part of."),
    409: ("It has moved on", "This no longer applies in the present state. Nothing was changed."),
    412: (
        "Changed in the meantime",
        "Somebody, or the schedule, changed this after you opened it. Look again, then go on.",
    ),
    500: (
        "That went wrong on our side",
        "Nothing half-done was kept. The number below helps an operator to find the cause.",
    ),
    503: ("Not ready yet", "The portal or its database is just starting or stopping. Try again in a moment."),
}
_API = "/api/"
_PROBLEMS = {
    400: Problem.INVALID,
    403: Problem.FORBIDDEN,
    404: Problem.NOT_FOUND,
    500: Problem.INTERNAL,
    503: Problem.UNAVAILABLE,
}
_MOST = f"{limits.GROUPS_MAX} groups of {limits.LINES_PER_GROUP_MAX} lines"
TOO_LONG_A_MIX = f"mix: at most {_MOST} can be asked for. Nothing was booked."


def error_page(request: HttpRequest, status: int, *, detail: str = "", back: str = "/") -> HttpResponse:
    title, words = _WORDS[status]
    if request.path.startswith(_API):
        return _problem(request, _PROBLEMS[status], detail)
    context = {
        "status": status,
        "title": title,
        "words": detail or words,
        "back": back,
        "request_id": getattr(request, "request_id", ""),
    }
    return render(request, "error.html", context, status=status)


def _problem(request: HttpRequest, problem: Problem, detail: str) -> HttpResponse:
    """What pages say of themselves would only mislead a program. An invalid call always lists its errors."""
    more: dict[str, list[str]] = {"errors": []} if problem is Problem.INVALID else {}
    return plain_problem(request, problem, detail=detail or f"{problem.value.title}.", **more)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, TooManyFieldsSent):
        return error_page(request, 400, detail=TOO_LONG_A_MIX)  # only the mix can grow that far
    return error_page(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, 404)


def broken(request: HttpRequest) -> HttpResponse:
    """A database that is away is not a fault of the page, and passes."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        response = error_page(request, 503)
        response.headers["Retry-After"] = RETRY_SECONDS
        return response
    return error_page(request, 500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was not sent from a page of ours, or the cookie has gone: named by `CSRF_FAILURE_VIEW`."""
    return error_page(
        request, 403, detail="The form could not be tied to your session. Go back, reload and send it again."
    )
