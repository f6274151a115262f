"""Be told once that a mix would fit."""

from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from portal.access import actor_of, person_of, reach_of
from portal.accounts.scopes import Scope
from portal.api.body import body_of
from portal.api.idempotent import once
from portal.api.paging import PAGING, paged, place
from portal.api.v1 import parameters, search_shapes, shapes
from portal.api.v1.slots import searched
from portal.api.v1.wire import when
from portal.api.views import ApiView
from scheduler.models import CapacityAlert, IdempotencyKey
from scheduler.queries.alerts import alert_page, alerts_of
from scheduler.services.alerts import make_alert


class AlertList(ApiView):
    known = PAGING
    scopes = {"GET": Scope.RESERVATIONS_READ, "POST": Scope.RESERVATIONS_WRITE}

    @extend_schema(
        parameters=parameters.named(*PAGING), responses=shapes.page_of(search_shapes.Alert), operation_id="alerts"
    )
    def get(self, request: Request) -> Response:
        """The caller's own, newest first; also those they were told of, and those of projects they see no longer."""
        limit, after = place(request, self.params)
        self.params.check()
        return paged(request, alert_page(found=_mine(request), limit=limit, after=after), partial(_shown, request))

    @extend_schema(
        parameters=[parameters.IDEMPOTENCY_KEY],
        request=search_shapes.AlertWish,
        responses={201: search_shapes.Alert},
        operation_id="make_alert",
    )
    def post(self, request: Request) -> Response:
        """Be told once that the mix fits between two dates. Nothing is held, and it is no place on the waitlist."""
        payload = body_of(request)
        return once(request, payload, partial(self._make, request, payload), again=partial(_made_before, request))

    def _make(self, request: Request, payload: Any, key: IdempotencyKey | None) -> Response:
        wish = searched(request, payload, now=self.now)
        made = make_alert(wish=wish, by=actor_of(request), now=self.now)
        return Response(alert_wire(made, may_see=True), status=201)


class AlertDetail(ApiView):
    scopes = {"DELETE": Scope.RESERVATIONS_WRITE}

    @extend_schema(request=None, responses={204: None}, operation_id="remove_alert")
    def delete(self, request: Request, code: str) -> Response:
        """Hear of it no longer."""
        removed, _ = _mine(request).filter(code=code).delete()
        if not removed:
            raise Http404("There is no such alert.")
        return Response(status=204)


def alert_wire(alert: CapacityAlert, *, may_see: bool) -> dict[str, Any]:
    """Of a project that one sees no longer: its code, to remove it by, and its dates."""
    return {
        "code": alert.code,
        "project": alert.project.slug if may_see else None,
        "pool": alert.pool.code if may_see else None,
        "mix": alert.request["mix"] if may_see else None,
        "duration_minutes": alert.duration_minutes,
        "not_before": when(alert.not_before),
        "not_after": when(alert.not_after),
        "created_at": when(alert.created_at),
        "told_at": when(alert.told_at),
    }


def _made_before(request: Request, row: IdempotencyKey, code: str) -> Response:
    """The one that a call made which died before it was answered; it may be removed since."""
    made = _mine(request).filter(code=code).first()
    if made is None:
        raise Http404("It is removed already.")
    return Response(_shown(request, made), status=201)


def _shown(request: Request, alert: CapacityAlert) -> dict[str, Any]:
    return alert_wire(alert, may_see=reach_of(request).may_see(alert.project_id))


def _mine(request: Request) -> "QuerySet[CapacityAlert]":
    return alerts_of(user_id=person_of(request).pk, only_project_id=reach_of(request).only_project_id)
