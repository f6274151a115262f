"""Extend what is to extend itself, in time before its end; and tell its people, once, where it cannot."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from scheduler import journal, limits
from scheduler.journal_kinds import JournalKind
from scheduler.models import JournalEntry, Reservation
from scheduler.planning.auto_extending import next_end
from scheduler.planning.sentences import in_utc
from scheduler.refusals import Invalid, Refused, WrongState
from scheduler.requests import SYSTEM
from scheduler.services.extend import extend
from scheduler.states import ReservationState

BEFORE = timedelta(minutes=limits.AUTO_EXTEND_BEFORE_MINUTES)
IDLE = "Nothing of it has been busy for long; extend it yourself if you still need it."
_log = logging.getLogger(__name__)


def extend_due(*, now: datetime) -> int:
    """How many end later now. One that fails is logged and tried again; it keeps nobody waiting."""
    rows = Reservation.objects.filter(state=ReservationState.ACTIVE, auto_extend_until__gt=F("ends_at"))
    near = rows.filter(ends_at__gt=now, ends_at__lte=now + BEFORE).order_by("ends_at", "id")
    count = 0
    for one in near.select_related("pool", "project")[: limits.ADVANCE_BATCH_MAX]:
        try:
            count += _extended(one, now)
        except Exception:
            _log.exception("reservation %s could not be extended by itself", one.code)
    return count


def _extended(one: Reservation, now: datetime) -> bool:
    """By a step; else as long as it fits; else its people are told, and it is tried again until it ends."""
    assert one.auto_extend_until is not None, "only what extends itself is looked at"
    if one.idle_warned_at is not None:
        _tell(one, IDLE, now)
        return False
    wanted = next_end(ends_at=one.ends_at, until=one.auto_extend_until)
    try:
        return _tried(one, wanted, now)
    except Refused as refused:
        latest = max((fit.ends_at for fit in refused.alternatives if fit.ends_at is not None), default=None)
        if latest is not None and refused.is_proven:
            return _tried(one, latest, now)
        if refused.is_proven:
            _tell(one, " ".join(refusal.message for refusal in refused.refusals), now)
        return False


def _tried(one: Reservation, ends_at: datetime, now: datetime) -> bool:
    """False where a person was faster: it is over, or ends later already."""
    before = one.ends_at
    try:
        extend(reservation=one, ends_at=ends_at, by=SYSTEM, now=now)
    except (Invalid, WrongState):
        return False
    return one.ends_at > before


@transaction.atomic
def _tell(one: Reservation, why: str, now: datetime) -> None:
    """Once of the same end."""
    kind, ends_at = JournalKind.RESERVATION_NOT_EXTENDED, one.ends_at.isoformat()
    told = JournalEntry.objects.filter(reservation=one, kind=kind).order_by("-id").first()
    if told is not None and told.facts.get("ends_at") == ends_at:
        return
    message = f"It does not extend itself and ends {in_utc(one.ends_at)}. {why}"
    journal.record(kind=kind, message=message, by=SYSTEM, now=now, reservation=one, facts={"ends_at": ends_at})
