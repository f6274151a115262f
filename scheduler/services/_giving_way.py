"""Low priority gives way: told at once, taken apart cleanly after its notice time, and back to the waitlist.

Every act is one transaction under the pool's lock and looks again at what it finds, so that it may run twice, late, or
not at all. Whoever it is for is not named, since who reads this may not know of them.
"""

from datetime import datetime, timedelta

from django.db.models import F, QuerySet

from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import Reservation, WaitlistEntry
from scheduler.planning.admission import fits
from scheduler.planning.index import PoolIndex
from scheduler.planning.preempting import free_from
from scheduler.planning.sentences import in_utc
from scheduler.queries.boards import board
from scheduler.queries.preemptible import STATES
from scheduler.refusals import Refused
from scheduler.requests import SYSTEM
from scheduler.services._commit import Admission, cut_allocations, stretch_allocations, take_footing
from scheduler.services._extending import held_plan
from scheduler.services._finishing import finish
from scheduler.services._preempting import NOT_AT_ONCE
from scheduler.services._releasing import begin_release
from scheduler.services._standing import standing_of
from scheduler.services._tries import Overtaken
from scheduler.services.wait_again import wait_again
from scheduler.states import FINAL, LIVE, Priority, ReservationState

_IN_USE = (ReservationState.COMPOSING, ReservationState.ACTIVE)
_REASON = "It gave way to a booking of higher priority."


def give_way(*, admission: Admission, to: Reservation, now: datetime) -> None:
    """Before the units of `to` are written. As they were seen, or none: raises Overtaken.

    Raises Refused where `to` is not confirmed at once: it might come to nothing.
    """
    if admission.preempted and to.state != ReservationState.CONFIRMED:
        raise Refused([NOT_AT_ONCE])
    for one in admission.preempted:
        row = one.reservation
        row.refresh_from_db()
        is_as_seen = row.state in STATES and (row.state in LIVE) is one.is_begun and row.priority == Priority.LOW
        if not is_as_seen or row.preempt_at is not None:
            raise Overtaken
        at = one.preempt_at if one.is_begun else now
        Reservation.objects.filter(pk=row.pk).update(
            preempt_at=at, preempted_for=to, version=F("version") + 1, updated_at=now
        )
        row.refresh_from_db()
        waits = _waits(row)
        _tell(row, now, waits_again=waits is not None)
        if one.is_begun:
            _cut(row, admission, at)
        else:
            _put_back(row, waits, now)


def _cut(row: Reservation, admission: Admission, at: datetime) -> None:
    """Its units are promised to another from the end of its clean-up on."""
    index = PoolIndex(admission.snapshot)
    until = free_from(stays=index.timeline.stays(row.code), index=index, preempt_at=at)
    cut_allocations(reservation=row, until=until, footing=take_footing(pool=row.pool))


def _waits(row: Reservation) -> bool | None:
    """Whether it is booked at once when its next turn comes; None where it does not wait again.

    Only what its people asked to be booked is: what is held may be an offer, and then is offered again; a mere hold
    is gone, as it would be when it runs out.
    """
    if row.state != ReservationState.HELD:
        return True
    return WaitlistEntry.objects.filter(reservation=row).values_list("is_auto_accepted", flat=True).first()


def _put_back(row: Reservation, waits: bool | None, now: datetime) -> None:
    finish(row, to=ReservationState.CANCELLED, message=f"Cancelled: {_REASON}", reason=_REASON, by=SYSTEM, now=now)
    if waits is not None:
        wait_again(reservation=row, by=SYSTEM, now=now, auto_accept=waits)


def _tell(row: Reservation, now: datetime, *, waits_again: bool) -> None:
    at = row.preempt_at or now
    minutes = round((at - now) / timedelta(minutes=1))
    if row.state in LIVE:
        ends = f"It ends at {in_utc(at)}, in {minutes} minute{'s'[: minutes != 1]}: save your work."
        message = (
            f"Gives way to a booking of higher priority. {ends} The rest of it then waits again, first of its class."
        )
    else:
        then = "It waits again, first of its class." if waits_again else "It was only held: book it anew."
        message = f"Gives way to a booking of higher priority before it begins. {then}"
    facts = {"preempt_at": at.isoformat(), "notice_minutes": minutes}
    kind = JournalKind.RESERVATION_PREEMPTING
    journal.record(kind=kind, message=message, by=SYSTEM, now=now, reservation=row, facts=facts)


def preempted_by_now(now: datetime) -> QuerySet[Reservation]:
    return Reservation.objects.filter(preempt_at__lte=now, preempted_for__isnull=False, state__in=_IN_USE)


def take_apart(reservation: Reservation, now: datetime) -> bool:
    """In use → RELEASING, and its rest to the waitlist, in one transaction."""
    is_active = reservation.state == ReservationState.ACTIVE
    intent = ReservationState.ENDED if is_active else ReservationState.CANCELLED
    begun = begin_release(reservation=reservation, intent=intent, reason=_REASON, by=SYSTEM, now=now)
    if begun:
        wait_again(reservation=reservation, by=SYSTEM, now=now)
    return begun


def needlessly_preempted(now: datetime) -> QuerySet[Reservation]:
    """Told to give way to what has been withdrawn since."""
    return Reservation.objects.filter(
        preempt_at__isnull=False, preempted_for__state__in=sorted(FINAL), state__in=_IN_USE, ends_at__gt=now
    )


def let_stay(reservation: Reservation, now: datetime) -> bool:
    """It keeps its devices to its own end, unless somebody has been promised them meanwhile. Under the pool's lock.

    It is asked every second until it goes, so the pool's generation is moved only where something is written.
    """
    standing = standing_of(reservation=reservation, board=board(pool_code=reservation.pool.code), now=now)
    plan = held_plan(reservation)
    if fits(plan=plan, snapshot=standing.snapshot, reservation=reservation.code):
        return False
    Reservation.objects.filter(pk=reservation.pk).update(
        preempt_at=None, preempted_for=None, version=F("version") + 1, updated_at=now
    )
    footing = take_footing(pool=reservation.pool)
    stretch_allocations(reservation=reservation, until=reservation.busy_until, footing=footing)
    reservation.refresh_from_db()
    kind = JournalKind.RESERVATION_NOT_PREEMPTED
    message = "It keeps its devices after all: the booking that it was to give way to was withdrawn."
    journal.record(kind=kind, message=message, by=SYSTEM, now=now, reservation=reservation)
    return True
