"""Throw away what has a stated life: idempotency keys after their hours."""

from datetime import datetime, timedelta

from scheduler import limits
from scheduler.models import IdempotencyKey


def purge(*, now: datetime) -> int:
    old = IdempotencyKey.objects.filter(created_at__lt=now - timedelta(hours=limits.IDEMPOTENCY_HOURS))
    return old.delete()[0]
