"""The only emitter: one row in the caller's transaction, one wake-up after its commit."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from fabric.models import Pool
from scheduler import nudge
from scheduler.inserting import insert
from scheduler.journal_kinds import JournalKind
from scheduler.marking import mark_committed
from scheduler.models import JournalEntry, Project, Reservation
from scheduler.requests import Actor
from scheduler.telling import tell

MESSAGE_CHARS_MAX = 500


def record(
    *,
    kind: JournalKind,
    message: str,
    by: Actor,
    now: datetime,
    reservation: Reservation | None = None,
    project: Project | None = None,
    pool: Pool | None = None,
    reference: str = "",
    facts: Mapping[str, Any] | None = None,
    told: Collection[int] = (),
) -> JournalEntry:
    """Write what happened; notices and letters of those who are told are written beside it.

    Project and pool follow from the reservation. `told` are further people, told beside the reservation's own.
    """
    entry = JournalEntry(
        at=now,
        kind=kind,
        message=message[:MESSAGE_CHARS_MAX],
        reference=reference or _reference(reservation, project, pool),
        reservation=reservation,
        project_id=reservation.project_id if reservation else (project.pk if project else None),
        pool_id=reservation.pool_id if reservation else (pool.pk if pool else None),
        actor_id=by.user_id,
        actor_name=by.name,
        door=by.door,
        request_id=by.request_id,
        facts=dict(facts or {}),
    )
    insert(entry)
    if reservation is None or by.call is None or reservation.idempotency_key_id != by.call:
        mark_committed(by=by, reference=entry.reference)
    tell(entry=entry, reservation=reservation, also=told, now=now)
    transaction.on_commit(partial(nudge.announce, entry), robust=True)
    return entry


def _reference(reservation: Reservation | None, project: Project | None, pool: Pool | None) -> str:
    if reservation is not None:
        return reservation.code
    if project is not None:
        return project.slug
    return pool.code if pool is not None else ""
