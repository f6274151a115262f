"""Call a maintenance off before it begins, or end it early."""

from datetime import datetime

from django.db import transaction

from scheduler.journal_kinds import JournalKind
from scheduler.models import Maintenance
from scheduler.requests import Actor
from scheduler.services._commit import free_maintenance, lock_pool
from scheduler.services._maintenance_entries import name_of, record
from scheduler.services._tries import tried


@tried
@transaction.atomic
def cancel_maintenance(*, maintenance: Maintenance, by: Actor, now: datetime, reason: str) -> bool:
    """Called off, or ended early: its units are free at once. False when it was over already.

    Whoever moved for it stays where it is now.
    """
    lock_pool(pool_id=maintenance.pool_id)
    changed = Maintenance.objects.filter(pk=maintenance.pk, finished_at__isnull=True).update(
        finished_at=now, is_cancelled=True
    )
    maintenance.refresh_from_db()
    if changed:
        free_maintenance(maintenance=maintenance, now=now)
        message = f"Maintenance of {name_of(maintenance)} was called off: {reason}"
        record(JournalKind.MAINTENANCE_CANCELLED, maintenance, message, by, now)
    return bool(changed)
