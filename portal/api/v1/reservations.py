"""List, book and look at reservations."""

from functools import partial
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from fabric.models import Pool
from portal.access import reach_of, reservation_for, visible_projects
from portal.accounts.scopes import Scope
from portal.api.body import body_of
from portal.api.idempotent import once
from portal.api.paging import PAGING, paged, place
from portal.api.params import Params
from portal.api.v1 import parameters, shapes
from portal.api.v1.booking import book
from portal.api.v1.inventory import codes_of
from portal.api.v1.waitlist_wire import wait_wire
from portal.api.v1.wire import reservation_detail_wire, reservation_wire
from portal.api.views import ApiView
from scheduler.models import IdempotencyKey, Project, Reservation
from scheduler.queries.reservation_detail import reservation_detail
from scheduler.queries.reservations import ReservationFilters, reservation_page
from scheduler.queries.waits import wait_row
from scheduler.states import ReservationState

READ_AND_WRITE = {"GET": Scope.RESERVATIONS_READ, "POST": Scope.RESERVATIONS_WRITE}


class ReservationList(ApiView):
    known = PAGING | {"project", "pool", "state", "from", "to", "mine"}
    scopes = READ_AND_WRITE

    @extend_schema(
        parameters=parameters.named(*PAGING, "project", "pool", "reservation_state", "from", "to", "mine"),
        responses=shapes.page_of(shapes.ReservationSummary),
        operation_id="reservations",
    )
    def get(self, request: Request) -> Response:
        """The reservations of the caller's projects, newest first. `from` and `to`: a period its window touches."""
        limit, after = place(request, self.params)
        filters = _filters(request, self.params)
        self.params.check()
        page = reservation_page(project_ids=reach_of(request).project_ids, filters=filters, limit=limit, after=after)
        return paged(request, page, reservation_wire)

    @extend_schema(
        parameters=[parameters.IDEMPOTENCY_KEY],
        request=shapes.BOOKING,
        responses={201: shapes.Reservation},
        operation_id="book",
    )
    def post(self, request: Request) -> Response:
        """Book a mix, or exactly what was quoted. Confirmed, held (`hold_minutes`) or waiting (`waitlist`)."""
        payload = body_of(request)
        return once(request, payload, partial(self._book, request, payload), committed=partial(created, request))

    def _book(self, request: Request, payload: Any, key: IdempotencyKey | None) -> Response:
        return created(request, book(request, payload, now=self.now, key=key))


class ReservationDetail(ApiView):
    scopes = READ_AND_WRITE

    @extend_schema(responses=shapes.Reservation, operation_id="reservation")
    def get(self, request: Request, code: str) -> Response:
        """One reservation whole. The ETag is its version, for If-Match."""
        reservation_for(request, code)
        return shown(code)


def created(request: Request, reservation: Reservation) -> Response:
    """State and version are those of the commit: a worker may have begun before this answer is written."""
    answer = shown(reservation.code, status=201)
    answer.data |= {"state": reservation.state, "version": reservation.version}
    answer.headers["ETag"] = f'"{reservation.version}"'
    path = reverse("v1:reservation", kwargs={"code": reservation.code})
    answer.headers["Location"] = request.build_absolute_uri(path)
    return answer


def shown(code: str, *, status: int = 200) -> Response:
    """The read path, run again after a write."""
    detail = reservation_detail(code=code)
    if detail is None:
        raise Http404("There is no such reservation.")
    now, row = timezone.now(), detail.row
    body = reservation_detail_wire(detail, now=now)
    if row.state == ReservationState.WAITLISTED and (mine := wait_row(code=code, pool=row.pool_code, now=now)):
        body["waitlist"] = wait_wire(mine)
    return Response(body, status=status, headers={"ETag": f'"{detail.row.version}"'})


def _filters(request: Request, params: Params) -> ReservationFilters:
    state = params.one_of("state", lambda: list(ReservationState))
    starts, ends = params.moment("from"), params.moment("to")
    if starts is not None and ends is not None and ends <= starts:
        params.add("to", "inverted", "The end must come after the start.")
    return ReservationFilters(
        project=params.one_of("project", lambda: _slugs(request)),
        pool=params.one_of("pool", codes_of(Pool)),
        states=None if state is None else frozenset({state}),
        overlaps_from=starts,
        overlaps_to=ends,
        created_by_id=reach_of(request).user_id if params.boolean("mine") else None,
    )


def _slugs(request: Request) -> set[str]:
    return set(Project.objects.filter(id__in=visible_projects(request)).values_list("slug", flat=True))
