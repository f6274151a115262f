"""The journal, in order and resumable: `after` is the id of the last entry one has."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from portal.access import reach_of, reservation_for
from portal.accounts.scopes import Scope
from portal.api.params import Params
from portal.api.v1 import parameters, shapes
from portal.api.v1.wire import entry_wire
from portal.api.views import ApiView
from scheduler import limits
from scheduler.queries.journal import START, EntryRow, JournalCursor, cursor_of, entries_after

KNOWN = frozenset({"after", "limit"})


class EventList(ApiView):
    known = KNOWN
    scopes = {"GET": Scope.RESERVATIONS_READ}

    @extend_schema(
        parameters=parameters.named("after", "limit"), responses=shapes.page_of(shapes.Event), operation_id="events"
    )
    def get(self, request: Request) -> Response:
        """Journal entries of the caller's projects and of pools, oldest first."""
        cursor, limit = _place(self.params)
        reach = reach_of(request)
        entries = entries_after(
            cursor=cursor, limit=limit + 1, project_ids=reach.project_ids, sees_all=reach.project_ids is None
        )
        return _page(request, entries, limit)


class ReservationEventList(ApiView):
    known = KNOWN
    scopes = {"GET": Scope.RESERVATIONS_READ}

    @extend_schema(
        parameters=parameters.named("after", "limit"),
        responses=shapes.page_of(shapes.Event),
        operation_id="reservation_events",
    )
    def get(self, request: Request, code: str) -> Response:
        """Journal entries of one reservation, oldest first."""
        reservation = reservation_for(request, code)
        cursor, limit = _place(self.params)
        return _page(request, entries_after(cursor=cursor, limit=limit + 1, reservation_id=reservation.id), limit)


def _place(params: Params) -> tuple[JournalCursor, int]:
    after = params.integer("after", least=0, most=parameters.ENTRY_ID_MAX, default=0)
    limit = params.integer("limit", least=1, most=limits.PAGE_SIZE_MAX, default=limits.PAGE_SIZE)
    params.check()
    cursor = cursor_of(entry_id=after)
    if cursor is None:
        params.add("after", "unknown", "There is no such entry (yet).")
    params.check()
    return cursor or START, limit


def _page(request: Request, entries: list[EntryRow], limit: int) -> Response:
    kept = entries[:limit]
    following = None
    if len(entries) > limit:
        following = replace_query_param(request.build_absolute_uri(), "after", kept[-1].id)
    return Response({"results": [entry_wire(entry) for entry in kept], "next": following})
