"""The map of a pool: its racks with every host and block, some racks at a time, kept true while one looks."""

from functools import lru_cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from fabric.queries import media_by_zone
from portal.access import reach_of
from portal.web.forms.pool_filters import map_filters
from portal.web.pages import fragment, page, render_page
from portal.web.present.pool_map import (
    LEGEND,
    Marking,
    RackCells,
    class_tags,
    link_lines,
    rack_cells,
    tag_lines,
    zone_tiles,
)
from portal.web.present.pools import WAYS
from portal.web.queries import pool_names
from portal.web.urls_of_pages import with_query
from scheduler.queries.pool_map import MapClass, MapFilters, MapPage, map_classes, map_page, zone_counts
from scheduler.queries.units import UNIT_STATES

RACKS_SHOWN_MAX = 16
CARDS_KEPT_MAX = 500  # of a process; about 10 kB each
NO_NEWS = 204


@page
def pool_map(request: HttpRequest, code: str) -> HttpResponse:
    """The whole map; or, for a page that shows it already, only the racks that have changed since it saw them."""
    pool = next((one for one in pool_names() if one.code == code), None)
    if pool is None:
        raise Http404
    reach, now, after = reach_of(request), timezone.now(), request.GET.get("after") or None
    own_ids = frozenset(reach.roles)
    typed, filters = map_filters(request.GET, pool=code, own_ids=own_ids)
    found = map_page(
        filters=filters, project_ids=reach.project_ids, own_ids=own_ids, now=now, limit=RACKS_SHOWN_MAX, after=after
    )
    classes = map_classes(pool_code=code)
    drawn = _drawn(found, classes, filters)
    part = fragment(request, {"map-news": "news"})
    if part:
        drawn |= _news(request, drawn["racks"])
        if not (drawn["changed"] or drawn["is_other"]):
            return HttpResponse(status=NO_NEWS)
    drawn["cards"] = [_card(rack) for rack in drawn["racks"]]
    zones = zone_tiles(zone_counts(pool_code=code, now=now), chosen=filters.zone)
    context = {
        "area": "pools",
        "pool": pool,
        **drawn,
        "zones": zones if len(zones) > 1 else (),
        "classes": classes,
        "legend": LEGEND,
        "unit_states": UNIT_STATES,
        "typed": typed,
        "next": with_query(request, after=found.next_after, seen=None) if found.next_after else "",
        "first": with_query(request, after=None, seen=None) if after else "",
        "ways": WAYS,
        "may_book": any(reach.may_book(project_id) for project_id in reach.roles),
    }
    return render_page(request, f"pools/pool_map.html{part}", context)


def _drawn(found: MapPage, classes: tuple[MapClass, ...], filters: MapFilters) -> dict[str, Any]:
    names = {one.code: one.name for one in classes}
    tags = class_tags(names)
    held = {block.reservation for rack in found.racks for blocks in rack.blocks.values() for block in blocks}
    held |= {host.reservation for rack in found.racks for host in rack.hosts}
    marking = Marking(
        names=names,
        tags=tags,
        reservations={code: reverse("web:reservation", args=[code]) for code in held if code is not None},
        pool=reverse("web:pool", args=[filters.pool]),
        mine=found.mine,
        filters=filters,
    )
    return {
        "racks": rack_cells(found, marking=marking),
        "links": link_lines(found, marking=marking, media=media_by_zone(pool_code=filters.pool)),
        "tags": tag_lines(tags, classes),
    }


def _news(request: HttpRequest, racks: tuple[RackCells, ...]) -> dict[str, Any]:
    """What the page that asks does not show as it is. `is_other`: these are not even the racks that it shows."""
    seen = set(request.GET.getlist("seen"))
    return {
        "changed": [_card(rack, is_news=True) for rack in racks if f"{rack.code}.{rack.digest}" not in seen],
        "is_other": {one.partition(".")[0] for one in seen} != {rack.code for rack in racks},
    }


@lru_cache(maxsize=CARDS_KEPT_MAX)
def _card(rack: RackCells, *, is_news: bool = False) -> SafeString:
    """Kept under everything it shows, so that nothing has to be told that it became old: what changed is another."""
    return render_to_string("pools/_map_rack.html", {"rack": rack, "is_news": is_news})
