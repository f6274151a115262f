"""Take something out of service for a time: who is in the way moves first, and nobody is dropped without a decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from fabric.models import Pool
from scheduler.inserting import insert
from scheduler.journal_kinds import JournalKind
from scheduler.limits import REASON_CHARS_MAX
from scheduler.models import Maintenance, Reservation
from scheduler.planning.index import PoolIndex
from scheduler.planning.replanning import Key
from scheduler.planning.sentences import in_utc
from scheduler.planning.snapshot import QuotaFacts
from scheduler.planning.timeline import Committed
from scheduler.queries.availability import NO_PROJECT
from scheduler.queries.scopes import ScopeUnits, scope_units
from scheduler.queries.snapshots import snapshot, snapshot_of
from scheduler.refusals import FieldError, Invalid, Refusal, RefusalCode, Refused
from scheduler.requests import Actor, Window
from scheduler.services._carrying_out import carry_out
from scheduler.services._codes import new_code
from scheduler.services._commit import Footing, cut_allocations, hold_for_maintenance, take_footing
from scheduler.services._maintaining import Affected, decide, held_in, holders_in, keys_of, look_at, moves_of, named
from scheduler.services._maintenance_entries import name_of, record
from scheduler.services._rechecking import Moved, after_moves
from scheduler.services._tries import Overtaken, with_tries
from scheduler.services.advance_maintenance import advance_maintenance
from scheduler.services.cancel_maintenance import cancel_maintenance
from scheduler.states import CANCELLABLE, Decision, MaintenanceScope, ReservationState

__all__ = ["Affected", "advance_maintenance", "affected", "cancel_maintenance", "plan_maintenance"]
NAME_CHARS_MAX = 150  # width of the column


@dataclass(frozen=True, slots=True, kw_only=True)
class _Intent:
    """What is to be out of service, when, and what becomes of whom."""

    pool: Pool
    scope: MaintenanceScope
    target: str
    window: Window
    units: ScopeUnits
    decisions: Mapping[str, Decision]
    reason: str

    @property
    def span(self) -> tuple[datetime, datetime]:
        return self.window.starts_at, self.window.ends_at

    @property
    def because(self) -> str:
        return f"{self.units.label} is in maintenance from {in_utc(self.window.starts_at)} on ({self.reason})"

    def told(self, *decisions: Decision) -> frozenset[str]:
        """Codes of the reservations that are to be dealt with so."""
        return frozenset(code for code, one in self.decisions.items() if one in decisions)


def affected(
    *, pool: Pool, scope: MaintenanceScope, target: str, window: Window, now: datetime
) -> tuple[Affected, ...]:
    """Who holds something of it in the window, earliest start first, and what could become of each.

    A preview: nothing is written, and what it found may be gone when it is asked for. Raises Invalid.
    """
    window = _from_now(window, now)
    units = scope_units(pool=pool, scope=scope, target=target)
    seen = snapshot(pool_code=pool.code, project_slug=NO_PROJECT, now=now, priority=None)
    rows = holders_in(pool=pool, units=units, during=(window.starts_at, window.ends_at))
    return look_at(rows, units=units, begin=window.starts_at, index=PoolIndex(seen), now=now)


def plan_maintenance(
    *,
    pool: Pool,
    scope: MaintenanceScope,
    target: str,
    window: Window,
    decisions: Mapping[str, Decision],
    by: Actor,
    now: datetime,
    reason: str,
) -> Maintenance:
    """Carry the decisions out and hold the units, in one transaction. `decisions` are by the reservations' codes.

    Who has none moves, if it can. A start in the past means now. Raises Refused that names everybody who still needs a
    decision, or whose decision cannot be carried out (who booked since the preview too), or the other maintenance that
    has some of the units; Invalid for what does not exist.
    """
    intent = _Intent(
        pool=pool,
        scope=scope,
        target=target,
        window=_from_now(window, now),
        units=scope_units(pool=pool, scope=scope, target=target),
        decisions=dict(decisions),
        reason=_required(reason),
    )
    return with_tries(lambda: _once(intent, by, now))


def _once(intent: _Intent, by: Actor, now: datetime) -> Maintenance:
    """Read and planned anew by every try."""
    seen = snapshot(pool_code=intent.pool.code, project_slug=NO_PROJECT, now=now, priority=None)
    rows = holders_in(pool=intent.pool, units=intent.units, during=intent.span)
    gone = [row.code for row in rows if row.state in CANCELLABLE and row.code in intent.told(Decision.CANCEL)]
    found = look_at(
        rows,
        units=intent.units,
        begin=intent.window.starts_at,
        index=PoolIndex(seen).without(gone),
        staying=intent.told(Decision.CANCEL, Decision.KEEP, Decision.SHORTEN),
        now=now,
    )
    decided = decide(found, intent.decisions)
    units = _units_left(intent, decided[Decision.KEEP])
    with transaction.atomic():
        footing = take_footing(pool=intent.pool)
        _require_the_same(intent, rows)
        if footing.board.generation != seen.generation:
            _require_room(footing, moves_of(decided[Decision.MOVE]), gone, now)
        _require_no_other(intent, units)
        carry_out(decided, because=intent.because, begin=intent.window.starts_at, footing=footing, by=by, now=now)
        for row in rows:
            if row.state == ReservationState.RELEASING:
                cut_allocations(reservation=row, until=intent.window.starts_at, footing=footing)
        return _create(intent, units, footing, by, now)


def _units_left(intent: _Intent, kept: Sequence[Affected]) -> frozenset[Key]:
    """Without what is kept for somebody. Raises Refused where nothing is left."""
    left = intent.units.keys.difference(*(keys_of(one.reservation) for one in kept))
    if not left:
        message = f"All of {intent.units.label} is kept for reservations: nothing is left to take out of service."
        raise Refused([Refusal(RefusalCode.DEVICE_BUSY, "decisions", message)])
    return left


def _require_the_same(intent: _Intent, rows: Sequence[Reservation]) -> None:
    """Who has come, gone or changed since is looked at by the next try."""
    now_held = holders_in(pool=intent.pool, units=intent.units, during=intent.span)
    if {(row.code, row.version) for row in now_held} != {(row.code, row.version) for row in rows}:
        raise Overtaken


def _require_room(footing: Footing, moved: Sequence[Moved], gone: Sequence[str], now: datetime) -> None:
    seen = snapshot_of(board=footing.board, quota=QuotaFacts(NO_PROJECT), now=now, priority=None)
    left = PoolIndex(seen).without(gone).timeline
    after_moves(seen=replace(seen, commitments=Committed(left)), moved=moved)


def _require_no_other(intent: _Intent, units: frozenset[Key]) -> None:
    held = held_in(pool=intent.pool, units=intent.units, during=intent.span).filter(maintenance__isnull=False)
    others: dict[str, list[str]] = {}
    for code, host, block in held.values_list("maintenance__code", "host__code", "block__code"):
        if (host is not None, host or block) in units:
            others.setdefault(code, []).append(host or block)
    if others:
        words = (f"Maintenance {code} has {named(sorted(theirs))} in that time." for code, theirs in others.items())
        raise Refused([Refusal(RefusalCode.DEVICE_UNAVAILABLE, "window", message) for message in words])


def _create(intent: _Intent, units: frozenset[Key], footing: Footing, by: Actor, now: datetime) -> Maintenance:
    made = Maintenance(
        code=new_code("m"),
        pool=intent.pool,
        scope=intent.scope,
        target=intent.target,
        starts_at=intent.window.starts_at,
        ends_at=intent.window.ends_at,
        reason=intent.reason,
        created_by_name=by.name[:NAME_CHARS_MAX],
        created_by_id=by.user_id,
        created_at=now,
    )
    insert(made)
    hold_for_maintenance(maintenance=made, units=units, footing=footing)
    when = f"{in_utc(made.starts_at)} to {in_utc(made.ends_at)}"
    message = f"Maintenance of {name_of(made)} from {when}: {made.reason}."
    facts = {"units": sorted(code for _, code in units)}
    record(JournalKind.MAINTENANCE_PLANNED, made, message, by, now, facts)
    return made


def _from_now(window: Window, now: datetime) -> Window:
    """A start that is over means now. Raises Invalid."""
    starts_at = max(window.starts_at, now)
    if window.ends_at <= starts_at:
        raise Invalid([FieldError("ends_at", "inverted", "The end must come after the start, and after now.")])
    return Window(starts_at=starts_at, ends_at=window.ends_at)


def _required(reason: str) -> str:
    told = reason.strip().removesuffix(".")[:REASON_CHARS_MAX]
    if not told:
        raise Invalid([FieldError("reason", "required", "Say why; everybody who books here reads it.")])
    return told
