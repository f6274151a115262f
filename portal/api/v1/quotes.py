"""Ask what a mix would get, cost and draw, without booking it."""

from functools import partial
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from portal.access import actor_of
from portal.accounts.scopes import Scope
from portal.api.body import body_of
from portal.api.idempotent import once
from portal.api.v1 import parameters, shapes
from portal.api.v1.booking import wanted
from portal.api.v1.choice_wire import choice_wire
from portal.api.v1.wire import quote_wire
from portal.api.views import ApiView
from scheduler.models import IdempotencyKey, Quote
from scheduler.queries.reservation_detail import planned_nodes
from scheduler.requests import ReservationRequest
from scheduler.services.choices import quote_choices
from scheduler.services.quote import consent_to, quote


class QuoteList(ApiView):
    scopes = {"POST": Scope.RESERVATIONS_WRITE}

    @extend_schema(
        parameters=[parameters.IDEMPOTENCY_KEY],
        request=shapes.Wish,
        responses={201: shapes.Quote},
        operation_id="quote",
    )
    def post(self, request: Request) -> Response:
        """Plan, price, power and warm-up of a mix. Nothing is held; `{"quote": id}` books exactly this plan.

        A mix with `first_of` is quoted for each of its alternatives too, in `choices`.
        """
        payload = body_of(request)
        return once(
            request, payload, partial(self._quote, request, payload), again=partial(self._again, request, payload)
        )

    def _quote(self, request: Request, payload: Any, key: IdempotencyKey | None) -> Response:
        asked = wanted(request, payload, now=self.now)
        return self._quoted(asked, quote(request=asked, by=actor_of(request), now=self.now))

    def _again(self, request: Request, payload: Any, key: IdempotencyKey, code: str) -> Response:
        """The one that a call made before it died, as it was made."""
        made = Quote.objects.get(code=code)
        return self._quoted(wanted(request, payload, now=made.created_at), made)

    def _quoted(self, asked: ReservationRequest, made: Quote) -> Response:
        nodes = planned_nodes(pool_id=made.pool_id, plan=made.plan)
        found = [choice_wire(one) for one in quote_choices(request=asked, now=self.now)]
        consent = consent_to(quote=made, priority=asked.priority, now=self.now)
        told = {"route": str(consent.route), "because": list(consent.because)} if consent else None
        return Response(quote_wire(made, nodes) | {"choices": found, "approval": told}, status=201)
