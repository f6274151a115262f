"""Another mix for a reservation, from a page that says which devices come and which go before anything is done."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from portal.access import actor_of, reservation_for
from portal.web.forms.resizing import TypedSizes, read_sizes
from portal.web.pages import page, render_page
from portal.web.present.reservations import reservation_lines
from portal.web.present.resize import group_fields, resize_view
from portal.web.queries import class_names, stocked_codes
from portal.web.toasts import say
from portal.web.views.verbs import CHANGED, shown_version
from scheduler.models import Reservation
from scheduler.queries.reservations import reservation_row
from scheduler.refusals import FieldError, Invalid, Refused, Stale, WrongState
from scheduler.requests import Actor
from scheduler.resize_parsing import parse_resize
from scheduler.services.resize import Preview, preview, require_resizable, resize
from scheduler.states import ReservationState

ASKED = "ask"  # the button that shows what it would do


@page
def resize_reservation(request: HttpRequest, code: str) -> HttpResponse:
    """GET shows the form, and what was typed would do; POST does it."""
    reservation = reservation_for(request, code, to_change=True)
    if request.method != "POST":
        return _ask(request, reservation)
    sizes = read_sizes(request.POST.dict(), reservation.request)
    try:
        resize(
            reservation=reservation,
            wish=parse_resize(sizes.payload),
            by=actor_of(request),
            now=timezone.now(),
            expected_version=shown_version(request),
        )
    except Stale:
        return _ask(request, reservation_for(request, code), trouble=CHANGED, status=412)
    except (Invalid, Refused, WrongState) as error:
        return _ask(request, reservation_for(request, code), failed=error)
    say(request, _done(reservation))
    return redirect("web:reservation", code)


def _done(reservation: Reservation) -> str:
    if reservation.plan.get("change") and reservation.state == ReservationState.ACTIVE:
        return "It is being resized. This page follows it until it is done."
    return "Resized: it has the new mix."


def _ask(
    request: HttpRequest,
    reservation: Reservation,
    *,
    trouble: str = "",
    failed: Invalid | Refused | WrongState | None = None,
    status: int = 200,
) -> HttpResponse:
    now, names = timezone.now(), class_names()
    typed = request.POST if request.method == "POST" else request.GET
    asked = read_sizes(typed.dict(), reservation.request)
    found, errors, wrong = _outlook(reservation, asked, ASKED in typed, failed, actor_of(request))
    sizes = read_sizes(typed.dict(), reservation.request, errors)
    stocked = stocked_codes(pool_code=reservation.pool.code)
    context = {
        "area": "reservations",
        "line": reservation_lines([reservation_row(reservation)], names=names, now=now)[0],
        "version": reservation.version,
        "groups": group_fields(sizes, names=names),
        "classes": sorted((names[code], code) for code in stocked if code in names),
        "sizes": sizes,
        "it": resize_view(found, reservation=reservation, names=names) if found is not None else None,
        "errors": [error.message for error in errors],
        "refused": [refusal.message for refusal in failed.refusals] if isinstance(failed, Refused) else [],
        "trouble": trouble or wrong,
        "is_open": not wrong,
    }
    if status == 200 and (errors or wrong or failed is not None):
        status = 400 if errors else 409
    return render_page(request, "reservations/resize_page.html", context, status=status)


def _outlook(
    reservation: Reservation, sizes: TypedSizes, is_asked: bool, failed: Exception | None, by: Actor
) -> tuple[Preview | None, tuple[FieldError, ...], str]:
    """What it would come to, where that was asked for; what is wrong with what was typed; why its state allows none."""
    now = timezone.now()
    try:
        require_resizable(reservation=reservation, now=now)
        if isinstance(failed, Invalid):
            raise failed
        if not (is_asked or failed is not None):
            return None, (), ""
        return preview(reservation=reservation, wish=parse_resize(sizes.payload), now=now, by=by), (), ""
    except WrongState as wrong:
        return None, (), str(wrong)
    except Invalid as invalid:
        return None, invalid.errors, ""
