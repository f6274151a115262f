"""Say until when a reservation extends itself, or that it does so no more."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F

from scheduler import journal, limits
from scheduler.journal_kinds import JournalKind
from scheduler.models import Reservation
from scheduler.planning.auto_extending import FIELD, beyond_policy
from scheduler.planning.repricing import price_ending_at
from scheduler.planning.sentences import in_utc
from scheduler.queries.snapshots import snapshot
from scheduler.refusals import FieldError, Invalid, Refusal, Refused
from scheduler.requests import Actor
from scheduler.services._maintaining import plan_as_held
from scheduler.services._moves import require_open, require_staying, require_version
from scheduler.services._tries import Overtaken, tried
from scheduler.states import EXTENDABLE, ReservationState

OPEN = EXTENDABLE | {ReservationState.HELD, ReservationState.PENDING_APPROVAL}


@tried
@transaction.atomic
def auto_extend(
    *,
    reservation: Reservation,
    until: datetime | None,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Reservation:
    """None: it ends when it ends. Asking again for what is so changes nothing; nothing is held for it.

    Raises Invalid for a ceiling that is not after its end, WrongState, Stale, and Refused for one beyond the policy.
    """
    reservation.refresh_from_db()
    if reservation.auto_extend_until == until:
        return reservation
    require_version(reservation, expected_version)
    require_changeable(reservation=reservation, now=now)
    if until is not None and (refusals := refusals_of(reservation=reservation, until=until, now=now)):
        raise Refused(refusals)
    mine = Reservation.objects.filter(pk=reservation.pk, state=reservation.state, version=reservation.version)
    if not mine.update(auto_extend_until=until, version=F("version") + 1, updated_at=now):
        raise Overtaken
    reservation.refresh_from_db()
    journal.record(
        kind=JournalKind.AUTO_EXTEND_SET,
        message=f"It extends itself, while it fits, until {in_utc(until)}." if until else "It extends itself no more.",
        by=by,
        now=now,
        reservation=reservation,
        facts={"until": until.isoformat() if until else None},
    )
    return reservation


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """What it would come to at most, at the rates it was booked at. It can be set where nothing refuses."""

    until: datetime
    usd: Decimal
    added_usd: Decimal
    refusals: tuple[Refusal, ...]


def ceiling(*, reservation: Reservation, until: datetime, now: datetime) -> Ceiling:
    """Nothing is written. Raises Invalid for one that is not after its end."""
    refusals = refusals_of(reservation=reservation, until=until, now=now)
    price = price_ending_at(price=reservation.price, plan=plan_as_held(reservation), ends_at=until)
    usd = Decimal(price["usd"])
    return Ceiling(until=until, usd=usd, added_usd=usd - Decimal(reservation.price["usd"]), refusals=refusals)


def require_changeable(*, reservation: Reservation, now: datetime) -> None:
    require_open(reservation, "auto-extend", among=OPEN, now=now)
    require_staying(reservation, "auto-extend")


def refusals_of(*, reservation: Reservation, until: datetime, now: datetime) -> tuple[Refusal, ...]:
    """What stands against such a ceiling. Nothing is written. Raises Invalid for one that is not after its end."""
    if until <= reservation.ends_at:
        message = f"It ends at {in_utc(reservation.ends_at)}; give a later time, up to which it may extend itself."
        raise Invalid([FieldError(FIELD, "inverted", message)])
    if until > reservation.starts_at + timedelta(minutes=limits.DURATION_MINUTES_MAX):
        raise Invalid([FieldError(FIELD, "too_large", "The window would be longer than a year; give a time before.")])
    seen = snapshot(pool_code=reservation.pool.code, project_slug=reservation.project.slug, now=now)
    return beyond_policy(plan=plan_as_held(reservation), snapshot=seen, until=until)
