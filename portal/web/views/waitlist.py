"""Who waits, in order, and what one wants to hear of."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from portal.access import reach_of
from portal.web.pages import fragment, page, render_page
from portal.web.present.waiting import alert_views, wait_view
from portal.web.queries import short_class_names
from portal.web.toasts import say
from portal.web.urls_of_pages import with_query
from scheduler import limits
from scheduler.queries.alerts import alerts_of
from scheduler.queries.waits import wait_page


@page
def waitlist(request: HttpRequest) -> HttpResponse:
    """Those of one's projects, by pool in their order; below them one's own alerts."""
    now, reach = timezone.now(), reach_of(request)
    after = request.GET.get("after")
    found = wait_page(project_ids=reach.project_ids, now=now, limit=limits.PAGE_SIZE, after=after)
    alerts = alerts_of(user_id=reach.user_id).filter(not_after__gt=now)
    names = short_class_names()
    context = {
        "area": "reservations",
        "waits": tuple(wait_view(row, names=names) for row in found.rows),
        "alerts": alert_views(alerts[: limits.PAGE_SIZE], names=names, may_see=reach.may_see),
        "next": with_query(request, after=found.next_after) if found.next_after else "",
        "first": with_query(request, after=None) if after else "",
        "may_book": any(reach.may_book(project_id) for project_id in reach.roles),
    }
    return render_page(request, f"waitlist/waitlist_page.html{fragment(request, {'waitlist': 'list'})}", context)


@page
@require_POST
def remove_alert(request: HttpRequest, code: str) -> HttpResponse:
    removed, _ = alerts_of(user_id=reach_of(request).user_id).filter(code=code).delete()
    if not removed:
        raise Http404
    say(request, "Removed. You do not hear of it any more.")
    return redirect("web:waitlist")
