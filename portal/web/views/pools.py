"""Pools: what there is of each, and one pool with its racks, hosts and chassis."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from portal.access import reach_of
from portal.web.forms.pool_filters import pool_filters
from portal.web.pages import fragment, page, render_page
from portal.web.present.pools import (
    WAYS,
    chassis_views,
    host_lines,
    outage_views,
    policy_words,
    pool_glances,
    rack_views,
    trouble_words,
)
from portal.web.queries import FabricTrouble, fabric_trouble, short_class_names
from portal.web.urls_of_pages import with_query
from scheduler import limits
from scheduler.queries.chassis import chassis_page
from scheduler.queries.maintenance import maintenance_page
from scheduler.queries.pools import pool_page
from scheduler.queries.racks import rack_rows
from scheduler.queries.units import UNIT_STATES, UnitFilters, host_page

CHASSIS_SHOWN_MAX = 8
HOSTS_SHOWN_MAX = 24
RACKS_SHOWN_MAX = 12
OUTAGES_SHOWN_MAX = 5


@page
def pools(request: HttpRequest) -> HttpResponse:
    found = pool_page(now=timezone.now(), limit=limits.PAGE_SIZE, after=request.GET.get("after") or None)
    outages = maintenance_page(now=timezone.now(), limit=limits.PAGE_SIZE).rows
    context = {
        "area": "pools",
        "pools": pool_glances(found.rows, names=short_class_names(), outages=outages),
        "ways": WAYS,
        "next": with_query(request, after=found.next_after) if found.next_after else "",
    }
    part = fragment(request, {"pool-list": "list"})
    return render_page(request, f"pools/pool_list.html{part}", context)


@page
def pool(request: HttpRequest, code: str) -> HttpResponse:
    """Racks against their limits, hosts, and chassis as slots; by pages, since a pool may have ten thousand blocks."""
    now, names = timezone.now(), short_class_names()
    rows = pool_page(now=now, limit=1, code=code).rows
    if not rows:
        raise Http404
    reach = reach_of(request)
    seen = reach.project_ids
    typed, filters = pool_filters(request.GET, pool=code)
    chassis = chassis_page(
        filters=filters, project_ids=seen, now=now, limit=CHASSIS_SHOWN_MAX, after=request.GET.get("after") or None
    )
    hosts = host_page(
        filters=UnitFilters(pool=code),
        project_ids=seen,
        now=now,
        limit=HOSTS_SHOWN_MAX,
        after=request.GET.get("hosts_after") or None,
    )
    racks = rack_rows(pool_code=code, now=now)
    context = {
        "area": "pools",
        "pool": pool_glances(rows, names=names)[0],
        "policy": policy_words(rows[0]),
        "ways": WAYS,
        "outages": outage_views(maintenance_page(now=now, limit=OUTAGES_SHOWN_MAX, pool=code).rows),
        **(_for_operators(fabric_trouble(pool_code=code)) if reach.operates else {}),
        "racks": rack_views(racks, most=RACKS_SHOWN_MAX),
        "racks_total": len(racks),
        "hosts": host_lines(hosts.rows),
        "hosts_next": with_query(request, hosts_after=hosts.next_after) if hosts.next_after else "",
        "chassis": chassis_views(chassis.rows, names=names),
        "next": with_query(request, after=chassis.next_after) if chassis.next_after else "",
        "first": with_query(request, after=None) if request.GET.get("after") else "",
        "typed": typed,
        "unit_states": UNIT_STATES,
        "may_book": any(reach.may_book(project_id) for project_id in reach.roles),
    }
    part = fragment(request, {f"pool-{code}": "body"})
    return render_page(request, f"pools/pool_page.html{part}", context)


def _for_operators(trouble: FabricTrouble) -> dict[str, object]:
    return {"trouble": trouble, "trouble_words": trouble_words(trouble)}
