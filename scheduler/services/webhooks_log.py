"""What people do with the log: send a test, and send again what was sent before."""

from datetime import datetime, timedelta

from django.db import transaction

from scheduler import limits
from scheduler.hooks.messages import TEST, sample_message
from scheduler.models import Webhook, WebhookDelivery
from scheduler.refusals import WrongState
from scheduler.services.webhooks_reading import message_id
from scheduler.states import DeliveryState

PURGED_MAX = 5_000  # in one round


class SwitchedOff(WrongState):
    """Nothing is sent to it (409)."""

    def __init__(self, verb: str) -> None:
        Exception.__init__(self, "The webhook is switched off. Switch it on first.")
        self.verb, self.state = verb, "disabled"


@transaction.atomic
def send_test(*, hook: Webhook, now: datetime) -> WebhookDelivery:
    """One message that says it is a test, tried once. Raises SwitchedOff."""
    _must_be_on(hook, "test")
    return WebhookDelivery.objects.create(
        webhook=hook,
        message_id=message_id(),
        kind=TEST,
        body=sample_message(code=hook.code, now=now),
        due_at=now,
        created_at=now,
    )


@transaction.atomic
def replay(*, delivery: WebhookDelivery, now: datetime) -> WebhookDelivery:
    """The same body as a new message, at once and not in turn: who asks for it wants it looked at again.

    While one that was asked for is still on its way, that one is given. Raises SwitchedOff.
    """
    hook = _must_be_on(delivery.webhook, "replay")
    first = delivery.replay_of or delivery
    under_way = WebhookDelivery.objects.filter(replay_of=first, state=DeliveryState.PENDING).first()
    if under_way is not None:
        return under_way
    return WebhookDelivery.objects.create(
        webhook=hook,
        entry_id=first.entry_id,
        message_id=message_id(),
        kind=first.kind,
        body=first.body,
        replay_of=first,
        due_at=now,
        created_at=now,
    )


def forget_old(*, now: datetime) -> int:
    """What has been over for WEBHOOK_LOG_DAYS. What was sent again stays as long as that does."""
    before = now - timedelta(days=limits.WEBHOOK_LOG_DAYS)
    old = WebhookDelivery.objects.filter(finished_at__lt=before, replays__isnull=True).order_by("id")
    return WebhookDelivery.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:PURGED_MAX])).delete()[0]


def _must_be_on(hook: Webhook, verb: str) -> Webhook:
    """Locked, so that it is not switched off before what is to be sent is there."""
    locked = Webhook.objects.select_for_update(no_key=True).get(pk=hook.pk)
    if locked.disabled_at is not None:
        raise SwitchedOff(verb)
    return locked
