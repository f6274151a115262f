"""What one's projects used: the figures that programs get from `usage/`, as a table and as a file."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from portal.access import reach_of
from portal.web.forms.usage_query import UsageQuery, read_usage_query
from portal.web.pages import page, render_page
from portal.web.present.usage_report import CUTS, usage_lines, used_view
from portal.web.queries import pool_names
from portal.web.urls_of_pages import with_query
from portal.web.zones import zone_of
from scheduler import limits
from scheduler.queries.projects import project_page
from scheduler.queries.usage_report import UsageScope, usage_page

CHOICES_MAX = 200  # of projects


@page
def usage(request: HttpRequest) -> HttpResponse:
    """A project or pool that one does not see, or that is none, has used nothing."""
    reach, now = reach_of(request), timezone.now()
    asked = read_usage_query(request.GET.dict(), zone=zone_of(request), now=now)
    scope = UsageScope(
        project_ids=reach.project_ids,
        begins_at=asked.begins_at,
        ends_at=asked.ends_at,
        project=asked.project or None,
        pool=asked.pool or None,
    )
    after = request.GET.get("after") or None
    found = usage_page(scope=scope, cut=asked.cut, now=now, limit=limits.PAGE_SIZE, after=after)
    context = {
        "area": "projects",
        "asked": asked,
        "cuts": CUTS,
        "lines": usage_lines(found.rows, cut=asked.cut),
        "total": used_view(found.total),
        "projects": project_page(user_id=reach.user_id, sees_all=reach.sees_all, limit=CHOICES_MAX).rows,
        "pools": pool_names(),
        "file": _file(asked),
        "next": with_query(request, after=found.next_after) if found.next_after else "",
        "first": with_query(request, after=None) if after else "",
    }
    return render_page(request, "usage/usage_page.html", context, status=400 if asked.errors else 200)


def _file(asked: UsageQuery) -> str:
    """The same question to the API."""
    narrowed = {"project": asked.project, "pool": asked.pool}
    query = {name: value for name, value in narrowed.items() if value}
    query |= {"from": asked.begins_at.isoformat(), "to": asked.ends_at.isoformat(), "by": asked.cut.value}
    return f"{reverse('v1:usage')}?{urlencode({**query, 'format': 'csv'})}"
