"""Another mix for a reservation: planned anew before it begins, changed in place while it is in use."""

from functools import partial
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from portal.access import actor_of, reservation_for
from portal.accounts.scopes import Scope
from portal.api.body import body_of
from portal.api.idempotent import once
from portal.api.v1 import parameters, resize_shapes, shapes
from portal.api.v1.reservations import shown
from portal.api.v1.verbs import expected_version
from portal.api.views import ApiView
from scheduler.models import IdempotencyKey, Reservation
from scheduler.resize_parsing import parse_resize
from scheduler.services.resize import resize


class Resize(ApiView):
    scopes = {"POST": Scope.RESERVATIONS_WRITE}

    @extend_schema(
        parameters=parameters.GUARDED,
        request=resize_shapes.RESIZE,
        responses={200: shapes.Reservation},
        operation_id="resize",
    )
    def post(self, request: Request, code: str) -> Response:
        """Give it another mix, or other counts of nodes. In use what comes is proven before anything goes."""
        reservation = reservation_for(request, code, to_change=True)
        payload = body_of(request)
        act = partial(self._resize, request, reservation, payload)
        return once(request, payload, act, again=lambda *_: shown(code))

    def _resize(self, request: Request, reservation: Reservation, payload: Any, key: IdempotencyKey | None) -> Response:
        resize(
            reservation=reservation,
            wish=parse_resize(payload),
            by=actor_of(request),
            now=self.now,
            expected_version=expected_version(request, reservation),
        )
        return shown(reservation.code)
