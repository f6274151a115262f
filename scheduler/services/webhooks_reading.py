"""From the journal to messages: the journal is the outbox, and each webhook has its own place in it.

A place moves in the transaction that writes the messages before it, so no entry is lost or told twice, wherever a
process dies. A webhook that has many messages waiting reads no further until they are fewer: they wait in the journal.
"""

import logging
import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Count, Q

from scheduler.hooks.messages import entry_message
from scheduler.models import Webhook, WebhookDelivery
from scheduler.queries.journal import EntryRow, JournalCursor, entries_after, latest_cursor
from scheduler.states import DeliveryState

ENTRIES_MAX = 200  # read at once
WAITING_MAX = 1_000  # of one webhook
WEBHOOKS_MAX = 500  # looked at in one round; the others come next, since these have moved
_ID_BYTES = 15
_log = logging.getLogger(__name__)


def read_journal(*, now: datetime) -> int:
    """Write the messages of what has happened since; how many. Who has enough waiting keeps nobody from a place."""
    latest = latest_cursor()
    behind = Q(read_transaction__lt=latest.transaction_id)
    behind |= Q(read_transaction=latest.transaction_id, read_entry__lt=latest.id)
    waiting = WebhookDelivery.objects.filter(state=DeliveryState.PENDING, due_at__isnull=False).values("webhook_id")
    full = waiting.annotate(count=Count("id")).filter(count__gte=WAITING_MAX).values("webhook_id")
    found = Webhook.objects.filter(behind, disabled_at__isnull=True).exclude(pk__in=full)
    ids = found.order_by("read_transaction", "read_entry", "id").values_list("pk", flat=True)
    return sum(_read(pk, latest, now) for pk in list(ids[:WEBHOOKS_MAX]))


def _read(pk: int, latest: JournalCursor, now: datetime) -> int:
    """What is wrong with one stops no other. Raises OperationalError, InterfaceError: the database is away."""
    try:
        return _read_one(pk, latest, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        _log.exception("webhook %d could not be told of what happened; next second again", pk)
        return 0


@transaction.atomic
def _read_one(pk: int, latest: JournalCursor, now: datetime) -> int:
    """Nothing when another process reads for it at this moment."""
    rows = Webhook.objects.select_for_update(no_key=True, skip_locked=True, of=("self",)).select_related("project")
    hook = rows.filter(pk=pk, disabled_at__isnull=True).first()
    if hook is None or _waiting(hook) >= WAITING_MAX:
        return 0
    place = JournalCursor(hook.read_transaction, hook.read_entry)
    is_for_all = hook.project_id is None
    entries = entries_after(
        cursor=place,
        limit=ENTRIES_MAX,
        project_ids=None if is_for_all else [hook.project_id or 0],
        sees_all=is_for_all,
    )
    told = [entry for entry in entries if wants(kinds=hook.kinds, kind=entry.kind)]
    WebhookDelivery.objects.bulk_create((_delivery(hook, entry, now) for entry in told), ignore_conflicts=True)
    reached = _reached(entries, latest)
    if reached > place:
        Webhook.objects.filter(pk=pk).update(read_transaction=reached.transaction_id, read_entry=reached.id)
    return len(told)


def wants(*, kinds: Sequence[str], kind: str) -> bool:
    """None at all means every one."""
    return not kinds or kind in kinds or f"{kind.partition('.')[0]}.*" in kinds


def message_id() -> str:
    return f"msg_{secrets.token_urlsafe(_ID_BYTES)}"


def _reached(entries: Sequence[EntryRow], latest: JournalCursor) -> JournalCursor:
    """With fewer entries than asked for there are no others up to `latest`, which was read before them."""
    last = entries[-1].cursor if entries else latest
    return last if len(entries) == ENTRIES_MAX else max(last, latest)


def _waiting(hook: Webhook) -> int:
    return WebhookDelivery.objects.filter(webhook=hook, state=DeliveryState.PENDING, due_at__isnull=False).count()


def _delivery(hook: Webhook, entry: EntryRow, now: datetime) -> WebhookDelivery:
    return WebhookDelivery(
        webhook=hook,
        entry_id=entry.id,
        message_id=message_id(),
        kind=entry.kind,
        body=entry_message(entry=entry),
        due_at=now,
        created_at=now,
    )
