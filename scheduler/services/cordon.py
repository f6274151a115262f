"""Take a unit out of new plans, or put it back; what holds it already is left alone."""

from datetime import datetime

from django.db import transaction

from fabric.models import Host, ResourceBlock
from fabric.services import cordon as fabric_cordon
from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.requests import Actor


@transaction.atomic
def cordon(*, unit: Host | ResourceBlock, by: Actor, now: datetime, reason: str) -> bool:
    """False, and no entry, when it was cordoned already."""
    changed = fabric_cordon.cordon(unit=unit, reason=reason, by_name=by.name)
    if changed:
        _record(JournalKind.UNIT_CORDONED, unit, by, now, f"{unit.code} takes no new reservations: {reason}")
    return changed


@transaction.atomic
def uncordon(*, unit: Host | ResourceBlock, by: Actor, now: datetime) -> bool:
    changed = fabric_cordon.uncordon(unit=unit)
    if changed:
        _record(JournalKind.UNIT_UNCORDONED, unit, by, now, f"{unit.code} takes reservations again.")
    return changed


def _record(kind: JournalKind, unit: Host | ResourceBlock, by: Actor, now: datetime, message: str) -> None:
    journal.record(kind=kind, message=message, by=by, now=now, pool=unit.pool, reference=unit.code)
