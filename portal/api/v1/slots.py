"""The next starts at which a mix fits."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from portal.access import actor_of, project_for
from portal.accounts.scopes import Scope
from portal.api.body import body_of
from portal.api.idempotent import once
from portal.api.v1 import parameters, search_shapes
from portal.api.v1.booking import words_of
from portal.api.v1.wire import quote_wire, refusal_wire
from portal.api.views import ApiView
from scheduler.models import IdempotencyKey
from scheduler.queries.reservation_detail import planned_nodes
from scheduler.services.slots import slots
from scheduler.slot_parsing import SlotsWish, parse_slots


class SlotList(ApiView):
    scopes = {"POST": Scope.RESERVATIONS_WRITE}

    @extend_schema(
        parameters=[parameters.IDEMPOTENCY_KEY],
        request=search_shapes.SlotsWish,
        responses=search_shapes.Slots,
        operation_id="slots",
    )
    def post(self, request: Request) -> Response:
        """The first starts at which the whole mix fits, each as a quote. Nothing is held; an empty list is a proof."""
        payload = body_of(request)
        return once(request, payload, partial(self._slots, request, payload))

    def _slots(self, request: Request, payload: Any, key: IdempotencyKey | None) -> Response:
        found = slots(wish=searched(request, payload, now=self.now), by=actor_of(request), now=self.now)
        windows = [quote_wire(one, planned_nodes(pool_id=one.pool_id, plan=one.plan)) for one in found.quotes]
        binds = [refusal_wire(refusal) for refusal in found.binds]
        return Response({"windows": windows, "proven": found.is_proven, "binds": binds})


def searched(request: Request, payload: Any, *, now: datetime) -> SlotsWish:
    """Raises Invalid, and PermissionDenied for a project in which the caller only looks."""
    words = words_of(request)
    slug = payload.get("project") if isinstance(payload, Mapping) else None
    if isinstance(slug, str) and slug in words.projects:
        project_for(request, slug, to_book=True)
    return parse_slots(payload, vocabulary=words, now=now)
