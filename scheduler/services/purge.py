"""Throw away what has a stated life: idempotency keys after their hours, drivers' notes of nodes long closed, the
log of what webhooks were sent, and how busy devices were.
"""

from datetime import datetime, timedelta

from fabric.services.notes import forget_closed
from scheduler import limits
from scheduler.models import IdempotencyKey
from scheduler.services.telemetry import forget_samples
from scheduler.services.webhooks_log import forget_old

KEYS_MAX = 1_000  # at once: Django reads each of them, since a reservation may name it


def purge(*, now: datetime) -> int:
    keys = _forget_keys(before=now - timedelta(hours=limits.IDEMPOTENCY_HOURS))
    notes = forget_closed(before=now - timedelta(days=limits.DRIVER_NOTES_DAYS))
    return keys + notes + forget_old(now=now) + forget_samples(now=now)


def _forget_keys(*, before: datetime) -> int:
    old = IdempotencyKey.objects.filter(created_at__lt=before).order_by("id").values_list("pk", flat=True)
    count = 0
    while batch := list(old[:KEYS_MAX]):
        count += IdempotencyKey.objects.filter(pk__in=batch).delete()[0]
    return count
