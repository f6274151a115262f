"""End a reservation later: choices that say what each would come to, and the act itself."""

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from portal.access import actor_of, reach_of, reservation_for
from portal.web.forms.ending import read_end
from portal.web.pages import page, render_page
from portal.web.present.extend import ExtendView, extend_view
from portal.web.present.reservations import reservation_lines
from portal.web.queries import class_names
from portal.web.toasts import say
from portal.web.views.verbs import CHANGED, shown_version
from scheduler import limits
from scheduler.models import Reservation
from scheduler.queries.reservations import reservation_row
from scheduler.refusals import FieldError, Invalid, Refused, Stale, WrongState
from scheduler.services.extend import extend, outlook

STEPS = (timedelta(hours=1), timedelta(hours=4))


@page
def extend_reservation(request: HttpRequest, code: str) -> HttpResponse:
    """GET shows the choices, and a time that was typed among them; POST does it."""
    reservation = reservation_for(request, code, to_change=True)
    typed = request.POST if request.method == "POST" else request.GET
    is_asked = request.method == "POST" or "until" in typed
    ends_at = read_end(typed.dict()) if is_asked else None
    if request.method != "POST" or not isinstance(ends_at, datetime):
        return _ask(request, reservation, ends_at)
    try:
        extend(
            reservation=reservation,
            ends_at=ends_at,
            by=actor_of(request),
            now=timezone.now(),
            expected_version=shown_version(request),
            sees=reach_of(request).project_ids,
        )
    except Stale:
        return _ask(request, reservation_for(request, code), ends_at, trouble=CHANGED, status=412)
    except WrongState as wrong:
        return _ask(request, reservation_for(request, code), None, trouble=str(wrong), status=409)
    except Invalid as invalid:
        return _ask(request, reservation_for(request, code), invalid.errors[0])
    except Refused as refused:
        return _ask(request, reservation_for(request, code), ends_at, refused=refused, status=409)
    say(request, f"Extended: it ends {timezone.localtime(reservation.ends_at):%a %-d %b, %H:%M} now.")
    return redirect("web:reservation", code)


def _ask(
    request: HttpRequest,
    reservation: Reservation,
    ends_at: datetime | FieldError | None,
    *,
    trouble: str = "",
    refused: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    view, why_not = _outlook(request, reservation, ends_at, now)
    error = ends_at if isinstance(ends_at, FieldError) else why_not if isinstance(why_not, FieldError) else None
    context = {
        "area": "reservations",
        "line": reservation_lines([reservation_row(reservation)], names=class_names(), now=now)[0],
        "version": reservation.version,
        "it": view,
        "error": error,
        "refused": [refusal.message for refusal in refused.refusals] if refused else [],
        "trouble": trouble or (str(why_not) if isinstance(why_not, WrongState) else ""),
        "until": (request.POST if request.method == "POST" else request.GET).get("until", ""),
        "zone": timezone.get_current_timezone_name(),
    }
    if status == 200 and (view is None or error is not None):
        status = 409 if view is None else 400
    return render_page(request, "reservations/extend_page.html", context, status=status)


def _outlook(
    request: HttpRequest, reservation: Reservation, ends_at: datetime | FieldError | None, now: datetime
) -> tuple[ExtendView | None, FieldError | WrongState | None]:
    """The choices, and why what was asked is none of them; no choices where its state allows none."""
    longest = reservation.starts_at + timedelta(minutes=limits.DURATION_MINUTES_MAX)
    ends = [end for step in STEPS if (end := reservation.ends_at + step) <= longest]
    asked = ends_at if isinstance(ends_at, datetime) else None
    sees = reach_of(request).project_ids
    wanted = [*ends, asked] if asked is not None and asked not in ends else ends
    try:
        found = outlook(reservation=reservation, ends=wanted, now=now, sees=sees, by=actor_of(request))
    except WrongState as wrong:
        return None, wrong
    except Invalid as invalid:
        found = outlook(reservation=reservation, ends=ends, now=now, sees=sees, by=actor_of(request))
        return extend_view(found, reservation=reservation, asked=None), invalid.errors[0]
    return extend_view(found, reservation=reservation, asked=asked), None
