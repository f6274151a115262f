"""The first page: what is mine, what is live, what is free."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from portal.access import reach_of
from portal.web.pages import fragment, page, render_page
from portal.web.present.pools import pool_glances
from portal.web.present.reservations import reservation_lines
from portal.web.queries import short_class_names
from scheduler.queries.pools import pool_page
from scheduler.queries.reservations import ReservationFilters, reservation_page
from scheduler.states import LIVE, UPCOMING

SHOWN_MAX = 8
POOLS_MAX = 6


@page
def dashboard(request: HttpRequest) -> HttpResponse:
    now, reach, names = timezone.now(), reach_of(request), short_class_names()
    mine = ReservationFilters(states=LIVE | UPCOMING, created_by_id=reach.user_id)
    live = ReservationFilters(states=LIVE)
    own = reservation_page(project_ids=reach.project_ids, filters=mine, limit=SHOWN_MAX)
    seen = reservation_page(project_ids=reach.project_ids, filters=live, limit=SHOWN_MAX)
    lines = reservation_lines(sorted(own.rows, key=lambda row: row.busy_from), names=names, now=now)
    mine_by_code = {line.code for line in lines}
    context = {
        "area": "dashboard",
        "now_lines": [line for line in lines if line.is_live],
        "upcoming_lines": [line for line in lines if not line.is_live],
        "other_lines": reservation_lines(
            [row for row in seen.rows if row.code not in mine_by_code], names=names, now=now
        ),
        "pools": pool_glances(pool_page(now=now, limit=POOLS_MAX).rows, names=names),
        "may_book": any(reach.may_book(project_id) for project_id in reach.roles),
    }
    part = fragment(request, {"dashboard-live": "live"})
    return render_page(request, f"dashboard/dashboard_page.html{part}", context)
