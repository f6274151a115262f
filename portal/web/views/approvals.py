"""What waits for one's consent, and the page on which one decides."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from portal.access import actor_of, reach_of
from portal.deciding import standing_for, to_decide
from portal.web.pages import fragment, page, render_page
from portal.web.present.approvals import delegation_views, question_views
from portal.web.queries import class_names, short_class_names
from portal.web.toasts import say
from portal.web.urls_of_pages import with_query
from portal.web.views.verbs import CHANGED, shown_version
from portal.web.zones import known_zone, zone_of
from scheduler import limits
from scheduler.models import Reservation
from scheduler.queries.approval_pages import approval_key, approval_page, approval_row
from scheduler.queries.approvals import Decider, delegations_of
from scheduler.reading import Reader, clean_text
from scheduler.refusals import FieldError, Invalid, Refused, Stale, WrongState
from scheduler.services.approve import approve
from scheduler.services.delegate import OPEN_MAX
from scheduler.services.reject import reject
from scheduler.states import ProjectRole

TYPED = ("to", "project", "ends_at", "ends_at_fold")
_SHOWN_MAX = 2 * OPEN_MAX
ANSWERS: dict[str, Callable[..., Reservation]] = {"approve": approve, "reject": reject}
_SAID = {"approve": "Approved. It is confirmed, and {by} is told.", "reject": "Rejected. {by} is told why."}


@page
def approvals(request: HttpRequest) -> HttpResponse:
    return queue(request)


def queue(request: HttpRequest, *, errors: Sequence[FieldError] = (), status: int = 200) -> HttpResponse:
    """The first to run out first; below it, who decides for whom. `errors` are of the form there."""
    now = timezone.now()
    after = approval_key(request.GET.get("after", ""))
    found = approval_page(standing=standing_for(request, now=now), limit=limits.PAGE_SIZE, after=after)
    context = {
        "area": "approvals",
        "questions": question_views(found.rows, names=short_class_names(), now=now),
        "next": with_query(request, after=found.next_after) if found.next_after else "",
        "first": with_query(request, after=None) if after else "",
        "errors": {error.field: error.message for error in errors},
        "is_fold": any(error.code == "fold" for error in errors) or bool(request.POST.get("ends_at_fold")),
        **_delegations(request, now),
    }
    part = fragment(request, {"approval-list": "list"})
    return render_page(request, f"approvals/approval_list.html{part}", context, status=status)


@page
def approval(request: HttpRequest, code: str) -> HttpResponse:
    """GET asks, POST decides. Who may only look is led to the reservation itself."""
    try:
        reservation, mine = to_decide(request, code, now=timezone.now())
    except PermissionDenied:
        if request.method == "POST" or not _may_see(request, code):
            raise
        return redirect("web:reservation", code)
    if request.method != "POST":
        return _ask(request, reservation, mine)
    return _decide(request, reservation, mine)


def _decide(request: HttpRequest, reservation: Reservation, mine: Decider) -> HttpResponse:
    answer, reader = request.POST.get("answer", ""), Reader()
    reason = clean_text(reader, request.POST.get("reason", ""), "reason", longest=limits.REASON_CHARS_MAX)
    if reader.errors or answer not in ANSWERS:
        trouble = reader.errors[0].message if reader.errors else "Say whether you approve or reject it."
        return _ask(request, reservation, mine, trouble=trouble, status=400)
    try:
        ANSWERS[answer](
            reservation=reservation,
            reason=reason,
            by=actor_of(request),
            now=timezone.now(),
            on_behalf_of=mine.on_behalf_of,
            expected_version=shown_version(request),
        )
    except Invalid as invalid:
        return _ask(request, reservation, mine, trouble=invalid.errors[0].message, status=400)
    except Stale:
        return _ask(request, reservation, mine, trouble=CHANGED, status=412)
    except WrongState as wrong:
        return _ask(request, reservation, mine, trouble=str(wrong), status=409)
    except Refused as busy:
        return _ask(request, reservation, mine, trouble=busy.refusals[0].message, status=409)
    by = reservation.created_by.get_username() if reservation.created_by else "who asked"
    say(request, _SAID[answer].format(by=by))
    return redirect("web:approvals")


def _ask(
    request: HttpRequest, reservation: Reservation, mine: Decider, *, trouble: str = "", status: int = 200
) -> HttpResponse:
    """What is over is shown with what was answered, and with no button."""
    now, row = timezone.now(), approval_row(reservation_id=reservation.pk, instead_of=mine.name)
    reservation.refresh_from_db()
    context: dict[str, Any] = {
        "area": "approvals",
        "code": reservation.code,
        "it": question_views([row], names=class_names(), now=now)[0] if row is not None else None,
        "version": reservation.version,
        "may_see": reach_of(request).may_see(reservation.project_id),
        "trouble": trouble,
        "reason": request.POST.get("reason", ""),
    }
    return render_page(request, "approvals/approval_page.html", context, status=status)


def _may_see(request: HttpRequest, code: str) -> bool:
    number = Reservation.objects.filter(code=code).values_list("project_id", flat=True).first()
    return number is not None and reach_of(request).may_see(number)


def typed_of(request: HttpRequest) -> dict[str, str]:
    """Of the form of who decides for whom."""
    return {name: request.POST.get(name, "").strip() for name in TYPED}


def typed_zone(request: HttpRequest) -> ZoneInfo:
    """That which the form named; one's own where none was sent."""
    said = request.POST.get("zone", "")
    return known_zone(said) if said else zone_of(request)


def _delegations(request: HttpRequest, now: datetime) -> dict[str, Any]:
    """Who has nothing to give is shown no form."""
    reach = reach_of(request)
    led = sorted(slug for slug, number in reach.slugs.items() if reach.may_lead(number))
    rows = delegations_of(user_id=reach.user_id, now=now)[:_SHOWN_MAX]
    return {
        "delegations": delegation_views(rows, reader_id=reach.user_id, now=now),
        "may_delegate": reach.operates or ProjectRole.LEAD in reach.roles.values(),
        "led": led,
        "days_most": limits.DELEGATION_DAYS_MAX,
        "typed": typed_of(request),
        "typed_zone": typed_zone(request).key,
    }
