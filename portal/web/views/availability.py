"""The front door: how many of what are free when, and what of it is one's own."""

from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from portal.access import reach_of
from portal.web.forms.outlook import wanted_outlook
from portal.web.pages import fragment, page, render_page
from portal.web.present.heatbars import lanes_of, outage_bars, own_bars
from portal.web.present.heatmap import Cell, booking_address, heat_rows, is_dense
from portal.web.present.outlook import OutlookView, outlook_view
from portal.web.present.reservations import reservation_lines
from portal.web.queries import short_class_names
from portal.web.urls_of_pages import with_query
from scheduler.queries.availability import pool_choices, pool_outlook
from scheduler.queries.maintenance import maintenance_page
from scheduler.queries.own import own_reservations

NEXT_SHOWN_MAX = 3
BARS_MAX = 100
ROWS_KEPT_MAX = 2_000  # of a process; about 2 kB each


@page
def availability(request: HttpRequest) -> HttpResponse:
    now, pools, names, reach = timezone.now(), pool_choices(), short_class_names(), reach_of(request)
    mine = own_reservations(user_id=reach.user_id, project_ids=reach.project_ids, limit=NEXT_SHOWN_MAX)
    context: dict[str, Any] = {
        "area": "availability",
        "mine": reservation_lines(mine, names=names, now=now),
        "may_book": any(reach.may_book(project_id) for project_id in reach.roles),
    }
    if pools:
        zone, minute = timezone.get_current_timezone(), now.replace(second=0, microsecond=0)
        wanted = wanted_outlook(request.GET, pools=pools, zone=zone, now=minute)
        view = outlook_view(wanted, pools=pools, zone=zone, now=minute, address=partial(with_query, request))
        context |= {"view": view, "zone": zone, "book": booking_address(view.pool.code) if context["may_book"] else ""}
        context |= _table(view, names, book=context["book"], now=now)
        context |= _bars(request, view, names, now)
    part = fragment(request, {"availability-live": "live"})
    return render_page(request, f"availability/availability_page.html{part}", context)


def _table(view: OutlookView, names: dict[str, str], *, book: str, now: datetime) -> dict[str, Any]:
    hours = timedelta(hours=view.hours) if view.hours else None
    seen = pool_outlook(pool_code=view.pool.code, edges=view.columns.edges, hours=hours, now=now)
    rows = heat_rows(seen, names=names, ticks=view.columns.ticks, book=book, hours=view.hours)
    return {"rows": [(row, _drawn(row.cells)) for row in rows], "is_dense": is_dense(rows, view.zoom)}


@lru_cache(maxsize=ROWS_KEPT_MAX)
def _drawn(cells: tuple[Cell, ...]) -> SafeString:
    """Kept under everything it shows, so that nothing has to be told that it became old: what changed is another."""
    return render_to_string("availability/_cells.html", {"cells": cells})


def _bars(request: HttpRequest, view: OutlookView, names: dict[str, str], now: datetime) -> dict[str, Any]:
    reach, edges = reach_of(request), view.columns.edges
    mine = own_reservations(
        user_id=reach.user_id,
        project_ids=reach.project_ids,
        limit=BARS_MAX,
        pool_code=view.pool.code,
        overlaps_from=edges[0],
        overlaps_to=edges[-1],
    )
    outages = maintenance_page(now=now, limit=BARS_MAX, pool=view.pool.code).rows
    return {"own": lanes_of(own_bars(mine, names=names), edges), "outages": lanes_of(outage_bars(outages), edges)}
