"""Throw away what has a stated life: idempotency keys after their hours, drivers' notes of nodes long closed, and
the log of what webhooks were sent.
"""

from datetime import datetime, timedelta

from fabric.services.notes import forget_closed
from scheduler import limits
from scheduler.models import IdempotencyKey
from scheduler.services.webhooks_log import forget_old


def purge(*, now: datetime) -> int:
    old = IdempotencyKey.objects.filter(created_at__lt=now - timedelta(hours=limits.IDEMPOTENCY_HOURS))
    notes = forget_closed(before=now - timedelta(days=limits.DRIVER_NOTES_DAYS))
    return old.delete()[0] + notes + forget_old(now=now)
