"""End a reservation later, on the same devices."""

from datetime import datetime
from functools import partial
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from portal.access import actor_of, reach_of, reservation_for
from portal.accounts.scopes import Scope
from portal.api.body import body_of
from portal.api.idempotent import once
from portal.api.v1 import parameters, shapes
from portal.api.v1.reservations import shown
from portal.api.v1.verbs import expected_version
from portal.api.views import ApiView
from scheduler.models import IdempotencyKey, Reservation
from scheduler.reading import Reader
from scheduler.refusals import Invalid
from scheduler.services.extend import extend

FIELDS = frozenset({"ends_at"})


class Extend(ApiView):
    scopes = {"POST": Scope.RESERVATIONS_WRITE}

    @extend_schema(
        parameters=parameters.GUARDED,
        request=shapes.ExtendWish,
        responses={200: shapes.Reservation},
        operation_id="extend",
    )
    def post(self, request: Request, code: str) -> Response:
        """Keep the same devices until a later end, or be told who has them then and the last end that would fit."""
        reservation = reservation_for(request, code, to_change=True)
        payload = body_of(request)
        act = partial(self._extend, request, reservation, payload)
        return once(request, payload, act, again=lambda *_: shown(code))

    def _extend(self, request: Request, reservation: Reservation, payload: Any, key: IdempotencyKey | None) -> Response:
        extend(
            reservation=reservation,
            ends_at=_wanted(payload),
            by=actor_of(request),
            now=self.now,
            expected_version=expected_version(request, reservation),
            sees=reach_of(request).project_ids,
        )
        return shown(reservation.code)


def _wanted(payload: Any) -> datetime:
    reader = Reader()
    body = reader.mapping(payload, "", FIELDS)
    if body.get("ends_at") is None:
        reader.add("ends_at", "required", "Say until when, such as 2030-05-17T09:00:00+02:00.")
    ends_at = None if reader.errors else reader.moment(body["ends_at"], "ends_at")
    if ends_at is None:
        raise Invalid(reader.errors)
    return ends_at
