"""Windows that come again: a series and its occurrences, each a reservation of its own."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.http import Http404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from fabric.models import Pool
from portal.access import actor_of, booking_required, person_of, reach_of, series_for, visible_projects
from portal.accounts.scopes import Scope
from portal.api.body import body_of
from portal.api.idempotent import once
from portal.api.paging import PAGING, paged, place
from portal.api.problems import Problem
from portal.api.v1 import parameters, series_shapes, shapes
from portal.api.v1.booking import words_of
from portal.api.v1.verbs import expected_version
from portal.api.v1.wire import when
from portal.api.views import ApiView
from scheduler.models import IdempotencyKey, Project, Series
from scheduler.queries.series import OccurrenceRow, SeriesRow, occurrences_of, series_page, series_row
from scheduler.queries.series import body_of as whole_body
from scheduler.reading import Reader
from scheduler.refusals import Invalid
from scheduler.series_parsing import CHANGEABLE, SeriesWish, parse_series
from scheduler.series_rewriting import changed_body, cut_at
from scheduler.services.series import make_series
from scheduler.services.series_change import change_series, end_series

READ_AND_WRITE = {
    "GET": Scope.RESERVATIONS_READ,
    "POST": Scope.RESERVATIONS_WRITE,
    "PATCH": Scope.RESERVATIONS_WRITE,
    "DELETE": Scope.RESERVATIONS_WRITE,
}
UTC_NAME = "UTC"


class SeriesList(ApiView):
    known = PAGING | {"project"}
    scopes = READ_AND_WRITE
    problems = {"POST": (Problem.REFUSED, Problem.POOL_BUSY)}

    @extend_schema(
        parameters=parameters.named(*PAGING, "project"),
        responses=shapes.page_of(series_shapes.SeriesSummary),
        operation_id="series",
    )
    def get(self, request: Request) -> Response:
        """The series of the caller's projects, newest first."""
        limit, after = place(request, self.params)
        project = self.params.one_of("project", lambda: _slugs(request))
        self.params.check()
        found = series_page(project_ids=reach_of(request).project_ids, limit=limit, project=project, after=after)
        return paged(request, found, series_wire)

    @extend_schema(
        parameters=[parameters.IDEMPOTENCY_KEY],
        request=series_shapes.SeriesWish,
        responses={201: series_shapes.Series},
        operation_id="make_series",
    )
    def post(self, request: Request) -> Response:
        """Book windows that come again, on the wall clock of a zone: all or nothing, or what fits.

        A start that the clocks leave out or show twice is refused with NEEDS_CHOICE until `in_gap` or `in_fold` says
        what is meant.
        """
        payload = body_of(request)
        act = partial(self._make, request, payload)
        return once(request, payload, act, again=lambda _, code: _made(request, code))

    def _make(self, request: Request, payload: Any, key: IdempotencyKey | None) -> Response:
        slug = payload.get("project") if isinstance(payload, Mapping) else None
        words = words_of(request)
        if isinstance(slug, str) and slug in words.projects:
            booking_required(request, slug)
        wish = parse_series(payload, vocabulary=words, zone=_zone(request, payload), now=self.now)
        return _made(request, make_series(wish=wish, by=actor_of(request), now=self.now).code)


