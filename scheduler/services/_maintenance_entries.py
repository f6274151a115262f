"""What the journal says of a maintenance. Everybody who sees the pool reads it: it names units, not whose they were."""

from collections.abc import Mapping
from datetime import datetime

from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import Maintenance
from scheduler.queries.scopes import label
from scheduler.requests import Actor
from scheduler.states import MaintenanceScope


def record(
    kind: JournalKind,
    one: Maintenance,
    message: str,
    by: Actor,
    now: datetime,
    facts: Mapping[str, object] | None = None,
) -> None:
    journal.record(kind=kind, message=message, by=by, now=now, pool=one.pool, reference=one.code, facts=facts)


def name_of(one: Maintenance) -> str:
    return label(scope=MaintenanceScope(one.scope), target=one.target)
