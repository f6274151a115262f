"""End a reservation sooner than booked: what it does not get is not charged, and is free for others from then on."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F

from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import Reservation
from scheduler.planning.plan import Plan, plan_to_wire
from scheduler.planning.repricing import price_ending_at
from scheduler.planning.sentences import in_utc
from scheduler.planning.shortening import ending_at, too_short
from scheduler.queries.snapshots import snapshot
from scheduler.refusals import FieldError, Invalid, Refusal, Refused
from scheduler.requests import Actor
from scheduler.services._carrying_out import looked_at_next
from scheduler.services._charging import price_owing
from scheduler.services._commit import cut_allocations, take_footing
from scheduler.services._maintaining import plan_as_held
from scheduler.services._moves import require_open, require_version
from scheduler.services._series_exception import stand_alone
from scheduler.services._tries import Overtaken, with_tries
from scheduler.states import EXTENDABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortening:
    """What ending then would come to. It can be done where nothing refuses."""

    ends_at: datetime
    usd: Decimal
    saved_usd: Decimal
    refusals: tuple[Refusal, ...]


def shortening(*, reservation: Reservation, ends_at: datetime, now: datetime) -> Shortening:
    """Nothing is written. Raises WrongState, and Invalid for an end that is not sooner, or not to come."""
    require_shortenable(reservation=reservation, now=now)
    _require_sooner(reservation, ends_at, now)
    price = price_ending_at(price=reservation.price, plan=plan_as_held(reservation), ends_at=ends_at)
    usd = Decimal(price["usd"])
    saved = Decimal(reservation.price["usd"]) - usd
    return Shortening(ends_at=ends_at, usd=usd, saved_usd=saved, refusals=_against(reservation, ends_at, now))


def shorten(
    *, reservation: Reservation, ends_at: datetime, by: Actor, now: datetime, expected_version: int | None = None
) -> Reservation:
    """Asking again for the end it has changes nothing. It no longer extends itself.

    Raises Invalid for an end that is not sooner, or not to come, WrongState, Stale, and Refused.
    """

    def once() -> Reservation:
        reservation.refresh_from_db()
        if reservation.ends_at == ends_at:
            return reservation
        require_version(reservation, expected_version)
        require_shortenable(reservation=reservation, now=now)
        _require_sooner(reservation, ends_at, now)
        if refusals := _against(reservation, ends_at, now):
            raise Refused(refusals)
        with transaction.atomic():
            return _write(reservation, ends_at, by, now)

    return with_tries(once)


def _write(reservation: Reservation, ends_at: datetime, by: Actor, now: datetime) -> Reservation:
    """Under the pool's lock. Raises Overtaken where somebody was faster: the next try says what it is now."""
    footing = take_footing(pool=reservation.pool)
    version = reservation.version
    reservation.refresh_from_db()
    if reservation.version != version:
        raise Overtaken
    before, usd = reservation.ends_at, reservation.price.get("usd")
    held = plan_as_held(reservation)
    shorter = ending_at(plan=held, ends_at=ends_at)
    _store(reservation, held, shorter, now)
    cut_allocations(reservation=reservation, until=shorter.busy_until, footing=footing)
    _tell(reservation, before, usd, by, now)
    return reservation


def _store(reservation: Reservation, held: Plan, shorter: Plan, now: datetime) -> None:
    mine = Reservation.objects.filter(pk=reservation.pk, state=reservation.state, version=reservation.version)
    price = price_ending_at(price=reservation.price, plan=held, ends_at=shorter.ends_at)
    changed = mine.update(
        plan=plan_to_wire(shorter),
        price=price_owing(reservation=reservation, price=price, now=now),
        ends_at=shorter.ends_at,
        busy_until=shorter.busy_until,
        next_due_at=looked_at_next(reservation, shorter.ends_at, now),
        auto_extend_until=None,
        version=F("version") + 1,
        updated_at=now,
    )
    if not changed:
        raise Overtaken
    reservation.refresh_from_db()


def _tell(reservation: Reservation, before: datetime, usd: str | None, by: Actor, now: datetime) -> None:
    minutes = (before - reservation.ends_at) // timedelta(minutes=1)
    message = f"Shortened by {minutes:,} minutes: it ends {in_utc(reservation.ends_at)}."
    facts = {
        "ends_at": reservation.ends_at.isoformat(),
        "ends_at_before": before.isoformat(),
        "usd_before": usd,
        "usd": reservation.price.get("usd"),
    }
    kind = JournalKind.RESERVATION_SHORTENED
    stand_alone(reservation)
    journal.record(kind=kind, message=message, by=by, now=now, reservation=reservation, facts=facts)


def require_shortenable(*, reservation: Reservation, now: datetime) -> None:
    require_open(reservation, "shorten", among=EXTENDABLE, now=now)


def _require_sooner(reservation: Reservation, ends_at: datetime, now: datetime) -> None:
    if ends_at >= reservation.ends_at:
        message = f"It ends at {in_utc(reservation.ends_at)}; give an earlier end. To keep it longer, extend it."
        raise Invalid([FieldError("ends_at", "inverted", message)])
    if ends_at <= reservation.starts_at:
        message = f"It begins at {in_utc(reservation.starts_at)}; give an end after that, or cancel it instead."
        raise Invalid([FieldError("ends_at", "inverted", message)])
    if ends_at <= now:
        message = "That is over already; give an end to come. To give it back at once, end it early instead."
        raise Invalid([FieldError("ends_at", "past", message)])


def _against(reservation: Reservation, ends_at: datetime, now: datetime) -> tuple[Refusal, ...]:
    seen = snapshot(pool_code=reservation.pool.code, project_slug=reservation.project.slug, now=now)
    return too_short(plan=plan_as_held(reservation), snapshot=seen, ends_at=ends_at)
