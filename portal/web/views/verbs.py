"""Cancel, end early, confirm: a page that says plainly what will happen, and the act itself."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from portal.access import actor_of, reservation_for
from portal.web.pages import page, render_page
from portal.web.present.reservations import reservation_lines
from portal.web.present.verbs import verb_view
from portal.web.queries import class_names
from scheduler import limits
from scheduler.models import Reservation
from scheduler.queries.reservations import reservation_row
from scheduler.reading import Reader, clean_text
from scheduler.refusals import Refused, Stale, WrongState
from scheduler.services.cancel import cancel
from scheduler.services.confirm import confirm
from scheduler.services.release import release

ACTS: dict[str, Callable[..., Reservation]] = {"cancel": cancel, "release": release, "confirm": confirm}


@page
def verb(request: HttpRequest, code: str, verb: str) -> HttpResponse:
    """The form carries the version it was shown at: whoever saw an older one is shown the present and asked again."""
    if verb not in ACTS:
        raise Http404
    reservation = reservation_for(request, code, to_change=True)
    if request.method != "POST":
        return _ask(request, reservation, verb)
    reader = Reader()
    reason = clean_text(reader, request.POST.get("reason", ""), "reason", longest=limits.REASON_CHARS_MAX)
    if reader.errors:
        return _ask(request, reservation, verb, trouble=reader.errors[0].message, status=400)
    said = {} if verb == "confirm" else {"reason": reason}
    try:
        ACTS[verb](
            reservation=reservation,
            by=actor_of(request),
            now=timezone.now(),
            expected_version=shown_version(request),
            **said,
        )
    except Stale:
        return _ask(request, reservation_for(request, code), verb, trouble=CHANGED, status=412)
    except WrongState as wrong:
        return _ask(request, reservation_for(request, code), verb, trouble=str(wrong), status=409)
    except Refused as busy:
        return _ask(request, reservation_for(request, code), verb, trouble=busy.refusals[0].message, status=409)
    return redirect("web:reservation", code)


def _ask(
    request: HttpRequest, reservation: Reservation, verb: str, *, trouble: str = "", status: int = 200
) -> HttpResponse:
    now = timezone.now()
    line = reservation_lines([reservation_row(reservation)], names=class_names(), now=now)[0]
    context = {
        "area": "reservations",
        "line": line,
        "version": reservation.version,
        "act": verb_view(verb, reservation=reservation, now=now),
        "trouble": trouble,
        "reason": request.POST.get("reason", ""),
    }
    return render_page(request, "reservations/verb_page.html", context, status=status)


def shown_version(request: HttpRequest) -> int | None:
    """None, where the form was not ours, guards nothing: the same as a call without If-Match."""
    typed = request.POST.get("version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None


CHANGED = "It has changed since you opened this page. This is how it is now; do you still want it?"
