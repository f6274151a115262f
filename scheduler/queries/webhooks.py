"""Webhooks and what they were sent, for pages and the API. Nothing here opens a secret."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from scheduler.models import Webhook, WebhookDelivery
from scheduler.queries.paging import Page, one_more
from scheduler.states import DeliveryState

_ID_DIGITS_MAX = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRow:
    """`project` is a slug; None for the operators' own. `old_secret_until` is None when only one signs."""

    code: str
    project: str | None
    url: str
    description: str
    kinds: tuple[str, ...]
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_reason: str
    old_secret_until: datetime | None
    created_by: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TryRow:
    at: datetime
    status: int | None
    milliseconds: int
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """`event` is the id of a journal entry; None of a test. `tries` counts one under way, `attempts` not yet."""

    message_id: str
    kind: str
    event: int | None
    state: DeliveryState
    tries: int
    due_at: datetime | None
    created_at: datetime
    finished_at: datetime | None
    replay_of: str | None
    body: str
    attempts: tuple[TryRow, ...]


def webhook_page(*, project_id: int | None, limit: int, now: datetime, after: str | None = None) -> Page[WebhookRow]:
    """Of one project, or the operators' own; by code. One query."""
    theirs = Q(project__isnull=True) if project_id is None else Q(project_id=project_id)
    found = Webhook.objects.filter(theirs).select_related("project", "created_by").order_by("code")
    if after is not None:
        found = found.filter(code__gt=after)
    kept, following = one_more(found[: limit + 1], limit=limit, key=lambda hook: hook.code)
    return Page(tuple(webhook_row(hook=hook, now=now) for hook in kept), following)


def webhook_row(*, hook: Webhook, now: datetime) -> WebhookRow:
    """Needs its project and its maker fetched."""
    is_overlapping = hook.old_secret_until is not None and hook.old_secret_until > now
    return WebhookRow(
        code=hook.code,
        project=hook.project.slug if hook.project else None,
        url=hook.url,
        description=hook.description,
        kinds=tuple(hook.kinds),
        failing_since=hook.failing_since,
        disabled_at=hook.disabled_at,
        disabled_reason=hook.disabled_reason,
        old_secret_until=hook.old_secret_until if is_overlapping else None,
        created_by=hook.created_by.get_username() if hook.created_by else "",
        created_at=hook.created_at,
        updated_at=hook.updated_at,
    )


def delivery_page(
    *, hook: Webhook, limit: int, after: str | None = None, state: DeliveryState | None = None
) -> Page[DeliveryRow]:
    """Newest first. Two queries. `after` is the key of the last row seen; what is no key begins at the newest."""
    found = _deliveries(hook).order_by("-id")
    if state is not None:
        found = found.filter(state=state)
    if after is not None and after.isascii() and after.isdigit() and len(after) <= _ID_DIGITS_MAX:
        found = found.filter(id__lt=int(after))
    kept, following = one_more(found[: limit + 1], limit=limit, key=lambda one: str(one.pk))
    return Page(tuple(delivery_row(one) for one in kept), following)


def delivery_named(*, hook: Webhook, message_id: str) -> WebhookDelivery | None:
    """One of this webhook's."""
    return _deliveries(hook).filter(message_id=message_id).first()


def waiting_count(*, hook: Webhook) -> int:
    return WebhookDelivery.objects.filter(webhook=hook, state=DeliveryState.PENDING, due_at__isnull=False).count()


def delivery_row(delivery: WebhookDelivery) -> DeliveryRow:
    """Needs its attempts and what it replays fetched."""
    tries = (
        TryRow(at=one.at, status=one.status, milliseconds=one.milliseconds, error=one.error)
        for one in delivery.attempts.all()
    )
    return DeliveryRow(
        message_id=delivery.message_id,
        kind=delivery.kind,
        event=delivery.entry_id,
        state=DeliveryState(delivery.state),
        tries=delivery.tries,
        due_at=delivery.due_at,
        created_at=delivery.created_at,
        finished_at=delivery.finished_at,
        replay_of=delivery.replay_of.message_id if delivery.replay_of else None,
        body=delivery.body,
        attempts=tuple(tries),
    )


def _deliveries(hook: Webhook) -> "QuerySet[WebhookDelivery]":
    rows = WebhookDelivery.objects.filter(webhook=hook).select_related("replay_of", "webhook__project")
    return rows.prefetch_related("attempts")
