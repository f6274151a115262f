"""Pools, the catalogue, hosts and blocks: read only, the same for everyone but for who holds a thing."""

from collections.abc import Callable

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from fabric.models import DeviceClass, Pool, Zone
from portal.access import reach_of
from portal.accounts.scopes import Scope
from portal.api.paging import PAGING, paged, place
from portal.api.params import Params
from portal.api.v1 import inventory_shapes, parameters, shapes
from portal.api.v1.wire import block_wire, device_class_wire, host_wire, pool_wire
from portal.api.views import ApiView
from scheduler.queries.pools import device_class_page, pool_page
from scheduler.queries.units import UNIT_STATES, UnitFilters, block_page, host_page


class InventoryView(ApiView):
    scopes = {"GET": Scope.INVENTORY_READ}


class PoolList(InventoryView):
    known = PAGING

    @extend_schema(
        parameters=parameters.named(*PAGING), responses=shapes.page_of(inventory_shapes.Pool), operation_id="pools"
    )
    def get(self, request: Request) -> Response:
        """Pools with their policy and what is free now."""
        limit, after = place(request, self.params)
        self.params.check()
        return paged(request, pool_page(now=self.now, limit=limit, after=after), pool_wire)


class PoolDetail(InventoryView):
    @extend_schema(responses=inventory_shapes.Pool, operation_id="pool")
    def get(self, request: Request, code: str) -> Response:
        """One pool."""
        page = pool_page(now=self.now, limit=1, code=code)
        if not page.rows:
            raise Http404("There is no such pool.")
        return Response(pool_wire(page.rows[0]))


class DeviceClassList(InventoryView):
    known = PAGING | {"pool"}

    @extend_schema(
        parameters=parameters.named(*PAGING, "pool"),
        responses=shapes.page_of(inventory_shapes.DeviceClass),
        operation_id="device_classes",
    )
    def get(self, request: Request) -> Response:
        """The catalogue, with how much of each the pools have, and how much of it is free now."""
        limit, after = place(request, self.params)
        pool = self.params.one_of("pool", codes_of(Pool))
        self.params.check()
        return paged(request, device_class_page(now=self.now, limit=limit, after=after, pool=pool), device_class_wire)


class BlockList(InventoryView):
    known = PAGING | {"pool", "state", "device_class", "zone"}

    @extend_schema(
        parameters=parameters.named(*PAGING, "pool", "unit_state", "device_class", "zone"),
        responses=shapes.page_of(inventory_shapes.Block),
        operation_id="blocks",
    )
    def get(self, request: Request) -> Response:
        """Cards, drives and NICs, one each. `reservation` is named only to those who may see it."""
        limit, after = place(request, self.params)
        filters = _filters(self.params)
        self.params.check()
        seen = reach_of(request).project_ids
        return paged(
            request, block_page(filters=filters, project_ids=seen, now=self.now, limit=limit, after=after), block_wire
        )


class HostList(InventoryView):
    known = PAGING | {"pool", "state", "zone"}

    @extend_schema(
        parameters=parameters.named(*PAGING, "pool", "unit_state", "zone"),
        responses=shapes.page_of(inventory_shapes.Host),
        operation_id="hosts",
    )
    def get(self, request: Request) -> Response:
        """Hosts and fixed systems."""
        limit, after = place(request, self.params)
        filters = _filters(self.params)
        self.params.check()
        seen = reach_of(request).project_ids
        return paged(
            request, host_page(filters=filters, project_ids=seen, now=self.now, limit=limit, after=after), host_wire
        )


def _filters(params: Params) -> UnitFilters:
    return UnitFilters(
        pool=params.one_of("pool", codes_of(Pool)),
        state=params.one_of("state", lambda: UNIT_STATES),
        device_class=params.one_of("device_class", codes_of(DeviceClass)),
        zone=params.one_of("zone", codes_of(Zone)),
    )


def codes_of(model: type[Pool] | type[DeviceClass] | type[Zone]) -> Callable[[], set[str]]:
    return lambda: set(model.objects.values_list("code", flat=True))
