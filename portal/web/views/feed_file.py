"""`GET /calendar/<secret>.ics`: read by calendar programs, which sign in nowhere. The address itself is the secret.

So the address is written into no log: Django logs the path of whatever is answered with 400 or more, unless the answer
says that this was done already. Every answer has words of its own, so that none is replaced by a page.
"""

import hashlib
from collections.abc import Callable
from functools import wraps

import structlog
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseNotFound
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.csrf import csrf_exempt

from portal.calendars.contents import events_of, name_of
from portal.calendars.events import calendar_text
from portal.calendars.feeds import feed_behind, touch

log = structlog.get_logger(__name__)
_READING = ("GET", "HEAD")
_WORDS = "text/plain; charset=utf-8"
_HEADERS = {
    "Cache-Control": "private, no-cache",  # kept by the one who asked, and asked about each time
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Content-Disposition": 'inline; filename="heddle.ics"',
}

View = Callable[[HttpRequest, str], HttpResponse]


def unlogged(view: View) -> View:
    """No answer of it, whatever happens, brings its address into the logs."""

    @wraps(view)
    def quiet(request: HttpRequest, secret: str) -> HttpResponse:
        try:
            response = view(request, secret)
        except Exception:
            log.exception("A calendar could not be read")
            response = HttpResponse(
                "Try again later.\n", status=503, content_type=_WORDS, headers={"Retry-After": "60"}
            )
        response._has_been_logged = True  # type: ignore[attr-defined]  # Django's own name for it
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return quiet


@csrf_exempt  # nothing is changed by it, and its refusal would be logged
@unlogged
def feed_file(request: HttpRequest, secret: str) -> HttpResponse:
    """404 for an unknown one, one that was replaced, and one whose user may not see any more what it is of."""
    if request.method not in _READING:
        return HttpResponseNotAllowed(_READING, "A calendar can only be read.\n", content_type=_WORDS)
    now, feed = timezone.now(), feed_behind(secret=secret)
    events = events_of(feed=feed, now=now) if feed is not None else None
    if feed is None or events is None:
        return HttpResponseNotFound("There is no such calendar.\n", content_type=_WORDS)
    touch(feed=feed, now=now)
    text = calendar_text(name=name_of(feed), events=events)
    etag = f'"{hashlib.sha256(text).hexdigest()}"'
    answer = HttpResponse(text, content_type="text/calendar; charset=utf-8", headers={"ETag": etag})
    return get_conditional_response(request, etag=etag, response=answer) or answer
