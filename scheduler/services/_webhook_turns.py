"""Whose turn it is: which message of a webhook is sent next, and that only one process sends it.

One at a time goes to an address, in the order of the journal. One that is not taken holds back those behind it for its
first tries; then it steps aside and is tried now and then, so that one message nobody can read does not stop the rest.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, F, Min, Q, QuerySet

from scheduler import limits
from scheduler.hooks.schedule import TRIES_IN_TURN, TRIES_MAX
from scheduler.models import Webhook, WebhookDelivery, WebhookTry
from scheduler.states import DeliveryState

LEASE = timedelta(seconds=2 * limits.WEBHOOK_SECONDS_MAX)
WEBHOOKS_MAX = 100  # whose turn is looked at in one round
LOST = "What sent it stopped before it could write down the answer; it may have arrived."
_PENDING = Q(state=DeliveryState.PENDING, due_at__isnull=False)
"""All of them are due some time; said so, the index of those is used, and not the log of a month."""
_IN_TURN = Q(entry__isnull=False, replay_of__isnull=True, tries__lt=TRIES_IN_TURN)
_IS_FIRST = Q(first__isnull=False, holding__isnull=True) | Q(first__lt=F("holding"))


@dataclass(frozen=True, slots=True)
class Taken:
    """Ours to send, for as long as the lease lasts. `delivery.tries` counts this one already."""

    hook: Webhook
    delivery: WebhookDelivery


def due_webhooks(*, now: datetime, late: timedelta = timedelta(0)) -> list[int]:
    """Ids of those that have a message whose turn it is (and has been for `late`), and that nobody sends to.

    As `_next` has it, for all of them at once: those who wait for their time must not take the places of the others.
    """
    due = Q(due_at__lte=now - late)
    pending = WebhookDelivery.objects.filter(_PENDING, webhook__disabled_at__isnull=True).values("webhook_id")
    found = pending.annotate(
        first=Min("id", filter=_IN_TURN & due),
        holding=Min("id", filter=_IN_TURN & ~due),  # back whoever comes after it
        beside=Min("id", filter=~_IN_TURN & due),
        sent=Count("id", filter=Q(leased_until__gte=now)),
        since=Min("due_at"),
    ).filter(_IS_FIRST | Q(beside__isnull=False), sent=0)
    return list(found.order_by("since", "webhook_id").values_list("webhook_id", flat=True)[:WEBHOOKS_MAX])


@transaction.atomic
def take(*, webhook_id: int, now: datetime) -> Taken | None:
    """The first commit point: that a try began is written before anything is sent.

    None: nothing is due, somebody else is at it, or it is off. What an earlier process left behind is told in the log.
    """
    hook = Webhook.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=webhook_id).first()
    if hook is None or hook.disabled_at is not None or _pending(webhook_id).filter(leased_until__gte=now).exists():
        return None
    delivery = _next(webhook_id, now)
    if delivery is not None and delivery.leased_until is not None:
        WebhookTry.objects.create(delivery=delivery, at=delivery.leased_until - LEASE, error=LOST)
    if delivery is None or _is_used_up(delivery, now):
        return None
    WebhookDelivery.objects.filter(pk=delivery.pk).update(tries=F("tries") + 1, leased_until=now + LEASE)
    delivery.refresh_from_db()
    return Taken(hook, delivery)


def _next(webhook_id: int, now: datetime) -> WebhookDelivery | None:
    pending = _pending(webhook_id)
    head = pending.filter(_IN_TURN).order_by("id").first()
    beside = pending.exclude(_IN_TURN).filter(due_at__lte=now).order_by("due_at", "id").first()
    due = [one for one in (head, beside) if one is not None and one.due_at is not None and one.due_at <= now]
    return min(due, key=lambda one: (one.due_at, one.pk), default=None)


def _is_used_up(delivery: WebhookDelivery, now: datetime) -> bool:
    """Each of its tries killed the process that made it, or was lost with it."""
    if delivery.tries < TRIES_MAX:
        return False
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        state=DeliveryState.FAILED, due_at=None, leased_until=None, finished_at=now
    )
    return True


def _pending(webhook_id: int) -> QuerySet[WebhookDelivery]:
    return WebhookDelivery.objects.filter(_PENDING, webhook_id=webhook_id)
