"""Shorten, move, extend by itself, hand over: a page that says what each would do, and the act itself."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from portal.access import actor_of, reach_of, reservation_for
from portal.web.changes import CHANGES, Asked, Change
from portal.web.pages import page, render_page
from portal.web.present.changing import ChangeField, ChangeView
from portal.web.present.reservations import reservation_lines
from portal.web.queries import class_names
from portal.web.toasts import say
from portal.web.views.verbs import CHANGED, shown_version
from scheduler.models import Reservation
from scheduler.queries.reservations import reservation_row
from scheduler.refusals import FieldError, Invalid, Refused, Stale, WrongState

ASKED = "ask"  # the button that shows what it would do
STOP = "stop"


@page
def change(request: HttpRequest, code: str, verb: str) -> HttpResponse:
    """GET asks, and says what was typed would do; POST does it."""
    reservation = reservation_for(request, code, to_change=True)
    one = CHANGES[verb]
    if request.method != "POST":
        return _ask(request, reservation, verb)
    asked = Asked(request, reservation, request.POST.dict(), timezone.now())
    try:
        one.act(asked, by=actor_of(request), now=asked.now, expected_version=shown_version(request))
    except Stale:
        return _ask(request, reservation_for(request, code), verb, trouble=CHANGED, status=412)
    except (Invalid, Refused, WrongState) as error:
        return _ask(request, reservation_for(request, code), verb, failed=error)
    say(request, one.said(reservation))
    is_seen = reach_of(request).may_see(reservation.project_id)
    return redirect("web:reservation", code) if is_seen else redirect("web:reservations")


def _ask(
    request: HttpRequest,
    reservation: Reservation,
    verb: str,
    *,
    trouble: str = "",
    failed: Invalid | Refused | WrongState | None = None,
    status: int = 200,
) -> HttpResponse:
    now, one = timezone.now(), CHANGES[verb]
    typed = request.POST if request.method == "POST" else request.GET
    asked = Asked(request, reservation, typed.dict(), now)
    found, errors, wrong = _outlook(one, asked, failed, is_asked=ASKED in typed or bool(trouble))
    context = {
        "area": "reservations",
        "line": reservation_lines([reservation_row(reservation)], names=class_names(), now=now)[0],
        "version": reservation.version,
        "verb": verb,
        "act": one,
        "fields": _with_errors(one.fields(asked), errors) if not wrong else (),
        "it": found,
        "sent": [(name, value) for name, value in typed.items() if name in _names(one, asked)],
        "refused": [refusal.message for refusal in failed.refusals] if isinstance(failed, Refused) else [],
        "stops": verb == "auto-extend" and reservation.auto_extend_until,
        "trouble": trouble or wrong,
        "zone": timezone.get_current_timezone_name(),
    }
    if status == 200 and (errors or wrong or failed is not None):
        status = 400 if errors else 409
    return render_page(request, "reservations/change_page.html", context, status=status)


def _outlook(
    one: Change, asked: Asked, failed: Exception | None, *, is_asked: bool
) -> tuple[ChangeView | None, tuple[FieldError, ...], str]:
    """What it would come to, where that was asked for; what is wrong with what was typed; why its state allows none."""
    try:
        one.require(reservation=asked.reservation, now=asked.now)
        if isinstance(failed, Invalid):
            raise failed
        if STOP in asked.typed or not (is_asked or failed is not None):
            return None, (), ""
        return one.look(asked), (), ""
    except WrongState as wrong:
        return None, (), str(wrong)
    except Invalid as invalid:
        return None, invalid.errors, ""


def _with_errors(fields: tuple[ChangeField, ...], errors: tuple[FieldError, ...]) -> tuple[ChangeField, ...]:
    by_name = {error.field: error for error in errors}
    return tuple(
        replace(one, error=by_name[one.name].message, is_fold=by_name[one.name].code == "fold")
        if one.name in by_name
        else one
        for one in fields
    )


def _names(one: Change, asked: Asked) -> frozenset[str]:
    """What the form sends again with the act."""
    names = {field.name for field in one.fields(asked)}
    return frozenset({"zone", *names, *(f"{name}_fold" for name in names)})
