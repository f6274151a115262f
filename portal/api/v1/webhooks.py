"""Addresses that are told of what happens: a project's, for its leads, and the operators' own.

A narrowed token cannot manage them: they go on telling after it was revoked.
"""

from functools import partial
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from portal.access import actor_of, operator_required, project_for, webhook_for
from portal.api.body import body_of
from portal.api.idempotent import once
from portal.api.paging import PAGING, paged, place
from portal.api.v1 import parameters, shapes, webhook_shapes
from portal.api.v1.tokens import TokenView
from portal.api.v1.wire import when
from scheduler.models import IdempotencyKey, Project, Webhook
from scheduler.queries.webhooks import WebhookRow, webhook_page, webhook_row
from scheduler.services import webhooks


class _WebhookList(TokenView):
    known = PAGING

    def listed(self, request: Request, project: Project | None) -> Response:
        limit, after = place(request, self.params)
        self.params.check()
        found = webhook_page(project_id=project.pk if project else None, limit=limit, after=after, now=self.now)
        return paged(request, found, webhook_wire)

    def made(self, request: Request, project: Project | None) -> Response:
        payload = body_of(request)
        act = partial(self._make, request, project, payload)
        return once(request, payload, act, remade=_with_secret, again=lambda _, code: self._new(request, code))

    def _make(self, request: Request, project: Project | None, payload: Any, key: IdempotencyKey | None) -> Response:
        wish = webhooks.read_wish(payload=payload)
        hook = webhooks.make(project=project, wish=wish, by=actor_of(request), now=self.now)
        return self._new(request, hook.code)

    def _new(self, request: Request, code: str) -> Response:
        answer = Response(_told_with_secret(webhook_for(request, code), self.now), status=201)
        answer.headers["Location"] = request.build_absolute_uri(reverse("v1:webhook", kwargs={"code": code}))
        return answer


class ProjectWebhookList(_WebhookList):
    @extend_schema(
        parameters=parameters.named(*PAGING),
        responses=shapes.page_of(webhook_shapes.Webhook),
        operation_id="project_webhooks",
    )
    def get(self, request: Request, slug: str) -> Response:
        """The project's webhooks by code, for its leads."""
        return self.listed(request, project_for(request, slug, to_lead=True))

    @extend_schema(
        parameters=[parameters.IDEMPOTENCY_KEY],
        request=webhook_shapes.WebhookWish,
        responses={201: webhook_shapes.NewWebhook},
        operation_id="make_webhook",
    )
    def post(self, request: Request, slug: str) -> Response:
        """Make one that hears of what the project's members may see, from now on. Its `secret` is shown this once."""
        return self.made(request, project_for(request, slug, to_lead=True))


class WebhookList(_WebhookList):
    @extend_schema(
        parameters=parameters.named(*PAGING),
        responses=shapes.page_of(webhook_shapes.Webhook),
        operation_id="webhooks",
    )
    def get(self, request: Request) -> Response:
        """The operators' own webhooks."""
        operator_required(request)
        return self.listed(request, None)

    @extend_schema(
        parameters=[parameters.IDEMPOTENCY_KEY],
        request=webhook_shapes.WebhookWish,
        responses={201: webhook_shapes.NewWebhook},
        operation_id="make_operators_webhook",
    )
    def post(self, request: Request) -> Response:
        """Make one of the operators' own: it hears of everything. Its `secret` is shown this once."""
        operator_required(request)
        return self.made(request, None)


class WebhookDetail(TokenView):
    @extend_schema(responses=webhook_shapes.Webhook, operation_id="webhook")
    def get(self, request: Request, code: str) -> Response:
        """One of them."""
        return Response(webhook_wire(webhook_row(hook=webhook_for(request, code), now=self.now)))

    @extend_schema(
        parameters=[parameters.IDEMPOTENCY_KEY],
        request=webhook_shapes.WebhookChange,
        responses=webhook_shapes.Webhook,
        operation_id="change_webhook",
    )
    def patch(self, request: Request, code: str) -> Response:
        """Change what is given; `enabled` switches it off and on."""
        hook, payload = webhook_for(request, code), body_of(request)
        return once(request, payload, partial(self._change, request, hook, payload))

    def _change(self, request: Request, hook: Webhook, payload: Any, key: IdempotencyKey | None) -> Response:
        wish = webhooks.read_wish(payload=payload, before=hook)
        webhooks.change(hook=hook, wish=wish, by=actor_of(request), now=self.now)
        return Response(webhook_wire(webhook_row(hook=webhook_for(request, hook.code), now=self.now)))

    @extend_schema(request=None, responses={204: None}, operation_id="delete_webhook")
    def delete(self, request: Request, code: str) -> Response:
        """Remove it with its log. What waits is not sent any more."""
        webhooks.remove(hook=webhook_for(request, code), by=actor_of(request), now=self.now)
        return Response(status=204)


class Rotate(TokenView):
    @extend_schema(
        parameters=[parameters.IDEMPOTENCY_KEY],
        request=None,
        responses=webhook_shapes.NewWebhook,
        operation_id="rotate_webhook",
    )
    def post(self, request: Request, code: str) -> Response:
        """Give it another secret, shown this once. The present one signs beside it for a day."""
        hook, payload = webhook_for(request, code), body_of(request)
        webhooks.read_nothing(payload=payload)
        return once(
            request,
            payload,
            partial(self._rotate, request, hook),
            remade=_with_secret,
            again=lambda *_: Response(_told_with_secret(hook, self.now)),
        )

    def _rotate(self, request: Request, hook: Webhook, key: IdempotencyKey | None) -> Response:
        webhooks.rotate(hook=hook, by=actor_of(request), now=self.now)
        return Response(_told_with_secret(webhook_for(request, hook.code), self.now))


def webhook_wire(row: WebhookRow) -> dict[str, Any]:
    return {
        "code": row.code,
        "project": row.project,
        "url": row.url,
        "description": row.description,
        "kinds": list(row.kinds),
        "enabled": row.disabled_at is None,
        "disabled_at": when(row.disabled_at),
        "disabled_reason": row.disabled_reason,
        "failing_since": when(row.failing_since),
        "old_secret_until": when(row.old_secret_until),
        "created_by": row.created_by,
        "created_at": when(row.created_at),
        "updated_at": when(row.updated_at),
    }


def _told_with_secret(hook: Webhook, now: Any) -> dict[str, Any]:
    return {**webhook_wire(webhook_row(hook=hook, now=now)), "secret": webhooks.secret_to_show(hook=hook)}


def _with_secret(row: IdempotencyKey, answer: Any) -> dict[str, Any]:
    """The one that signs by now: it is opened, not kept. Of a webhook that is gone there is none."""
    hook = Webhook.objects.filter(code=answer["code"]).first()
    return {**answer, "secret": webhooks.secret_to_show(hook=hook) if hook is not None else ""}
