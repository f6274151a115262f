"""Send what is due: take a message under a lease, call its address outside of any transaction, write what came of it.

A process may die at any point. Before the call: the lease runs out and another one sends it. After the call and before
its outcome is written: it is sent again under the same id, which is how a receiver knows it. It is never lost.
"""

import logging
import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from fabric.services.sealing import BadKeys, CannotOpen
from scheduler import limits, nudge
from scheduler.hooks.calling import GONE, Outcome, call
from scheduler.hooks.schedule import TRIES_MAX, wait_after
from scheduler.hooks.signing import signed_headers
from scheduler.models import Webhook, WebhookDelivery, WebhookTry
from scheduler.requests import SYSTEM
from scheduler.services._webhook_off import switch_off
from scheduler.services._webhook_secrets import live_secrets
from scheduler.services._webhook_turns import Taken, due_webhooks, take
from scheduler.states import DeliveryState

IN_A_ROW_MAX = 50  # of one webhook, before the others have a turn
ROW_SECONDS_MAX = 10.0  # the same: a call that began may take its time
FAILING_MAX = timedelta(days=limits.WEBHOOK_FAILING_DAYS_MAX)
NO_SECRET = "Its secret cannot be opened with the keys at hand; give it another one."
_log = logging.getLogger(__name__)


class Post(Protocol):
    def __call__(self, *, url: str, headers: Mapping[str, str], body: bytes) -> Outcome: ...


def post(*, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
    """The real one, to wherever this site lets webhooks go."""
    return call(url=url, headers=headers, body=body, allowed=settings.HEDDLE_WEBHOOK_PRIVATE)


def send_due(*, webhook_id: int, clock: Callable[[], datetime], post: Post = post) -> int:
    """One after the other, until nothing is due or the others should have a turn; how many calls were made."""
    until = clock() + timedelta(seconds=ROW_SECONDS_MAX)
    for count in range(IN_A_ROW_MAX):
        now = clock()
        taken = take(webhook_id=webhook_id, now=now) if now < until else None
        if taken is None:
            return count
        outcome = _sent(taken, now, post)
        written(taken=taken, outcome=outcome, began=now, now=clock(), chance=random.random())
    return IN_A_ROW_MAX


def send_untaken(*, now: datetime, clock: Callable[[], datetime]) -> None:
    """What no worker took in time, for the beat to do itself."""
    for webhook_id in due_webhooks(now=now, late=timedelta(seconds=limits.HINT_UNTAKEN_SECONDS)):
        send_due(webhook_id=webhook_id, clock=clock)


def hint_due_webhooks(*, now: datetime) -> int:
    """Tell the workers whose turn it is; again each second until somebody is at it."""
    due = due_webhooks(now=now)
    for webhook_id in due:
        nudge.hint_webhook(webhook_id)
    return len(due)


@transaction.atomic
def written(*, taken: Taken, outcome: Outcome, began: datetime, now: datetime, chance: float) -> None:
    """The second commit point. Who was overtaken meanwhile only adds to the log, unless it was delivered."""
    hook = Webhook.objects.select_for_update(no_key=True).filter(pk=taken.hook.pk).first()
    if hook is None:
        return  # removed meanwhile, and its log with it
    WebhookTry.objects.create(
        delivery_id=taken.delivery.pk,
        at=began,
        status=outcome.status,
        milliseconds=outcome.milliseconds,
        error=outcome.error,
    )
    if outcome.is_taken:
        _delivered(taken, hook, now)
    elif _not_taken(taken, now, chance):
        _look_at_the_address(taken, hook, outcome, began, now)


def _sent(taken: Taken, now: datetime, post: Post) -> Outcome:
    body = taken.delivery.body.encode()
    try:
        secrets = live_secrets(taken.hook, now)
    except (CannotOpen, BadKeys):
        _log.warning("webhook %s: %s", taken.hook.code, NO_SECRET)
        return Outcome(None, 0, NO_SECRET)
    headers = signed_headers(
        message_id=taken.delivery.message_id, timestamp=int(now.timestamp()), body=body, secrets=secrets
    )
    return post(url=taken.hook.url, headers=headers, body=body)


def _delivered(taken: Taken, hook: Webhook, now: datetime) -> None:
    WebhookDelivery.objects.filter(pk=taken.delivery.pk).exclude(state=DeliveryState.DELIVERED).update(
        state=DeliveryState.DELIVERED, due_at=None, leased_until=None, finished_at=now
    )
    if hook.failing_since is not None:
        Webhook.objects.filter(pk=hook.pk).update(failing_since=None)


def _not_taken(taken: Taken, now: datetime, chance: float) -> bool:
    """False when it is not ours any more. A test is tried once: somebody looks at it."""
    mine = WebhookDelivery.objects.filter(
        Q(state=DeliveryState.PENDING), pk=taken.delivery.pk, tries=taken.delivery.tries
    )
    wait = wait_after(tries=taken.delivery.tries, chance=chance) if taken.delivery.entry_id is not None else None
    if wait is None:
        return bool(mine.update(state=DeliveryState.FAILED, due_at=None, leased_until=None, finished_at=now))
    return bool(mine.update(due_at=now + wait, leased_until=None))


def _look_at_the_address(taken: Taken, hook: Webhook, outcome: Outcome, began: datetime, now: datetime) -> None:
    """Days are counted only together with all tries of a message: when nothing is sent, nothing can be taken."""
    if taken.delivery.entry_id is None:
        return
    since = hook.failing_since or began
    if hook.failing_since is None:
        Webhook.objects.filter(pk=hook.pk).update(failing_since=since)
    if outcome.status == GONE:
        switch_off(hook, by=SYSTEM, now=now, reason="The address answered that it is gone (410).")
    elif taken.delivery.tries >= TRIES_MAX and now - since >= FAILING_MAX:
        days = limits.WEBHOOK_FAILING_DAYS_MAX
        switch_off(hook, by=SYSTEM, now=now, reason=f"It has taken nothing for {days} days.")
