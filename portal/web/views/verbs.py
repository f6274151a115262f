"""Cancel, end early, confirm: a page that says plainly what will happen, and the act itself."""

from collections.abc import Callable
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from portal.access import actor_of, reach_of, reservation_for
from portal.web.pages import page, render_page
from portal.web.present.reservations import reservation_lines
from portal.web.present.verbs import verb_view
from portal.web.queries import class_names
from portal.web.toasts import Undo, say
from scheduler import limits
from scheduler.models import Reservation
from scheduler.queries.reservations import reservation_row
from scheduler.queries.usage import attached_for
from scheduler.reading import Reader, clean_text
from scheduler.refusals import Refused, Stale, WrongState
from scheduler.services.cancel import cancel
from scheduler.services.check_in import check_in
from scheduler.services.confirm import confirm
from scheduler.services.release import release
from scheduler.states import ReservationState

ACTS: dict[str, Callable[..., Reservation]] = {
    "cancel": cancel,
    "release": release,
    "confirm": confirm,
    "check-in": check_in,
}
WORDLESS = frozenset({"confirm", "check-in"})  # nobody is asked for a reason
_Before = tuple[str, datetime | None, datetime | None]  # state, checked in at, warned of as idle at


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
    said = {} if verb in WORDLESS else {"reason": reason}
    before = (reservation.state, reservation.checked_in_at, reservation.idle_warned_at)
    try:
        reservation = ACTS[verb](
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
    _say(request, reservation, verb, before)
    return redirect("web:reservation", code)


@page
@require_POST
def again(request: HttpRequest, code: str) -> HttpResponse:
    """The way back from a cancel: the builder with the same mix in the same window, to be looked at and booked."""
    reservation = reservation_for(request, code)
    window = {"starts_at": reservation.starts_at.isoformat(), "ends_at": reservation.ends_at.isoformat()}
    return redirect(f"{reverse('web:book')}?{urlencode({'copy': code, **window})}")


def _say(request: HttpRequest, reservation: Reservation, verb: str, before: _Before) -> None:
    """What became of it. A booking that was given back can be booked again, as long as it fits."""
    state = ReservationState(reservation.state)
    if (state, reservation.checked_in_at, reservation.idle_warned_at) == before:
        return
    if verb == "check-in":
        is_for_now = before[2] is not None
        say(request, f"Checked in. It is yours {'for now' if is_for_now else 'until its window closes'}.")
        return
    undo = Undo(reverse("web:again", args=[reservation.code]), label="Book it again")
    may_book = reach_of(request).may_book(reservation.project_id)
    is_undone = before[0] == ReservationState.CONFIRMED and may_book
    say(request, _SAID.get(state, ""), undo=undo if is_undone and state == ReservationState.CANCELLED else None)


_SAID: dict[ReservationState, str] = {
    ReservationState.CONFIRMED: "Confirmed. It is composed by itself before its window opens.",
    ReservationState.PENDING_APPROVAL: "It waits for consent now. Its devices are kept until somebody decides.",
    ReservationState.CANCELLED: "Cancelled. Its devices are free for others.",
    ReservationState.RELEASING: "It is being taken apart. This page follows it until everything is proven clean.",
    ReservationState.ENDED: "Ended. Everything is given back.",
    ReservationState.FAILED: "It is over. Everything is given back.",
}


def _ask(
    request: HttpRequest, reservation: Reservation, verb: str, *, trouble: str = "", status: int = 200
) -> HttpResponse:
    now = timezone.now()
    line = reservation_lines([reservation_row(reservation)], names=class_names(), now=now)[0]
    context = {
        "area": "reservations",
        "line": line,
        "version": reservation.version,
        "act": verb_view(verb, reservation=reservation, now=now, attached=attached_for(code=reservation.code)),
        "trouble": trouble,
        "reason": request.POST.get("reason", ""),
    }
    return render_page(request, "reservations/verb_page.html", context, status=status)


def shown_version(request: HttpRequest) -> int | None:
    """None, where the form was not ours, guards nothing: the same as a call without If-Match."""
    typed = request.POST.get("version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None


CHANGED = "It has changed since you opened this page. This is how it is now; do you still want it?"
