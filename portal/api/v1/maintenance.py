"""What is, or will be, out of service: for everybody to plan around."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from fabric.models import Pool
from portal.api.paging import PAGING, paged, place
from portal.api.v1 import inventory_shapes, parameters, shapes
from portal.api.v1.inventory import InventoryView, codes_of
from portal.api.v1.wire import when
from scheduler.queries.maintenance import MaintenanceRow, maintenance_page


class MaintenanceList(InventoryView):
    known = PAGING | {"pool"}

    @extend_schema(
        parameters=parameters.named(*PAGING, "pool"),
        responses=shapes.page_of(inventory_shapes.Maintenance),
        operation_id="maintenance",
    )
    def get(self, request: Request) -> Response:
        """What is out of service now, or will be: the next first, without what is over."""
        limit, after = place(request, self.params)
        pool = self.params.one_of("pool", codes_of(Pool))
        self.params.check()
        return paged(request, maintenance_page(now=self.now, limit=limit, pool=pool, after=after), maintenance_wire)


def maintenance_wire(row: MaintenanceRow) -> dict[str, Any]:
    return {
        "code": row.code,
        "pool": row.pool,
        "scope": row.scope,
        "target": row.target,
        "starts_at": when(row.starts_at),
        "ends_at": when(row.ends_at),
        "reason": row.reason,
        "begun": row.has_begun,
    }
