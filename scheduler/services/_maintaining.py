"""Who is in the way of a maintenance, and what could become of each; looked for outside the lock, nothing written."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Prefetch, Q, QuerySet

from fabric.models import Host, Pool
from scheduler.models import Allocation, Reservation
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan, plan_from_wire
from scheduler.planning.replanning import Key
from scheduler.planning.shortening import last_end
from scheduler.queries.movables import MOVABLE_STATES
from scheduler.queries.scopes import ScopeUnits
from scheduler.refusals import Alternative, Refusal, RefusalCode, Refused
from scheduler.services._rechecking import Moved
from scheduler.services._replanning import plan_anew
from scheduler.states import HOLDING, Decision, ReservationState

_LEAST = timedelta(minutes=1)  # what is left of a reservation that is shortened
NAMED_MAX = 5  # units in one sentence
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """One that holds units of the scope in the window. `units` are those, by code.

    `move` is its other plan, `ends_at` its end if it is shortened; None where there is none. `may` are the decisions
    that can be carried out, and the first of them is taken where it is MOVE and nobody decided.
    """

    reservation: Reservation
    units: tuple[str, ...]
    move: Plan | None
    ends_at: datetime | None
    refusals: tuple[Refusal, ...] = ()
    alternatives: tuple[Alternative, ...] = ()

    @property
    def state(self) -> ReservationState:
        return ReservationState(self.reservation.state)

    @property
    def may(self) -> tuple[Decision, ...]:
        able = {Decision.MOVE: self.move is not None, Decision.SHORTEN: self.ends_at is not None}
        return tuple(decision for decision in Decision if able.get(decision, True))

    @property
    def default(self) -> Decision | None:
        """None where an operator has to say: nobody's reservation is dropped by itself."""
        return Decision.MOVE if self.move is not None else None


def holders_in(*, pool: Pool, units: ScopeUnits, during: Span) -> list[Reservation]:
    """In the order in which they begin, those that are being released too; `held` of each are its rows of the scope."""
    rows = held_in(pool=pool, units=units, during=during).filter(reservation__state__in=sorted(HOLDING))
    found = Reservation.objects.filter(pk__in=rows.values("reservation_id")).select_related("project", "pool")
    named = Prefetch("allocations", queryset=rows.select_related("host", "block"), to_attr="held")
    return list(found.prefetch_related(named).order_by("busy_from", "code"))


def held_in(*, pool: Pool, units: ScopeUnits, during: Span) -> "QuerySet[Allocation]":
    held = Allocation.objects.filter(pool=pool, is_holding=True, during__overlap=during)
    hosts, blocks = units.rows(is_host=True), units.rows(is_host=False)
    return held.filter(Q(host_id__in=hosts) | Q(block_id__in=blocks))


def keys_of(reservation: Reservation) -> frozenset[Key]:
    """Of what `holders_in` found for it."""
    held: Iterable[Allocation] = reservation.held  # type: ignore[attr-defined]  # by the prefetch
    units = (one.host or one.block for one in held)
    return frozenset((isinstance(unit, Host), unit.code) for unit in units if unit is not None)


def look_at(
    rows: Sequence[Reservation],
    *,
    units: ScopeUnits,
    begin: datetime,
    index: PoolIndex,
    staying: Collection[str] = (),
    now: datetime,
) -> tuple[Affected, ...]:
    """`staying` are not planned anew, by code: it is decided that they are not moved. Those on their way out are not
    among the answers: there is nothing to decide.
    """
    deciding = [row for row in rows if row.state != ReservationState.RELEASING]
    movable = [row for row in deciding if row.state in MOVABLE_STATES and row.code not in staying]
    found = plan_anew(rows=movable, gone=units.keys, index=index)
    moves = {one.reservation.code: one.plan for one in found.moved}
    made = []
    for row in deciding:
        why = found.reasons.get(row.code)
        one = Affected(
            reservation=row,
            units=tuple(sorted(code for _, code in keys_of(row))),
            move=moves.get(row.code),
            ends_at=_shorter(row, begin, now),
            refusals=why.refusals if why else (),
            alternatives=why.alternatives if why else (),
        )
        made.append(one)
    return tuple(made)


def _shorter(row: Reservation, begin: datetime, now: datetime) -> datetime | None:
    """Where something of it is left."""
    ends_at = last_end(plan=plan_as_held(row), given_back_at=begin)
    return ends_at if ends_at >= max(now, row.starts_at) + _LEAST else None


def plan_as_held(row: Reservation) -> Plan:
    """With the window it has now."""
    plan = plan_from_wire(row.plan)
    plan = replace(plan, starts_at=row.starts_at, ends_at=row.ends_at)
    return replace(plan, busy_from=row.busy_from, busy_until=row.busy_until)


def moves_of(ones: Iterable[Affected]) -> list[Moved]:
    moves = ((one.reservation, one.move) for one in ones)
    return [Moved(reservation=row, project=row.project.slug, plan=plan) for row, plan in moves if plan is not None]


def decide(found: Iterable[Affected], decisions: Mapping[str, Decision]) -> dict[Decision, list[Affected]]:
    """By decision. Raises Refused that names all those without one that can be carried out."""
    decided: dict[Decision, list[Affected]] = {decision: [] for decision in Decision}
    refusals: list[Refusal] = []
    for one in found:
        decision = decisions.get(one.reservation.code, one.default)
        if decision is None or decision not in one.may:
            refusals.append(_undecided(one, decision))
        else:
            decided[decision].append(one)
    if refusals:
        raise Refused(refusals)
    return decided


def _undecided(one: Affected, decision: Decision | None) -> Refusal:
    """Read by operators, who may see every project."""
    row = one.reservation
    held = (
        f"{row.code} of {row.project.slug} ({row.get_state_display().lower()}) holds {named(one.units)} in that time."
    )
    why = one.refusals[0].message if one.refusals and decision in (None, Decision.MOVE) else ""
    problem = f"It cannot {decision}." if decision else "It cannot move by itself."
    words = (held, problem, why, f"Possible: {', '.join(one.may)}.")
    return Refusal(RefusalCode.DEVICE_BUSY, f"decisions.{row.code}", " ".join(word for word in words if word))


def named(codes: Sequence[str]) -> str:
    return ", ".join(codes[:NAMED_MAX]) + (f" and {len(codes) - NAMED_MAX} more" if len(codes) > NAMED_MAX else "")
