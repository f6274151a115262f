"""Series with their occurrences, for pages and the API."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q

from scheduler.models import Reservation, Series
from scheduler.queries.paging import Page, one_more
from scheduler.states import UPCOMING, ReservationState

_ID_DIGITS_MAX = 18
_AHEAD = Q(occurrences__state__in=sorted(UPCOMING), occurrences__occurrence_at__isnull=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesRow:
    """`ahead` is how many have not begun; `next_at` when the first of them does."""

    code: str
    project: str
    pool: str
    title: str
    rule: str
    time_zone: str
    starts_local: str
    duration_minutes: int
    request: dict[str, Any]
    on_misfit: str
    in_gap: str
    in_fold: str
    excluded: tuple[str, ...]
    misfits: tuple[dict[str, Any], ...]
    version: int
    ahead: int
    next_at: datetime | None
    created_by: str
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OccurrenceRow:
    occurrence_at: datetime
    code: str
    state: ReservationState
    starts_at: datetime
    ends_at: datetime
    is_exception: bool


def series_page(
    *, project_ids: Collection[int] | None, limit: int, project: str | None = None, after: str | None = None
) -> Page[SeriesRow]:
    """Newest first. One query. `project_ids` None is every project."""
    found = _rows()
    if project_ids is not None:
        found = found.filter(project_id__in=project_ids)
    if project is not None:
        found = found.filter(project__slug=project)
    if after is not None and after.isascii() and after.isdigit() and len(after) <= _ID_DIGITS_MAX:
        found = found.filter(id__lt=int(after))
    kept, following = one_more(found[: limit + 1], limit=limit, key=lambda one: str(one.pk))
    return Page(tuple(_row(one) for one in kept), following)


def series_row(*, code: str) -> SeriesRow | None:
    """One query."""
    found = _rows().filter(code=code).first()
    return _row(found) if found is not None else None


def occurrences_of(*, code: str) -> tuple[OccurrenceRow, ...]:
    """In order of where the series put them; without those that a change replaced. One query."""
    rows = Reservation.objects.filter(series__code=code, occurrence_at__isnull=False).order_by("occurrence_at", "id")
    return tuple(_occurrence(one) for one in rows.only(*_OCCURRENCE))


def body_of(*, series: Series) -> dict[str, Any]:
    """What would make it again."""
    chosen = {"in_gap": series.in_gap, "in_fold": series.in_fold}
    return {
        **series.request,
        "rule": series.rule,
        "time_zone": series.time_zone,
        "starts_local": series.starts_local,
        "duration_minutes": series.duration_minutes,
        "on_misfit": series.on_misfit,
        "excluded": list(series.excluded),
        **{name: value for name, value in chosen.items() if value},
    }


_OCCURRENCE = ("code", "state", "starts_at", "ends_at", "is_exception", "occurrence_at")


def _rows() -> Any:
    found = Series.objects.select_related("project", "pool", "created_by").order_by("-id")
    return found.annotate(
        ahead=Count("occurrences", filter=_AHEAD), next_at=Min("occurrences__starts_at", filter=_AHEAD)
    )


def _row(series: Any) -> SeriesRow:
    return SeriesRow(
        code=series.code,
        project=series.project.slug,
        pool=series.pool.code,
        title=series.title,
        rule=series.rule,
        time_zone=series.time_zone,
        starts_local=series.starts_local,
        duration_minutes=series.duration_minutes,
        request=series.request,
        on_misfit=series.on_misfit,
        in_gap=series.in_gap,
        in_fold=series.in_fold,
        excluded=tuple(series.excluded),
        misfits=tuple(series.misfits),
        version=series.version,
        ahead=series.ahead,
        next_at=series.next_at,
        created_by=series.created_by.get_username() if series.created_by else "",
        created_at=series.created_at,
        updated_at=series.updated_at,
        ended_at=series.ended_at,
    )


def _occurrence(row: Reservation) -> OccurrenceRow:
    assert row.occurrence_at is not None, "the query leaves out those without a place"
    return OccurrenceRow(
        occurrence_at=row.occurrence_at,
        code=row.code,
        state=ReservationState(row.state),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        is_exception=row.is_exception,
    )
