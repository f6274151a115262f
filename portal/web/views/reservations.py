"""Lists of reservations, and one reservation whole."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from portal.access import reach_of, reservation_for
from portal.web.forms.filters import reservation_filters
from portal.web.pages import fragment, page, render_page
from portal.web.present.detail import detail_view
from portal.web.present.reservations import reservation_lines
from portal.web.queries import class_names, pool_names
from portal.web.urls_of_pages import with_query
from scheduler import limits
from scheduler.queries.projects import project_page
from scheduler.queries.reservation_detail import reservation_detail
from scheduler.queries.reservations import reservation_page
from scheduler.states import LABELS

CHOICES_MAX = 200  # more projects than this are found by text


@page
def reservations(request: HttpRequest) -> HttpResponse:
    """Past, now, upcoming; filters that stand in the address, so that a view can be shared."""
    now, reach = timezone.now(), reach_of(request)
    typed, filters = reservation_filters(request.GET, user_id=reach.user_id)
    found = reservation_page(
        project_ids=reach.project_ids, filters=filters, limit=limits.PAGE_SIZE, after=request.GET.get("after") or None
    )
    context = {
        "area": "reservations",
        "lines": reservation_lines(found.rows, names=class_names(), now=now),
        "next": with_query(request, after=found.next_after) if found.next_after else "",
        "first": with_query(request, after=None) if request.GET.get("after") else "",
        "typed": typed,
        "tabs": typed.tabs(request),
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
    )
    part = fragment(request, {f"reservation-{code}": "body"})
    return render_page(request, f"reservations/reservation_page.html{part}", {"area": "reservations", "it": view})
