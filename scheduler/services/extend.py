"""End a reservation later, on the same devices: every rule is asked again of the added time, or all reasons told."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F

from scheduler import journal, limits
from scheduler.journal_kinds import JournalKind
from scheduler.models import Reservation
from scheduler.planning import extending
from scheduler.planning.approving import Rule
from scheduler.planning.plan import Plan, plan_to_wire
from scheduler.planning.repricing import price_ending_at
from scheduler.planning.sentences import in_utc
from scheduler.planning.shortening import ending_at
from scheduler.planning.snapshot import Snapshot
from scheduler.queries.approvals import rules_of
from scheduler.queries.snapshots import snapshot, snapshot_of
from scheduler.refusals import Alternative, FieldError, Invalid, Refusal, Refused
from scheduler.requests import Actor
from scheduler.services._approvals import against_change
from scheduler.services._commit import stretch_allocations, take_footing_under_quota
from scheduler.services._extending import held_plan, with_holders
from scheduler.services._maintaining import plan_as_held
from scheduler.services._moves import require_open, require_staying, require_version
from scheduler.services._nearing import tell_if_near
from scheduler.services._series_exception import stand_alone
from scheduler.services._tries import Overtaken, with_tries
from scheduler.states import EXTENDABLE, Priority, ReservationState

Projects = Collection[int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """What ending then would come to; `added_usd` at the rates it was booked at. It fits where nothing refuses."""

    ends_at: datetime
    added_usd: Decimal
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """`latest` is the last end that fits: until the next holder, or as long as policy and ceiling allow; None: none."""

    latest: datetime | None
    extensions: tuple[Extension, ...]


def outlook(
    *, reservation: Reservation, ends: Sequence[datetime], now: datetime, sees: Projects = (), by: Actor | None = None
) -> Outlook:
    """What each of these ends, and then the latest one, would come to for `by`. Nothing is held.

    `sees` are the projects whose reservations the asker may be told of; None is every one. Raises WrongState, and
    Invalid for an end that is not later.
    """
    _require_extendable(reservation, now)
    for ends_at in ends:
        _require_later(reservation, ends_at)
    seen, plan, rules = _seen(reservation, now), held_plan(reservation), rules_of(pool_id=reservation.pool_id)
    longest = extending.longest_end(plan=plan, snapshot=seen)
    latest = extending.last_end(plan=plan, snapshot=seen, reservation=reservation.code, until=longest)
    wanted = [*ends, latest] if latest is not None and latest not in ends else ends
    return Outlook(
        latest=latest,
        extensions=tuple(
            _extension(
                reservation,
                ends_at,
                (
                    *_against(reservation, plan, seen, ends_at, sees),
                    *_consent(reservation, seen, ends_at, by, rules),
                ),
            )
            for ends_at in wanted
        ),
    )


def _extension(reservation: Reservation, ends_at: datetime, refusals: tuple[Refusal, ...]) -> Extension:
    added_usd = _usd(reservation, ends_at) - Decimal(reservation.price["usd"])
    return Extension(ends_at=ends_at, added_usd=added_usd, refusals=refusals)


def _usd(reservation: Reservation, ends_at: datetime) -> Decimal:
    return Decimal(price_ending_at(price=reservation.price, plan=plan_as_held(reservation), ends_at=ends_at)["usd"])


def extend(
    *,
    reservation: Reservation,
    ends_at: datetime,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
    sees: Projects = (),
) -> Reservation:
    """Asking again for the end it has changes nothing.

    Raises Invalid for an earlier end, WrongState, Stale, and Refused with all reasons and the last end that would fit,
    where nobody would have to consent to it.
    """

    def once() -> Reservation:
        reservation.refresh_from_db()
        if reservation.ends_at == ends_at:
            return reservation
        require_version(reservation, expected_version)
        _require_extendable(reservation, now)
        _require_later(reservation, ends_at)
        seen, plan = _seen(reservation, now), held_plan(reservation)
        refusals = _against(reservation, plan, seen, ends_at, sees)
        rules = rules_of(pool_id=reservation.pool_id)
        refusals += _consent(reservation, seen, ends_at, by, rules)
        if refusals:
            offered = _alternatives(reservation, plan, seen, ends_at)
            able = [one for one in offered if one.ends_at and not _consent(reservation, seen, one.ends_at, by, rules)]
            raise Refused(refusals, able)
        with transaction.atomic():
            return _write(reservation, ends_at, by, now, expected_version)

    return with_tries(once)


def _write(
    reservation: Reservation, ends_at: datetime, by: Actor, now: datetime, expected_version: int | None
) -> Reservation:
    """Under quota's and pool's locks. Raises Overtaken where it does not fit any more: the next try says why."""
    footing, quota = take_footing_under_quota(pool=reservation.pool, project=reservation.project.slug, now=now)
    reservation.refresh_from_db()
    if ends_at <= reservation.ends_at:  # perhaps by this very wish, sent twice: the next try knows
        raise Overtaken
    require_version(reservation, expected_version)
    _require_extendable(reservation, now)
    seen = snapshot_of(board=footing.board, quota=quota, now=now, priority=Priority(reservation.priority))
    held, before = held_plan(reservation), reservation.ends_at
    if extending.against(plan=held, snapshot=seen, reservation=reservation.code, ends_at=ends_at):
        raise Overtaken
    if _consent(reservation, seen, ends_at, by, rules_of(pool_id=reservation.pool_id)):
        raise Overtaken
    longer = ending_at(plan=plan_as_held(reservation), ends_at=ends_at)
    usd = reservation.price.get("usd")
    is_beyond = extending.goes_beyond_quota(plan=held, snapshot=seen, reservation=reservation.code, ends_at=ends_at)
    _store(reservation, longer, reservation.is_beyond_quota or is_beyond, now)
    stretch_allocations(reservation=reservation, until=longer.busy_until, footing=footing)
    _tell(reservation, before, usd, by, now)
    held_longer = ending_at(plan=held, ends_at=ends_at)
    tell_if_near(reservation=reservation, plan=held_longer, snapshot=seen, by=by, now=now, charged_from=before)
    return reservation


def _store(reservation: Reservation, longer: Plan, is_beyond_quota: bool, now: datetime) -> None:
    price = price_ending_at(price=reservation.price, plan=plan_as_held(reservation), ends_at=longer.ends_at)
    mine = Reservation.objects.filter(pk=reservation.pk, state=reservation.state, version=reservation.version)
    changed = mine.update(
        plan=plan_to_wire(longer),
        price=price,
        ends_at=longer.ends_at,
        busy_until=longer.busy_until,
        next_due_at=_looked_at_next(reservation, longer.ends_at, now),
        ending_soon_told_at=None,
        is_beyond_quota=is_beyond_quota,
        version=F("version") + 1,
        updated_at=now,
    )
    if not changed:
        raise Overtaken
    reservation.refresh_from_db()


def _looked_at_next(reservation: Reservation, ends_at: datetime, now: datetime) -> datetime | None:
    """One in use is reminded of its new end, even if it was reminded of the old one."""
    if reservation.state == ReservationState.COMPOSING:
        return ends_at
    if reservation.state == ReservationState.ACTIVE:
        return max(now, ends_at - timedelta(minutes=limits.ENDING_SOON_MINUTES))
    return reservation.next_due_at


def _tell(reservation: Reservation, before: datetime, usd: str | None, by: Actor, now: datetime) -> None:
    minutes = (reservation.ends_at - before) // timedelta(minutes=1)
    itself = "" if by.user_id else " itself"
    until = in_utc(reservation.ends_at)
    message = f"Extended{itself} by {minutes:,} minutes: it ends {until}, on the same devices."
    facts = {
        "from": before.isoformat(),
        "to": reservation.ends_at.isoformat(),
        "usd_before": usd,
        "usd": reservation.price.get("usd"),
    }
    kind = JournalKind.RESERVATION_EXTENDED
    stand_alone(reservation)
    journal.record(kind=kind, message=message, by=by, now=now, reservation=reservation, facts=facts)


def _require_extendable(reservation: Reservation, now: datetime) -> None:
    require_staying(reservation, "extend")
    require_open(reservation, "extend", among=EXTENDABLE, now=now)


def _require_later(reservation: Reservation, ends_at: datetime) -> None:
    now_ends = in_utc(reservation.ends_at)
    if ends_at <= reservation.ends_at:
        message = f"It ends at {now_ends}; give a later end. To give it back sooner, end it early instead."
        raise Invalid([FieldError("ends_at", "inverted", message)])
    if ends_at > reservation.starts_at + timedelta(minutes=limits.DURATION_MINUTES_MAX):
        raise Invalid(
            [FieldError("ends_at", "too_large", "The window would be longer than a year; give an end before.")]
        )


def _seen(reservation: Reservation, now: datetime) -> Snapshot:
    return snapshot(
        pool_code=reservation.pool.code,
        project_slug=reservation.project.slug,
        now=now,
        priority=Priority(reservation.priority),
    )


def _against(
    reservation: Reservation, plan: Plan, seen: Snapshot, ends_at: datetime, sees: Projects
) -> tuple[Refusal, ...]:
    found = extending.against(plan=plan, snapshot=seen, reservation=reservation.code, ends_at=ends_at)
    if not found:
        return ()
    units = extending.taken_units(plan=plan, snapshot=seen, reservation=reservation.code, ends_at=ends_at)
    return with_holders(found, reservation=reservation, units=units, ends_at=ends_at, sees=sees)


def _consent(
    reservation: Reservation, seen: Snapshot, ends_at: datetime, by: Actor | None, rules: Sequence[Rule]
) -> tuple[Refusal, ...]:
    return against_change(
        reservation=reservation,
        plan=ending_at(plan=plan_as_held(reservation), ends_at=ends_at),
        usd=_usd(reservation, ends_at),
        topology=seen.topology,
        by=by,
        field=extending.FIELD,
        rules=rules,
    )


def _alternatives(reservation: Reservation, plan: Plan, seen: Snapshot, ends_at: datetime) -> tuple[Alternative, ...]:
    """The last end before the one asked for, found to fit by the same rules."""
    latest = extending.last_end(plan=plan, snapshot=seen, reservation=reservation.code, until=ends_at)
    if latest is None:
        return ()
    message = f"It can last until {in_utc(latest)}."
    return (Alternative("end", message, reservation.starts_at, latest, request={"ends_at": latest.isoformat()}),)
