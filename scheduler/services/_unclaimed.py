"""Who must check in until when, and what becomes of a reservation that nobody claims. Runs in the caller's transaction.

Whoever books at once is there, and need not say so again. Whoever extends, resizes or mends one in use is there too,
and so is whoever keeps a device of it busy.
"""

from datetime import datetime, timedelta

from django.db.models import F, Min, QuerySet

from fabric.topology import check_in_minutes
from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import JournalEntry, Reservation
from scheduler.planning.idling import idle_rule
from scheduler.queries.telemetry import busy_at
from scheduler.requests import SYSTEM
from scheduler.services._releasing import begin_release
from scheduler.states import ReservationState

BUSY_PERCENT = 5  # where the pool's policy names none
SIGNS_OF_LIFE = (
    JournalKind.RESERVATION_EXTENDED,
    JournalKind.RESERVATION_RESIZED,
    JournalKind.RESIZE_ASKED,
    JournalKind.DEVICE_SWAP_ASKED,
)


def check_in_due_at(reservation: Reservation, *, active_at: datetime) -> datetime | None:
    """So long after both its start and the moment it could be used first; None: nobody need, or it ends before."""
    minutes = check_in_minutes(reservation.pool.policy)
    if minutes is None or reservation.is_now:
        return None
    due_at = max(active_at, reservation.starts_at) + timedelta(minutes=minutes)
    return due_at if due_at < reservation.ends_at else None


def unclaimed(now: datetime) -> QuerySet[Reservation]:
    return Reservation.objects.filter(
        state=ReservationState.ACTIVE, check_in_due_at__lte=now, checked_in_at__isnull=True, ends_at__gt=now
    )


def release_unclaimed(reservation: Reservation, now: datetime) -> bool:
    """ACTIVE → RELEASING, unless somebody has shown since that they use it."""
    if seen_at := _seen_at(reservation):
        Reservation.objects.filter(pk=reservation.pk).update(
            checked_in_at=seen_at, version=F("version") + 1, updated_at=now
        )
        return True
    due_at = reservation.check_in_due_at
    reason = f"Nobody checked in until {due_at:%Y-%m-%d %H:%M} UTC."
    facts = {"check_in_due_at": due_at.isoformat() if due_at else None}
    kind, message = JournalKind.RESERVATION_UNCLAIMED, f"{reason} Its devices are given back."
    journal.record(kind=kind, message=message, by=SYSTEM, now=now, reservation=reservation, facts=facts)
    return begin_release(reservation=reservation, intent=ReservationState.ENDED, reason=reason, by=SYSTEM, now=now)


def _seen_at(reservation: Reservation) -> datetime | None:
    """A person, or a device that was busy."""
    since = reservation.active_at or reservation.starts_at
    rule = idle_rule(reservation.pool.policy)
    percent = BUSY_PERCENT if rule is None else rule.percent
    return _signed_at(reservation, since) or busy_at(code=reservation.code, since=since, percent=percent)


def _signed_at(reservation: Reservation, since: datetime) -> datetime | None:
    shown = JournalEntry.objects.filter(reservation=reservation, kind__in=SIGNS_OF_LIFE, at__gte=since)
    return shown.exclude(actor=None).aggregate(first=Min("at"))["first"]
