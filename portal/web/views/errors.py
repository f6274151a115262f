"""What is shown when there is nothing else to show; always with a way back.

These are the framework's last resort on every path: a program that asked the API is told in a problem document.
"""

import sys
from urllib.parse import urlsplit

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from portal.api.errors import plain_problem
from portal.api.problems import Problem
from portal.web.present.errors import DEAD_ENDS
from scheduler import limits

RETRY_SECONDS = "5"
_API = "/api/"
_PROBLEMS = {
    400: Problem.INVALID,
    403: Problem.FORBIDDEN,
    404: Problem.NOT_FOUND,
    500: Problem.INTERNAL,
    503: Problem.UNAVAILABLE,
}
_SILENT = frozenset({405, 413, 429, 503})
_SILENT_HEADERS = frozenset({"Allow", "Retry-After"})
_MOST = f"{limits.GROUPS_MAX} groups of {limits.LINES_PER_GROUP_MAX} lines"
TOO_LONG_A_MIX = f"mix: at most {_MOST} can be asked for. Nothing was booked."


def error_page(request: HttpRequest, status: int, *, detail: str = "", back: str = "") -> HttpResponse:
    """`back` is the page to look at again; without it there is a way to where the person came from.

    Asks the database nothing, not even who is there: it may be what has failed.
    """
    if request.path.startswith(_API):
        return _problem(request, _PROBLEMS[status], detail)
    end = DEAD_ENDS[status]
    context = {
        "status": status,
        "title": end.title,
        "happened": detail or end.happened,
        "remedy": end.remedy,
        "again": back,
        "came_from": "" if back else _came_from(request),
        "theme": getattr(getattr(request, "_cached_user", None), "theme", ""),
        "request_id": getattr(request, "request_id", ""),
    }
    return render(request, "error.html", context, status=status)


def speechless(request: HttpRequest, response: HttpResponseBase) -> HttpResponse | None:
    """Words for an answer of the framework that has none, such as to a form's address that was opened as a page."""
    is_silent = isinstance(response, HttpResponse) and not response.content
    if not is_silent or response.status_code not in _SILENT or request.path.startswith(_API):
        return None
    spoken = error_page(request, response.status_code)
    for name in _SILENT_HEADERS & set(response.headers):
        spoken.headers[name] = response.headers[name]
    return spoken


def _came_from(request: HttpRequest) -> str:
    """The page of ours that led here, if it is another one."""
    try:
        referrer = urlsplit(request.META.get("HTTP_REFERER", ""))
    except ValueError:
        return ""
    is_ours = referrer.netloc != "" and referrer.netloc == request.META.get("HTTP_HOST")
    is_safe = is_ours and url_has_allowed_host_and_scheme(referrer.path, allowed_hosts=None)
    return referrer._replace(scheme="", netloc="").geturl() if is_safe and referrer.path != request.path else ""


def _problem(request: HttpRequest, problem: Problem, detail: str) -> HttpResponse:
    """What pages say of themselves would only mislead a program. An invalid call always lists its errors."""
    more: dict[str, list[str]] = {"errors": []} if problem is Problem.INVALID else {}
    return plain_problem(request, problem, detail=detail or f"{problem.value.title}.", **more)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig) and not request.path.startswith(_API):
        return error_page(request, 413)
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
