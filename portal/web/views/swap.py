"""Swap a device that failed in use, from a page that says which for which, what the host does and how long it takes."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from portal.access import actor_of, reservation_for
from portal.web.pages import page, render_page
from portal.web.present.reservations import reservation_lines
from portal.web.present.swap import SwapView, swap_view
from portal.web.queries import class_names
from portal.web.toasts import say
from portal.web.views.verbs import CHANGED, shown_version
from scheduler import limits
from scheduler.models import Reservation
from scheduler.queries.reservations import reservation_row
from scheduler.reading import Reader, clean_text
from scheduler.refusals import Invalid, Refused, Stale, WrongState
from scheduler.services.swap import offer_swap, swap

_CODE_CHARS_MAX = 64


@page
def swap_device(request: HttpRequest, code: str) -> HttpResponse:
    """GET offers, POST does. Nothing is held until then: the answer may name another device than was offered."""
    reservation = reservation_for(request, code, to_change=True)
    block = (request.POST if request.method == "POST" else request.GET).get("block", "")[:_CODE_CHARS_MAX]
    if request.method != "POST":
        return _ask(request, reservation, block)
    reader = Reader()
    reason = clean_text(reader, request.POST.get("reason", ""), "reason", longest=limits.REASON_CHARS_MAX)
    if reader.errors:
        return _ask(request, reservation, block, trouble=reader.errors[0].message, status=400)
    try:
        swap(
            reservation=reservation,
            block=block,
            by=actor_of(request),
            now=timezone.now(),
            version=shown_version(request),
            reason=reason,
        )
    except Stale:
        return _ask(request, reservation_for(request, code), block, trouble=CHANGED, status=412)
    except (Invalid, Refused, WrongState):
        return _ask(request, reservation_for(request, code), block)
    say(request, f"The swap of {block} has begun. Its node goes on; the steps show below.")
    return redirect("web:reservation", code)


def _ask(
    request: HttpRequest, reservation: Reservation, block: str, *, trouble: str = "", status: int = 200
) -> HttpResponse:
    view, refused = _offer(reservation, block)
    context = {
        "area": "reservations",
        "line": reservation_lines([reservation_row(reservation)], names=class_names(), now=timezone.now())[0],
        "version": reservation.version,
        "failing": block,  # not `block`: within a block of a template that is the block itself
        "it": view,
        "refused": refused,
        "trouble": trouble,
        "reason": request.POST.get("reason", ""),
    }
    if view is None and status == 200:
        status = 409
    return render_page(request, "reservations/swap_page.html", context, status=status)


def _offer(reservation: Reservation, block: str) -> tuple[SwapView | None, tuple[str, ...]]:
    """What would be done, or every reason why it cannot be."""
    try:
        return swap_view(offer_swap(reservation=reservation, block=block, now=timezone.now())), ()
    except Invalid as invalid:
        return None, tuple(error.message for error in invalid.errors)
    except Refused as refused:
        return None, tuple(refusal.message for refusal in refused.refusals)
    except WrongState as wrong:
        return None, (str(wrong),)
