"""Another window before anything is composed: planned anew as a new booking is, and kept as it was where that fails."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F

from scheduler import journal, nudge
from scheduler.journal_kinds import JournalKind
from scheduler.models import Reservation
from scheduler.parsing import parse_request
from scheduler.planning.admission import decide, fits, is_beyond_quota
from scheduler.planning.plan import Plan, plan_from_wire, plan_to_wire
from scheduler.planning.pricing import Price, booked_rates, price_of_plan, price_to_wire, watts
from scheduler.planning.snapshot import Snapshot
from scheduler.queries.snapshots import snapshot, snapshot_of
from scheduler.queries.vocabulary import vocabulary
from scheduler.refusals import Alternative, FieldError, Invalid, Refusal, Refused, WrongState
from scheduler.requests import Actor, ReservationRequest
from scheduler.services._approvals import against_change
from scheduler.services._charging import price_owing
from scheduler.services._commit import take_footing_under_quota, write_moves
from scheduler.services._moves import require_staying, require_version
from scheduler.services._nearing import tell_if_near
from scheduler.services._rechecking import Moved
from scheduler.services._resize_booked import BOOKED, without_own
from scheduler.services._resize_words import told_of
from scheduler.services._series_exception import stand_alone
from scheduler.services._tries import Overtaken, with_tries
from scheduler.states import FINAL, LIVE, ReservationState

_OF_A_WINDOW = frozenset({"starts_at", "ends_at", "duration_minutes", "waitlist", "auto_extend_until"})
_IN_USE = "It has begun; extend or shorten it instead, or copy it to another time."
_OVER = "It is over; copy it to another time instead."
_UNREADABLE = "What it was booked with can no longer be read, as a class has left the catalogue; book it anew."


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescheduling:
    """What another window would come to; nothing is held. It can be done where nothing refuses. `usd` in the end."""

    starts_at: datetime
    ends_at: datetime
    hosts: tuple[str, ...] = ()
    kept: int = 0  # devices that stay the same
    usd_before: Decimal = Decimal(0)
    usd: Decimal = Decimal(0)
    refusals: tuple[Refusal, ...] = ()
    alternatives: tuple[Alternative, ...] = ()


def rescheduling(
    *, reservation: Reservation, starts_at: datetime, ends_at: datetime | None, by: Actor, now: datetime
) -> Rescheduling:
    """Raises WrongState, and Invalid for a window that makes no sense."""
    require_movable(reservation=reservation, now=now)
    asked = _asked_for(reservation, starts_at, ends_at, now)
    usd = Decimal(reservation.price["usd"])
    found = Rescheduling(starts_at=asked.window.starts_at, ends_at=asked.window.ends_at, usd_before=usd)
    try:
        plan, seen = _planned(reservation, asked, by, now)
    except Refused as refused:
        return replace(found, refusals=refused.refusals, alternatives=refused.alternatives)
    plans = (plan_from_wire(reservation.plan), plan)
    had, has = ({code for node in one.nodes for code in node.blocks} for one in plans)
    hosts = tuple(node.host for node in plan.nodes)
    return replace(found, hosts=hosts, kept=len(had & has), usd=_cost(reservation, asked, plan, seen).usd)


def reschedule(
    *,
    reservation: Reservation,
    starts_at: datetime,
    ends_at: datetime | None = None,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Reservation:
    """Without an end it stays as long as it is. Asking again for the window it has changes nothing.

    Raises Invalid, WrongState, Stale, and Refused with all reasons and other starts; then everything is as it was.
    """

    def once() -> Reservation:
        reservation.refresh_from_db()
        if _is_so(reservation, starts_at, ends_at):
            return reservation
        require_version(reservation, expected_version)
        require_movable(reservation=reservation, now=now)
        asked = _asked_for(reservation, starts_at, ends_at, now)
        plan, seen = _planned(reservation, asked, by, now)
        with transaction.atomic():
            return _commit(reservation, asked, plan, seen, by, now)

    return with_tries(once)


def require_movable(*, reservation: Reservation, now: datetime) -> None:
    """What has begun to be composed is where it is."""
    state = ReservationState(reservation.state)
    if state not in BOOKED:
        raise WrongState("move", state, _OVER if state in FINAL else _IN_USE if state in LIVE else "")
    require_staying(reservation, "move")
    if reservation.ends_at <= now:
        raise WrongState("move", ReservationState.RELEASING, _OVER)


def _is_so(reservation: Reservation, starts_at: datetime, ends_at: datetime | None) -> bool:
    return reservation.starts_at == starts_at and ends_at in (None, reservation.ends_at)


def _asked_for(
    reservation: Reservation, starts_at: datetime, ends_at: datetime | None, now: datetime
) -> ReservationRequest:
    """Read by the words of every booking, so that a window is refused with the same."""
    kept = {name: value for name, value in reservation.request.items() if name not in _OF_A_WINDOW}
    until = ends_at or starts_at + (reservation.ends_at - reservation.starts_at)
    window = {"starts_at": starts_at.isoformat(), "ends_at": until.isoformat()}
    body = {**kept, **window, "project": reservation.project.slug, "pool": reservation.pool.code}
    words = vocabulary(user_id=0, sees_all=True)
    try:
        return parse_request(body, vocabulary=words, now=now)
    except Invalid as invalid:
        mine = [error for error in invalid.errors if error.field in _OF_A_WINDOW]
        raise Invalid(mine or [FieldError("starts_at", "invalid", _UNREADABLE)]) from None


def _planned(reservation: Reservation, asked: ReservationRequest, by: Actor, now: datetime) -> tuple[Plan, Snapshot]:
    """As if it held nothing itself. Raises Refused with other starts, as far as they are known."""
    seen = snapshot(pool_code=asked.pool, project_slug=asked.project, now=now, priority=asked.priority)
    try:
        plan = decide(request=asked, snapshot=without_own(seen, reservation))
    except Refused as refused:
        raise Refused(refused.refusals, _other_starts(refused)) from None
    usd = _cost(reservation, asked, plan, seen).usd
    if refusals := against_change(
        reservation=reservation, plan=plan, usd=usd, topology=seen.topology, by=by, field="starts_at"
    ):
        raise Refused(refusals)
    return plan, seen


def _cost(reservation: Reservation, asked: ReservationRequest, plan: Plan, seen: Snapshot) -> Price:
    """At the rates it was booked at."""
    terms, booked = seen.terms(asked.priority), booked_rates(reservation.price)
    return price_of_plan(plan=plan, topology=seen.topology, booked=booked, terms=terms)


def _other_starts(refused: Refused) -> tuple[Alternative, ...]:
    """Another mix is for `resize`."""
    return tuple(
        replace(one, request={"starts_at": one.starts_at.isoformat(), "ends_at": one.ends_at.isoformat()})
        for one in refused.alternatives
        if one.mix is None and one.starts_at is not None and one.ends_at is not None
    )


def _commit(
    reservation: Reservation, asked: ReservationRequest, plan: Plan, seen: Snapshot, by: Actor, now: datetime
) -> Reservation:
    """Raises Overtaken where somebody was faster, perhaps by this very wish: the next try knows."""
    footing, quota = take_footing_under_quota(pool=reservation.pool, project=asked.project, now=now)
    version = reservation.version
    reservation.refresh_from_db()
    if reservation.state not in BOOKED or reservation.version != version:
        raise Overtaken
    fresh = snapshot_of(board=footing.board, quota=quota, now=now, priority=asked.priority)
    is_moved = footing.board.generation != seen.generation or quota != seen.quota
    if is_moved and fits(plan=plan, snapshot=without_own(fresh, reservation), request=asked):
        raise Overtaken
    write_moves(moved=[Moved(reservation=reservation, project=asked.project, plan=plan)], footing=footing)
    _write(reservation, asked, plan, fresh, by, now)
    tell_if_near(reservation=reservation, plan=plan, snapshot=without_own(fresh, reservation), by=by, now=now)
    return reservation


def _write(
    reservation: Reservation, asked: ReservationRequest, plan: Plan, seen: Snapshot, by: Actor, now: datetime
) -> None:
    before, planned, usd = reservation.starts_at, plan_from_wire(reservation.plan), reservation.price.get("usd")
    facts = {"from": [reservation.starts_at.isoformat(), reservation.ends_at.isoformat()]}
    cost = _cost(reservation, asked, plan, seen)
    is_confirmed = reservation.state == ReservationState.CONFIRMED
    Reservation.objects.filter(pk=reservation.pk).update(
        request=dict(asked.wire),
        plan=plan_to_wire(plan),
        price=price_owing(reservation=reservation, price=price_to_wire(cost), now=now),
        watts=watts(plan=plan, topology=seen.topology),
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        busy_from=plan.busy_from,
        busy_until=plan.busy_until,
        is_now=asked.window.is_now,
        is_beyond_quota=is_beyond_quota(plan=plan, snapshot=without_own(seen, reservation)),
        next_due_at=plan.busy_from if is_confirmed else reservation.next_due_at,
        auto_extend_until=_ceiling(reservation, plan.starts_at - before, plan.ends_at),
        starting_soon_told_at=None,
        version=F("version") + 1,
        updated_at=now,
    )
    reservation.refresh_from_db()
    facts["to"] = [reservation.starts_at.isoformat(), reservation.ends_at.isoformat()]
    stand_alone(reservation)
    window = f"{reservation.starts_at:%Y-%m-%d %H:%M} to {reservation.ends_at:%Y-%m-%d %H:%M} UTC"
    journal.record(
        kind=JournalKind.RESERVATION_RESCHEDULED,
        message=f"Moved to another window: {window}.",
        by=by,
        now=now,
        reservation=reservation,
        facts={**facts, **told_of(planned, plan), "usd_before": usd, "usd": reservation.price["usd"]},
    )
    if is_confirmed and plan.busy_from <= now:
        nudge.hint_advance()


def _ceiling(reservation: Reservation, moved_by: timedelta, ends_at: datetime) -> datetime | None:
    """Until when it extends itself moves with it."""
    if reservation.auto_extend_until is None:
        return None
    until = reservation.auto_extend_until + moved_by
    return until if until > ends_at else None
