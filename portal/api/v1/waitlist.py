"""Who of the caller's projects waits, in order."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from fabric.models import Pool
from portal.access import reach_of
from portal.accounts.scopes import Scope
from portal.api.paging import PAGING, paged, place
from portal.api.v1 import parameters, shapes, waitlist_shapes
from portal.api.v1.inventory import codes_of
from portal.api.v1.waitlist_wire import wait_wire
from portal.api.views import ApiView
from scheduler.queries.waits import WaitRow, wait_page


class Waitlist(ApiView):
    known = PAGING | {"pool"}
    scopes = {"GET": Scope.RESERVATIONS_READ}

    @extend_schema(
        parameters=parameters.named(*PAGING, "pool"),
        responses=shapes.page_of(waitlist_shapes.WaitingReservation),
        operation_id="waitlist",
    )
    def get(self, request: Request) -> Response:
        """The reservations of the caller's projects that wait: by pool, in the order in which they are looked at."""
        limit, after = place(request, self.params)
        pool = self.params.one_of("pool", codes_of(Pool))
        self.params.check()
        ids = reach_of(request).project_ids
        return paged(request, wait_page(project_ids=ids, now=self.now, limit=limit, after=after, pool=pool), row_wire)


def row_wire(row: WaitRow) -> dict[str, Any]:
    named = {name: getattr(row, name) for name in ("code", "title", "project", "pool", "priority")}
    return {**named, **wait_wire(row)}
