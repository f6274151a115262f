"""What projects used in a period, as JSON or as a file for spreadsheets."""

from datetime import UTC, datetime, timedelta

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from fabric.models import Pool
from portal.access import reach_of, visible_projects
from portal.accounts.scopes import Scope
from portal.api.paging import PAGING, paged, place
from portal.api.params import Params
from portal.api.v1 import parameters, usage_shapes
from portal.api.v1.inventory import codes_of
from portal.api.v1.usage_wire import usage_csv, usage_row_wire, used_wire
from portal.api.v1.wire import when
from portal.api.views import ApiView
from scheduler import limits
from scheduler.models import Project
from scheduler.queries.usage_report import Cut, UsageScope, usage_page
from scheduler.refusals import FieldError, Invalid

PERIOD_DAYS = 30
NARROWED = ("project", "pool", "from", "to")
CSV = "csv"


class CsvRenderer(JSONRenderer):
    """Only for the choice between the two: the file is an answer of its own, and problems are JSON as everywhere."""

    media_type = "text/csv"
    format = CSV


class UsageView(ApiView):
    known = PAGING | {*NARROWED, "by", "format"}
    scopes = {"GET": Scope.USAGE_READ}
    renderer_classes = (JSONRenderer, CsvRenderer)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[BaseRenderer, str]:
        """`format` goes before what the caller accepts, so that a link can ask for the file."""
        if request.query_params.get("format") == CSV:
            return CsvRenderer(), CsvRenderer.media_type
        chosen: tuple[BaseRenderer, str] = super().perform_content_negotiation(request, force)
        return chosen

    @extend_schema(
        parameters=[
            *parameters.named(*PAGING, *NARROWED),
            OpenApiParameter("by", str, enum=[cut.value for cut in Cut], default=Cut.CLASS.value),
            OpenApiParameter("format", str, enum=["json", CSV], description="Or by the header `Accept: text/csv`."),
        ],
        responses={(200, "application/json"): usage_shapes.Usage, (200, "text/csv"): OpenApiTypes.STR},
        operation_id="usage",
    )
    def get(self, request: Request) -> Response | HttpResponse:
        """Device-hours, price and energy of the caller's projects, by device class and by day or month.

        From a month ago until now unless said otherwise. A file has every row and no pages.
        """
        limit, after = place(request, self.params)
        scope, cut = self._scope(request), Cut(self.params.one_of("by", lambda: list(Cut)) or Cut.CLASS)
        self.params.one_of("format", lambda: ("json", CSV))
        self.params.check()
        if request.accepted_renderer.format == CSV:
            return self._file(scope, cut)
        page = usage_page(scope=scope, cut=cut, now=self.now, limit=limit, after=after)
        period = {"from": str(when(scope.begins_at)), "to": str(when(scope.ends_at))}
        answer = paged(request, page, usage_row_wire, pinned=period)  # the same, though now moves on
        return Response({**period, "by": cut.value, "total": used_wire(page.total), **answer.data})

    def _scope(self, request: Request) -> UsageScope:
        params = self.params
        end = (params.moment("to") or self.now).astimezone(UTC)
        begin = (params.moment("from") or _a_month_before(end)).astimezone(UTC)
        _check_period(params, end - begin)
        return UsageScope(
            project_ids=reach_of(request).project_ids,
            begins_at=begin,
            ends_at=end,
            project=params.one_of("project", lambda: _slugs(request)),
            pool=params.one_of("pool", codes_of(Pool)),
        )

    def _file(self, scope: UsageScope, cut: Cut) -> HttpResponse:
        page = usage_page(scope=scope, cut=cut, now=self.now, limit=limits.USAGE_CSV_ROWS_MAX)
        if page.next_after is not None:
            message = f"This makes more than {limits.USAGE_CSV_ROWS_MAX:,} rows; ask for a shorter period."
            raise Invalid([FieldError("to", "too_large", message)])
        name = f"usage-{scope.begins_at:%Y-%m-%d}-{scope.ends_at:%Y-%m-%d}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(usage_csv(page.rows), content_type="text/csv; charset=utf-8", headers=headers)


def _a_month_before(end: datetime) -> datetime:
    """At the very beginning of the calendar there is none: then the period is empty, which is told."""
    try:
        return end - timedelta(days=PERIOD_DAYS)
    except OverflowError:
        return end


def _check_period(params: Params, length: timedelta) -> None:
    if length <= timedelta():
        params.add("to", "inverted", "The end must come after the start.")
    elif length > timedelta(days=limits.USAGE_DAYS_MAX):
        params.add("to", "too_large", f"At most {limits.USAGE_DAYS_MAX} days are told at once.")


def _slugs(request: Request) -> set[str]:
    return set(Project.objects.filter(id__in=visible_projects(request)).values_list("slug", flat=True))
