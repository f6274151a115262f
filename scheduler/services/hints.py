"""Tell workers what is due, not more often than they could act on it, and say what nobody took."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from scheduler import limits, nudge
from scheduler.models import Operation
from scheduler.services._lease import due_operations, takeable


@transaction.atomic
def hint_due(*, now: datetime) -> int:
    """Stamp, commit, then send: without the stamp a backlog would be sent again each second."""
    stale = now - timedelta(seconds=limits.HINT_AGAIN_SECONDS)
    due = due_operations(now=now)
    stamped = {pk for pk in sorted(due) if _stamp(pk, now, stale)}  # rows are locked by id, as everywhere
    fresh = [pk for pk in due if pk in stamped]
    for pk in fresh:
        nudge.hint_operation(pk)
    return len(fresh)


def untaken(*, now: datetime) -> list[int]:
    """Operations that have been due for so long that no worker can be listening. Releases first."""
    late = now - timedelta(seconds=limits.HINT_UNTAKEN_SECONDS)
    return due_operations(now=late)


def _stamp(pk: int, now: datetime, stale: datetime) -> bool:
    waiting = Operation.objects.filter(takeable(now=now), Q(hinted_at__isnull=True) | Q(hinted_at__lt=stale), pk=pk)
    return bool(waiting.update(hinted_at=now))
