"""What time alone makes happen: ends, expiries, starts, reminders. Safe to run twice, late, or from two processes."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from scheduler import journal, limits
from scheduler.journal_kinds import JournalKind
from scheduler.models import JournalEntry, Reservation
from scheduler.requests import SYSTEM, Actor
from scheduler.services._commit import lock_pool
from scheduler.services._deciding import expire_undecided
from scheduler.services._finishing import finish
from scheduler.services._giving_way import let_stay, needlessly_preempted, preempted_by_now, take_apart
from scheduler.services._releasing import begin_release
from scheduler.services._starting import start
from scheduler.services._tries import is_lost_race
from scheduler.services._unclaimed import release_unclaimed, unclaimed
from scheduler.services._waiting_out import wait_out
from scheduler.states import ReservationState

_R = ReservationState
_log = logging.getLogger(__name__)


def advance_due(*, now: datetime) -> int:
    """Advance every due reservation, one transaction each, ends before starts; how many moved."""
    busy: set[int] = set()
    return sum(_advance_all(queryset, act, now, busy) for queryset, act in _PHASES)


def _advance_all(
    due: Callable[[datetime], QuerySet[Reservation]],
    act: Callable[[Reservation, datetime], bool],
    now: datetime,
    busy: set[int],
) -> int:
    """One that fails, for whatever reason, is logged and left due; it does not keep the others waiting.

    Nor does a pool whose lock is not to be had: it is waited for once, then it is among the `busy` ones.
    """
    waiting = due(now).order_by("next_due_at", "id").values_list("pk", "pool_id", "pool__code")
    moved = 0
    for pk, pool_id, pool in list(waiting[: limits.ADVANCE_BATCH_MAX]):
        if pool_id in busy:
            continue
        try:
            moved += int(_advance_one(due, act, pk, pool_id, now))
        except Exception as error:
            if is_lost_race(error):
                busy.add(pool_id)
                _log.info("pool %s is busy; what is due there waits", pool)
            else:
                _log.exception("reservation %s could not be advanced; it stays due", pk)
    return moved


@transaction.atomic
def _advance_one(
    due: Callable[[datetime], QuerySet[Reservation]],
    act: Callable[[Reservation, datetime], bool],
    pk: int,
    pool_id: int,
    now: datetime,
) -> bool:
    """Under the pool's lock, look again: another ticker, or a person, may have been faster."""
    lock_pool(pool_id=pool_id)
    reservation = due(now).select_related("project", "pool").filter(pk=pk).first()
    return reservation is not None and act(reservation, now)


def _due(*states: ReservationState) -> Callable[[datetime], QuerySet[Reservation]]:
    return lambda now: Reservation.objects.filter(next_due_at__lte=now, state__in=states)


def _over(now: datetime) -> QuerySet[Reservation]:
    return Reservation.objects.filter(ends_at__lte=now, state__in=(_R.COMPOSING, _R.ACTIVE))


def _end(reservation: Reservation, now: datetime) -> bool:
    if reservation.state == _R.ACTIVE:
        return begin_release(reservation=reservation, intent=_R.ENDED, reason="The window closed.", by=SYSTEM, now=now)
    reason = "The window closed before composing was done."
    return begin_release(reservation=reservation, intent=_R.FAILED, reason=reason, by=SYSTEM, now=now)


def _expire(reservation: Reservation, now: datetime) -> bool:
    message = "The hold ran out before it was confirmed."
    return finish(reservation, to=_R.EXPIRED, message=message, reason="The hold ran out.", by=SYSTEM, now=now)


def _start(reservation: Reservation, now: datetime) -> bool:
    if now < reservation.ends_at:
        return start(reservation=reservation, by=_on_behalf_of(reservation), now=now)
    reason = "The whole window passed before composing could begin."
    message = "Failed: the whole window passed before composing could begin."
    return finish(reservation, to=_R.FAILED, message=message, reason=reason, by=SYSTEM, now=now)


def _on_behalf_of(reservation: Reservation) -> Actor:
    """Time starts it, but the call that booked or confirmed it caused it: its request id goes on to the fabric."""
    asked = JournalEntry.objects.filter(reservation=reservation).exclude(request_id="").order_by("-id")
    return replace(SYSTEM, request_id=asked.values_list("request_id", flat=True).first() or "")


def _remind(reservation: Reservation, now: datetime) -> bool:
    """Tell once that the end is near, then sleep until the end."""
    Reservation.objects.filter(pk=reservation.pk).update(next_due_at=reservation.ends_at, ending_soon_told_at=now)
    minutes = max(1, round((reservation.ends_at - now) / timedelta(minutes=1)))
    message = f"Ends in {minutes} minute{'s'[: minutes != 1]}."
    journal.record(kind=JournalKind.ENDING_SOON, message=message, by=SYSTEM, now=now, reservation=reservation)
    return True


def _to_remind(now: datetime) -> QuerySet[Reservation]:
    return _due(_R.ACTIVE)(now).filter(ending_soon_told_at__isnull=True, ends_at__gt=now)


_PHASES = (
    (_over, _end),
    (needlessly_preempted, let_stay),
    (preempted_by_now, take_apart),
    (unclaimed, release_unclaimed),
    (_due(_R.HELD), _expire),
    (_due(_R.WAITLISTED), wait_out),
    (_due(_R.PENDING_APPROVAL), expire_undecided),
    (_due(_R.CONFIRMED), _start),
    (_to_remind, _remind),
)
