"""What a new reservation may be made of: the projects one books in, the pools, and what the chosen pool has."""

from datetime import datetime

from django.http import HttpRequest

from portal.access import reach_of
from portal.web.forms.payload import payload_of
from portal.web.forms.prefill import TIMES
from portal.web.forms.typed import TypedGroup, TypedRequest
from portal.web.present.booking import Choices
from portal.web.present.preset_cards import PresetShelf, preset_shelves
from portal.web.queries import pool_names
from portal.web.zones import zone_of
from scheduler.queries.presets import preset_of, presets_for
from scheduler.queries.projects import ProjectRow, project_page
from scheduler.queries.stock import Stock, stock
from scheduler.states import BOOKING_ROLES, Priority

EVERY = 1_000  # more projects than this are not chosen from a list


def choices_for(request: HttpRequest, typed: TypedRequest, *, now: datetime) -> Choices:
    pools = pool_names()
    is_known = any(pool.code == typed.pool for pool in pools)
    priority = Priority(typed.priority) if typed.priority in set(Priority) else Priority.NORMAL
    found = stock(pool_code=typed.pool, now=now, priority=priority) if is_known else None
    return Choices(
        projects=bookable_projects(request),
        pools=pools,
        stock=found,
        rows=found.rows() if found else (),
        now=now,
        preset=preset_of(code=typed.preset, project_ids=reach_of(request).project_ids) if typed.preset else None,
    )


def shelves_for(
    request: HttpRequest, typed: TypedRequest, *, found: Stock | None, now: datetime
) -> tuple[PresetShelf, ...]:
    """The presets to begin from, as long as no mix is typed."""
    if typed.groups != (TypedGroup(),) or found is None:
        return ()
    roles = reach_of(request).roles
    rows = presets_for(project_ids=roles, pool_code=typed.pool, now=now, shape=found.shape)
    times = {name: str(value) for name, value in payload_of(typed)[0].items() if name in TIMES}
    return preset_shelves(rows, stock=found, kept={"pool": typed.pool, "project": typed.project, **times})


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
