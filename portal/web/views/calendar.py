"""The calendar of one pool: what holds which hosts, PRUs or device classes, and when. The address says all of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from portal.access import Reach, reach_of
from portal.web.calendar_fragments import row_fragment
from portal.web.forms.calendar_query import Option, TypedCalendar, by_options, read_calendar, span_options
from portal.web.pages import fragment, page, render_page
from portal.web.present.calendar_axis import axis_of
from portal.web.present.calendar_period import Period, period_of
from portal.web.present.calendar_rows import Frame
from portal.web.queries import PoolName, pool_names
from portal.web.urls_of_pages import with_query
from portal.web.zones import known_zone
from scheduler import limits
from scheduler.queries.calendar import CalendarRow, calendar_page
from scheduler.queries.paging import Page
from scheduler.queries.projects import project_page
from scheduler.states import LABELS


@dataclass(frozen=True, slots=True)
class Choice:
    label: str
    url: str
    is_current: bool


@page
def calendar(request: HttpRequest) -> HttpResponse:
    now, reach, typed, pools = timezone.now(), reach_of(request), read_calendar(request.GET), pool_names()
    pool = _pool(pools, typed.pool)
    zone = known_zone(timezone.get_current_timezone_name())
    period = period_of(span=typed.span, first=typed.first, now=now, zone=zone)
    found = _rows(pool, typed, period, reach) if pool else Page(())
    frame = Frame(typed.by, period.begin, period.end, zone.key)
    context = {
        "area": "calendar",
        "pool": pool,
        "pools": pools,
        "typed": typed,
        "period": period,
        "axis": axis_of(period, now=now),
        "rows": [row_fragment(row, frame) for row in found.rows],
        "bys": _choices(request, "by", by_options(), typed.by),
        "spans": _choices(request, "span", span_options(), typed.span),
        **_moves(request, period, found.next_after),
        "states": list(LABELS.items()),
        "projects": project_page(user_id=reach.user_id, sees_all=reach.sees_all, limit=limits.PAGE_SIZE_MAX).rows,
        "may_book": any(reach.may_book(project_id) for project_id in reach.roles),
    }
    part = fragment(request, {"calendar-live": "live"})
    return render_page(request, f"calendar/calendar_page.html{part}", context)


def _pool(pools: tuple[PoolName, ...], code: str) -> PoolName | None:
    """The one asked for, else the first; None where no pool is loaded yet. Raises Http404."""
    if code and not any(pool.code == code for pool in pools):
        raise Http404
    return next((pool for pool in pools if code in ("", pool.code)), None)


def _rows(pool: PoolName, typed: TypedCalendar, period: Period, reach: Reach) -> Page[CalendarRow]:
    return calendar_page(
        pool=pool.code,
        by=typed.by,
        begin=period.begin,
        end=period.end,
        filters=typed.filters(user_id=reach.user_id),
        user_id=reach.user_id,
        project_ids=reach.project_ids,
        limit=typed.rows,
        after=typed.after or None,
    )


def _choices(request: HttpRequest, name: str, options: Iterable[Option], current: str) -> list[Choice]:
    return [
        Choice(label, with_query(request, **{name: value, "after": None}), value == current) for value, label in options
    ]


def _moves(request: HttpRequest, period: Period, next_after: str | None) -> dict[str, str]:
    """Addresses of what is before, after, now and below; and the whole address, with its day, for others to open."""
    shared = with_query(request, **{"from": period.first.isoformat()})
    return {
        "earlier": with_query(request, **{"from": period.earlier.isoformat()}),
        "later": with_query(request, **{"from": period.later.isoformat()}),
        "today": with_query(request, **{"from": None}),
        "next": with_query(request, after=next_after) if next_after else "",
        "first_rows": with_query(request, after=None) if request.GET.get("after") else "",
        "shared": request.build_absolute_uri(shared),
    }
