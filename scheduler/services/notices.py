"""What a person has been told in the portal, and has read."""

from collections.abc import Collection
from datetime import datetime

from scheduler.models import Notice


def mark_read(*, user_id: int, now: datetime, ids: Collection[int] | None = None) -> int:
    """All of them, or those named; only one's own. How many were unread."""
    unread = Notice.objects.filter(user_id=user_id, read_at__isnull=True)
    return (unread if ids is None else unread.filter(pk__in=ids)).update(read_at=now)


def mark_unread(*, user_id: int, ids: Collection[int]) -> int:
    """Only one's own. How many were read."""
    return Notice.objects.filter(user_id=user_id, read_at__isnull=False, pk__in=ids).update(read_at=None)
