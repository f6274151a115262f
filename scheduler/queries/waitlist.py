"""Those that wait for a pool, in their order; and how those went that waited lately. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fabric.models import Pool
from scheduler.journal_kinds import JournalKind
from scheduler.models import JournalEntry, WaitlistEntry
from scheduler.planning.estimating import LateWaits, late_waits
from scheduler.planning.fair_share import ShareFacts
from scheduler.planning.waiting import Queued, in_order
from scheduler.queries.fair_share import fair_share
from scheduler.states import FINAL, Priority, ReservationState

LATE_DAYS = 30
LATE_ROWS_MAX = 200


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row with what its place is made of."""

    entry: WaitlistEntry
    queued: Queued
    share: ShareFacts


def waiting_pools() -> Sequence[Pool]:
    """Where somebody waits."""
    return list(Pool.objects.filter(reservations__state=ReservationState.WAITLISTED).distinct().order_by("id"))


def entries_of(*, pool: Pool) -> list[WaitlistEntry]:
    """In no order of theirs: that takes the shares of their projects. One query."""
    return list(
        WaitlistEntry.objects.filter(reservation__pool=pool, reservation__state=ReservationState.WAITLISTED)
        .select_related("reservation__project", "reservation__pool")
        .order_by("id")
    )


def queue_of(*, pool: Pool, now: datetime, entries: Sequence[WaitlistEntry] | None = None) -> list[Waiting]:
    """In order. Three queries; one where nobody waits. One less where the `entries` were just read."""
    entries = entries_of(pool=pool) if entries is None else entries
    if not entries:
        return []
    shares = fair_share(project_ids={one.reservation.project_id for one in entries}, pool=pool, now=now)
    by_code = {
        entry.reservation.code: Waiting(entry, _queued(entry, share.factor), share)
        for entry in entries
        for share in (shares[entry.reservation.project_id],)
    }
    return [by_code[one.reservation] for one in in_order(waiting.queued for waiting in by_code.values())]


def waits_of_late(*, pool: Pool, now: datetime) -> LateWaits:
    """Of the last thirty days: who had a turn, and who ended without one. Two queries."""
    since = now - timedelta(days=LATE_DAYS)
    held = JournalEntry.objects.filter(
        pool=pool, kind__in=(JournalKind.RESERVATION_OFFERED, JournalKind.RESERVATION_PROMOTED), at__gte=since
    )
    turns = held.order_by("-id").values_list("at", "reservation__waiting__queued_at")[:LATE_ROWS_MAX]
    minutes = [int((at - queued_at) / timedelta(minutes=1)) for at, queued_at in turns if queued_at]
    unserved = WaitlistEntry.objects.filter(
        reservation__pool=pool, reservation__state__in=sorted(FINAL), reservation__finished_at__gte=since, offers=0
    )
    return late_waits(minutes, len(minutes) + unserved.count())


def _queued(entry: WaitlistEntry, factor: float) -> Queued:
    reservation = entry.reservation
    return Queued(
        reservation=reservation.code,
        row=reservation.pk,
        priority=Priority(reservation.priority),
        is_front=entry.is_front,
        factor=factor,
        queued_at=entry.queued_at,
    )
