"""Lists of reservations, and one reservation whole."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from portal.access import reach_of, reservation_for
from portal.deciding import may_decide
from portal.web.forms.filters import reservation_filters
from portal.web.pages import fragment, page, render_page
from portal.web.pictures import picture_of_detail
from portal.web.present.detail import TROUBLE, detail_view
from portal.web.present.offers import OfferView, opening_views
from portal.web.present.reservations import reservation_lines
from portal.web.present.waiting import wait_view
from portal.web.queries import class_names, pool_names, short_class_names
from portal.web.submitting import new_form_key
from portal.web.urls_of_pages import with_query
from portal.web.zones import zone_of
from scheduler import limits
from scheduler.journal_kinds import JournalKind
from scheduler.models import Reservation
from scheduler.queries.projects import project_page
from scheduler.queries.reservation_detail import ReservationDetail, reservation_detail
from scheduler.queries.reservations import counts_by_state, reservation_page
from scheduler.queries.usage import attached_for
from scheduler.queries.vocabulary import vocabulary
from scheduler.queries.waits import wait_row
from scheduler.services.advise import again
from scheduler.states import LABELS, ReservationState

CHOICES_MAX = 200  # more projects than this are found by text


@page
def reservations(request: HttpRequest) -> HttpResponse:
    """Past, now, upcoming; filters that stand in the address, so that a view can be shared."""
    now, reach = timezone.now(), reach_of(request)
    typed, filters = reservation_filters(request.GET, user_id=reach.user_id)
    found = reservation_page(
        project_ids=reach.project_ids,
        filters=filters,
        limit=limits.PAGE_SIZE,
        after=request.GET.get("after") or None,
        sort=typed.sort,
    )
    counts = counts_by_state(project_ids=reach.project_ids, filters=filters)
    context = {
        "area": "reservations",
        "lines": reservation_lines(found.rows, names=short_class_names(), now=now),
        "next": with_query(request, after=found.next_after) if found.next_after else "",
        "first": with_query(request, after=None) if request.GET.get("after") else "",
        "typed": typed,
        "tabs": typed.tabs(request, counts),
        "states": [(state, label) for state, label in LABELS.items() if state in typed.states_of_tab],
        "projects": project_page(user_id=reach.user_id, sees_all=reach.sees_all, limit=CHOICES_MAX).rows,
        "pools": pool_names(),
        "may_book": any(reach.may_book(project_id) for project_id in reach.roles),
    }
    part = fragment(request, {"reservation-list": "list"})
    return render_page(request, f"reservations/reservation_list.html{part}", context)


@page
def reservation(request: HttpRequest, code: str) -> HttpResponse:
    """Everything about one. Its fragment is read again whenever the journal names it."""
    shown = reservation_for(request, code)
    detail = reservation_detail(code=shown.code)
    if detail is None:
        raise Http404
    reach = reach_of(request)
    view = detail_view(
        detail,
        names=class_names(),
        now=timezone.now(),
        may_change=reach.may_end(shown.project_id),
        may_book=reach.may_book(shown.project_id),
        offers=_offers(request, shown, now=timezone.now()),
        picture=picture_of_detail(detail) if detail.nodes else None,
        attached=attached_for(code=code),
        may_decide=may_decide(request, shown, now=timezone.now()),
    )
    part = fragment(request, {f"reservation-{code}": "body"})
    zone = timezone.get_current_timezone_name()
    context = {"area": "reservations", "it": view, "form_key": new_form_key(), "zone": zone, **_waiting(detail)}
    return render_page(request, f"reservations/reservation_page.html{part}", context)


def _waiting(detail: ReservationDetail) -> dict[str, Any]:
    """Its place while it waits, and whether what is held is an offer."""
    row = detail.row
    waits = row.state == ReservationState.WAITLISTED
    found = wait_row(code=row.code, pool=row.pool_code, now=timezone.now()) if waits else None
    is_offer = any(entry.kind == JournalKind.RESERVATION_OFFERED for entry in detail.timeline)
    return {
        "wait": wait_view(found, names=short_class_names()) if found else None,
        "is_offered": row.state == ReservationState.HELD and is_offer,
    }


def _offers(request: HttpRequest, shown: Reservation, *, now: datetime) -> tuple[OfferView, ...]:
    """For one that came to nothing: the next starts of the same mix, to who may book in its project."""
    reach = reach_of(request)
    if ReservationState(shown.state) not in TROUBLE or not reach.may_book(shown.project_id):
        return ()
    words = vocabulary(user_id=reach.user_id, sees_all=reach.sees_all)
    found = again(reservation=shown, vocabulary=words, now=now)
    return opening_views(found, zone=zone_of(request))
