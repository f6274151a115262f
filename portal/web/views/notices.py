"""What one was told: failed, ending soon, ended."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from portal.access import reach_of
from portal.web.pages import fragment, page, render_page
from portal.web.urls_of_pages import with_query
from scheduler import limits
from scheduler.queries.notices import notice_page
from scheduler.services.notices import mark_read


@page
def notices(request: HttpRequest) -> HttpResponse:
    found = notice_page(
        user_id=reach_of(request).user_id, limit=limits.PAGE_SIZE, after=request.GET.get("after") or None
    )
    context = {
        "area": "notices",
        "notices": found.rows,
        "has_unread": any(not row.is_read for row in found.rows),
        "next": with_query(request, after=found.next_after) if found.next_after else "",
    }
    part = fragment(request, {"notice-list": "list"})
    return render_page(request, f"notices/notice_list.html{part}", context)


@page
@require_POST
def read_notices(request: HttpRequest) -> HttpResponse:
    mark_read(user_id=reach_of(request).user_id, now=timezone.now())
    return redirect("web:notices")
