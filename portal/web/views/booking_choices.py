"""What a new reservation may be made of: the projects one books in, the pools, and what the chosen pool has."""

from datetime import datetime

from django.http import HttpRequest

from portal.access import reach_of
from portal.web.forms.typed import TypedRequest
from portal.web.present.booking import Choices
from portal.web.queries import host_class_names, network_names, pool_names
from portal.web.zones import zone_of
from scheduler.queries.pools import device_class_page
from scheduler.queries.projects import ProjectRow, project_page
from scheduler.states import BOOKING_ROLES

EVERY = 1_000  # more projects or classes than this are not chosen from a list


def choices_for(request: HttpRequest, typed: TypedRequest, *, now: datetime) -> Choices:
    return Choices(
        projects=bookable_projects(request),
        pools=pool_names(),
        classes=device_class_page(now=now, limit=EVERY, pool=typed.pool or None).rows,
        host_classes=host_class_names(pool_code=typed.pool),
        networks=network_names(pool_code=typed.pool),
    )


def fresh_form(request: HttpRequest) -> TypedRequest:
    """The first choice is made already; `?project=` and `?pool=` come from the page one was on."""
    projects = [row.slug for row in bookable_projects(request)]
    zones = {row.code: row.time_zone for row in pool_names()}
    pool = _one_of(request.GET.get("pool", ""), list(zones))
    return TypedRequest(
        project=_one_of(request.GET.get("project", ""), projects),
        pool=pool,
        zone=zone_of(request, pool_zone=zones.get(pool, "")).key,
    )


def bookable_projects(request: HttpRequest) -> tuple[ProjectRow, ...]:
    found = project_page(user_id=reach_of(request).user_id, sees_all=False, limit=EVERY)
    return tuple(row for row in found.rows if row.role in BOOKING_ROLES)


def _one_of(wanted: str, names: list[str]) -> str:
    return wanted if wanted in names else (names[0] if names else "")
