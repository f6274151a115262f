"""What webhooks were sent: the log with every try, a test, and what is sent again."""

import json
from functools import partial
from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from portal.access import webhook_for
from portal.api.body import body_of
from portal.api.idempotent import once
from portal.api.paging import PAGING, paged, place
from portal.api.problems import Problem
from portal.api.v1 import parameters, shapes, webhook_shapes
from portal.api.v1.tokens import TokenView
from portal.api.v1.wire import when
from scheduler.models import IdempotencyKey, Webhook, WebhookDelivery
from scheduler.queries.webhooks import DeliveryRow, delivery_named, delivery_page, delivery_row
from scheduler.services import webhooks
from scheduler.services.webhooks_log import replay, send_test
from scheduler.states import DeliveryState

STATE = OpenApiParameter("state", OpenApiTypes.STR, enum=[state.value for state in DeliveryState])


class DeliveryList(TokenView):
    known = PAGING | {"state"}

    @extend_schema(
        parameters=[*parameters.named(*PAGING), STATE],
        responses=shapes.page_of(webhook_shapes.Delivery),
        operation_id="webhook_deliveries",
    )
    def get(self, request: Request, code: str) -> Response:
        """Its messages with every try, newest first."""
        limit, after = place(request, self.params)
        state = self.params.one_of("state", lambda: [one.value for one in DeliveryState])
        self.params.check()
        wanted = DeliveryState(state) if state else None
        found = delivery_page(hook=webhook_for(request, code), limit=limit, after=after, state=wanted)
        return paged(request, found, delivery_wire)


class DeliveryDetail(TokenView):
    @extend_schema(responses=webhook_shapes.WholeDelivery, operation_id="webhook_delivery")
    def get(self, request: Request, code: str, message_id: str) -> Response:
        """One message, with what was sent."""
        row = delivery_row(delivery_for(webhook_for(request, code), message_id))
        return Response({**delivery_wire(row), "body": json.loads(row.body)})


class Replay(TokenView):
    problems = {"POST": (Problem.WRONG_STATE,)}

    @extend_schema(
        parameters=[parameters.IDEMPOTENCY_KEY],
        request=None,
        responses={201: webhook_shapes.Delivery},
        operation_id="replay_delivery",
    )
    def post(self, request: Request, code: str, message_id: str) -> Response:
        """Send the same body again, as a new message; while one is on its way, that one is answered."""
        delivery, payload = delivery_for(webhook_for(request, code), message_id), body_of(request)
        webhooks.read_nothing(payload=payload)
        return once(request, payload, partial(self._replay, delivery))

    def _replay(self, delivery: WebhookDelivery, key: IdempotencyKey | None) -> Response:
        again = replay(delivery=delivery, now=self.now)
        return Response(delivery_wire(delivery_row(delivery_for(delivery.webhook, again.message_id))), status=201)


class Test(TokenView):
    problems = {"POST": (Problem.WRONG_STATE,)}

    @extend_schema(
        parameters=[parameters.IDEMPOTENCY_KEY],
        request=None,
        responses={201: webhook_shapes.Delivery},
        operation_id="test_webhook",
    )
    def post(self, request: Request, code: str) -> Response:
        """Send one message that says it is a test. It is tried once; look into `deliveries/` for what came of it."""
        hook, payload = webhook_for(request, code), body_of(request)
        webhooks.read_nothing(payload=payload)
        return once(request, payload, partial(self._test, hook))

    def _test(self, hook: Webhook, key: IdempotencyKey | None) -> Response:
        sent = send_test(hook=hook, now=self.now)
        return Response(delivery_wire(delivery_row(delivery_for(hook, sent.message_id))), status=201)


def delivery_for(hook: Webhook, message_id: str) -> WebhookDelivery:
    """Raises Http404, also for another webhook's."""
    delivery = delivery_named(hook=hook, message_id=message_id)
    if delivery is None:
        raise Http404("The webhook has no such message; the log is kept for a month.")
    return delivery


def delivery_wire(row: DeliveryRow) -> dict[str, Any]:
    return {
        "id": row.message_id,
        "type": row.kind,
        "event": row.event,
        "state": row.state,
        "tries": row.tries,
        "due_at": when(row.due_at),
        "created_at": when(row.created_at),
        "finished_at": when(row.finished_at),
        "replay_of": row.replay_of,
        "attempts": [
            {"at": when(one.at), "status": one.status, "milliseconds": one.milliseconds, "error": one.error}
            for one in row.attempts
        ],
    }
