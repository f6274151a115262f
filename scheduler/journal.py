"""The only emitter: one row in the caller's transaction, one wake-up after its commit."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Value

from fabric.models import Pool
from scheduler import nudge
from scheduler.inserting import insert
from scheduler.journal_kinds import TOLD, JournalKind
from scheduler.marking import mark_committed
from scheduler.models import JournalEntry, Notice, NoticeChoice, Project, Reservation
from scheduler.notice_topics import OPTIONAL, TAKEN, TOPICS, NoticeTopic
from scheduler.requests import Actor
from scheduler.states import ProjectRole

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
    """Write what happened; the notices of the reservation's people are written beside it.

    Project and pool follow from the reservation. `told` are people who get a notice of what is about none.
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
    if reservation is not None and kind in TOLD:
        _tell(entry, reservation)
    Notice.objects.bulk_create(Notice(user_id=user_id, entry=entry) for user_id in told)
    transaction.on_commit(partial(nudge.announce, entry), robust=True)
    return entry


def _tell(entry: JournalEntry, reservation: Reservation) -> None:
    """The one who booked is told; when that member has left the project, or is a program, its leads are.

    Who does not want to hear of such things is not told, and nobody else is in their place; of trouble everybody is,
    and of a booking that another person took away or cut.
    """
    topic = TOPICS[JournalKind(entry.kind)]
    members = reservation.project.memberships.annotate(has_declined=_has_declined(topic))
    booker = members.filter(user=reservation.created_by, user__service_of__isnull=True)
    meant = booker or members.filter(role=ProjectRole.LEAD)
    is_taken = entry.kind in TAKEN and entry.actor_id is not None
    told = [one.user_id for one in meant if not one.has_declined or (is_taken and entry.actor_id != one.user_id)]
    Notice.objects.bulk_create(Notice(user_id=user_id, reservation=reservation, entry=entry) for user_id in told)


def _has_declined(topic: NoticeTopic) -> Exists | Value:
    """Asked together with who the members are: no query of its own."""
    if topic not in OPTIONAL:
        return Value(False)
    return Exists(NoticeChoice.objects.filter(user=OuterRef("user"), topic=topic, is_wanted=False))


def _reference(reservation: Reservation | None, project: Project | None, pool: Pool | None) -> str:
    if reservation is not None:
        return reservation.code
    if project is not None:
        return project.slug
    return pool.code if pool is not None else ""