class SeriesDetail(ApiView):
    scopes = READ_AND_WRITE
    problems = {
        "PATCH": (Problem.REFUSED, Problem.POOL_BUSY, Problem.WRONG_STATE),
        "DELETE": (Problem.POOL_BUSY, Problem.WRONG_STATE),
    }

    @extend_schema(responses=series_shapes.Series, operation_id="one_series")
    def get(self, request: Request, code: str) -> Response:
        """One series with its occurrences, and what did not fit. The ETag is its version, for If-Match."""
        series_for(request, code)
        return _shown(code)

    @extend_schema(
        parameters=parameters.GUARDED,
        request=series_shapes.SeriesChange,
        responses=series_shapes.Series,
        operation_id="change_series",
    )
    def patch(self, request: Request, code: str) -> Response:
        """Change all that has not begun, or, with `from_occurrence`, that one and later, which become a series of their
        own: the answer is the series that holds what was changed. Occurrences changed on their own stay.
        """
        series, payload = series_for(request, code, to_change=True), body_of(request)
        act = partial(self._change, request, series, payload)
        return once(request, payload, act, again=lambda *_: _shown(code))

    def _change(self, request: Request, series: Series, payload: Any, key: IdempotencyKey | None) -> Response:
        wish, since = self._wanted(request, series, payload)
        changed = change_series(
            series=series,
            wish=wish,
            by=actor_of(request),
            now=self.now,
            since=since,
            expected_version=expected_version(request, series),
        )
        return _shown(changed.code)

    @extend_schema(
        parameters=parameters.GUARDED,
        request=None,
        responses={200: series_shapes.Series},
        operation_id="end_series",
    )
    def delete(self, request: Request, code: str) -> Response:
        """Cancel every occurrence that has not begun, but for exceptions. What runs goes on.

        Calling it again changes nothing.
        """
        series = series_for(request, code, to_change=True)
        return once(request, None, partial(self._end, request, series), again=lambda *_: _shown(code))

    def _end(self, request: Request, series: Series, key: IdempotencyKey | None) -> Response:
        version = expected_version(request, series)
        end_series(series=series, by=actor_of(request), now=self.now, expected_version=version)
        return _shown(series.code)

    def _wanted(self, request: Request, series: Series, payload: Any) -> tuple[SeriesWish, datetime | None]:
        reader, words = Reader(), words_of(request)
        patch = reader.mapping(payload, "", CHANGEABLE | {"from_occurrence"})
        given = patch.pop("from_occurrence", None)
        since = None if given is None else reader.moment(given, "from_occurrence")
        if since is not None and not series.occurrences.filter(occurrence_at=since).exists():
            reader.add("from_occurrence", "unknown", "The series has no occurrence there.")
        if reader.errors:
            raise Invalid(reader.errors)
        before = whole_body(series=series)
        old = parse_series(before, vocabulary=words, zone=series.time_zone, now=self.now)
        cut = None if since is None else cut_at(old.pattern, since)
        return parse_series(
            changed_body(before, patch, cut), vocabulary=words, zone=series.time_zone, now=self.now
        ), since


def series_wire(row: SeriesRow) -> dict[str, Any]:
    return {
        "code": row.code,
        "project": row.project,
        "pool": row.pool,
        "title": row.title,
        "rule": row.rule,
        "time_zone": row.time_zone,
        "starts_local": row.starts_local,
        "duration_minutes": row.duration_minutes,
        "on_misfit": row.on_misfit,
        "in_gap": row.in_gap or None,
        "in_fold": row.in_fold or None,
        "excluded": list(row.excluded),
        "version": row.version,
        "ahead": row.ahead,
        "next_at": when(row.next_at),
        "created_by": row.created_by,
        "created_at": when(row.created_at),
        "updated_at": when(row.updated_at),
        "ended_at": when(row.ended_at),
    }


def _occurrence_wire(row: OccurrenceRow) -> dict[str, Any]:
    return {
        "occurrence_at": when(row.occurrence_at),
        "reservation": row.code,
        "state": row.state,
        "starts_at": when(row.starts_at),
        "ends_at": when(row.ends_at),
        "is_exception": row.is_exception,
    }


def _made(request: Request, code: str) -> Response:
    answer = _shown(code, status=201)
    answer.headers["Location"] = request.build_absolute_uri(reverse("v1:one-series", kwargs={"code": code}))
    return answer


def _shown(code: str, *, status: int = 200) -> Response:
    row = series_row(code=code)
    if row is None:
        raise Http404("There is no such series.")
    body = series_wire(row) | {
        "mix": row.request["mix"],
        "occurrences": [_occurrence_wire(one) for one in occurrences_of(code=code)],
        "misfits": [one | {"at": when(datetime.fromisoformat(one["at"]))} for one in row.misfits],
    }
    return Response(body, status=status, headers={"ETag": f'"{row.version}"'})


def _zone(request: Request, payload: Any) -> str:
    """The caller's own, else the pool's."""
    own = person_of(request).time_zone
    pool = payload.get("pool") if isinstance(payload, Mapping) else None
    if own or not isinstance(pool, str) or "time_zone" in payload:
        return own or UTC_NAME
    return Pool.objects.filter(code=pool).values_list("time_zone", flat=True).first() or UTC_NAME


def _slugs(request: Request) -> set[str]:
    return set(Project.objects.filter(id__in=visible_projects(request)).values_list("slug", flat=True))
