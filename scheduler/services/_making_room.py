"""Make room: plan what has not begun anew, and write it in the transaction that books what it makes room for."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import Reservation
from scheduler.planning.admission import decide
from scheduler.planning.alternatives.cures import BY_MOVES
from scheduler.planning.beyond_moves import is_beyond_moves
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import NodePlan, Plan, plan_from_wire, plan_to_wire
from scheduler.planning.pricing import watts
from scheduler.planning.repack import repack
from scheduler.planning.search import SearchLimit
from scheduler.planning.snapshot import Snapshot
from scheduler.planning.window import pad
from scheduler.queries.movables import MOVABLE_STATES, movables
from scheduler.refusals import Refusal, RefusalCode, Refused
from scheduler.requests import SYSTEM, ReservationRequest
from scheduler.services._commit import Admission
from scheduler.services._rechecking import Moved
from scheduler.services._tries import Overtaken

NOT_ALL_MOVES = Refusal(
    code=RefusalCode.SEARCH_LIMIT,
    field="mix",
    message=(
        "It does not fit as things stand. Whether moving reservations that have not begun would make room was not "
        "proven: too many hang together."
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A plan, the moves it needs, and why it does not fit without them."""

    plan: Plan
    moved: tuple[Moved, ...] = ()
    refused: Refused | None = None


def find_room(*, request: ReservationRequest, seen: Snapshot, now: datetime) -> Room:
    """As things stand; else by planning anew what has not begun. Raises Refused."""
    try:
        return Room(plan=decide(request=request, snapshot=seen))
    except Refused as refused:
        if not {one.code for one in refused.refusals} <= BY_MOVES:
            raise
        if is_beyond_moves(request=request, index=PoolIndex(seen)):
            raise
        try:
            made = _with_moves(request, seen, now)
        except SearchLimit:
            raise Refused([*refused.refusals, NOT_ALL_MOVES], refused.alternatives) from None
        if made is None:
            raise
        return Room(plan=made[0], moved=made[1], refused=refused)


def _with_moves(request: ReservationRequest, seen: Snapshot, now: datetime) -> tuple[Plan, tuple[Moved, ...]] | None:
    """None if no moves make room; raises SearchLimit in doubt."""
    begin, end = pad(window=request.window, policy=seen.topology.policy, now=now)
    found = movables(pool_code=request.pool, begin=begin, end=end, now=now)
    made = repack(request=request, index=PoolIndex(seen), movable=found.movable) if found.movable else None
    if made is None and not found.is_complete:
        raise SearchLimit
    if made is None:
        return None
    moves = ((found.rows[move.reservation], move.plan) for move in made.moves)
    return made.plan, tuple(Moved(reservation=row, project=row.project.slug, plan=plan) for row, plan in moves)


def move_plans(*, admission: Admission, now: datetime) -> None:
    """Each as it was seen, or none: raises Overtaken if one has begun, changed or ended meanwhile.

    The price stays that of the day it was booked. Who asked for the room is not named, since who reads this may not
    know of them.
    """
    for one in admission.moved:
        row = one.reservation
        assert (row.busy_from, row.busy_until) == (one.plan.busy_from, one.plan.busy_until), "a move keeps the window"
        changed = Reservation.objects.filter(
            pk=row.pk, version=row.version, state__in=MOVABLE_STATES, is_pinned=False, busy_from__gt=now
        ).update(
            plan=plan_to_wire(one.plan),
            watts=watts(plan=one.plan, topology=admission.snapshot.topology),
            version=F("version") + 1,
            updated_at=now,
        )
        if not changed:
            raise Overtaken
        journal.record(
            kind=JournalKind.RESERVATION_MOVED,
            message=_sentence(one),
            by=SYSTEM,
            now=now,
            reservation=row,
            facts={"nodes": _changes(plan_from_wire(row.plan), one.plan)},
        )


def _sentence(one: Moved) -> str:
    changes = _changes(plan_from_wire(one.reservation.plan), one.plan)
    words = "; ".join(_words(change) for change in changes)
    return f"Moved to make room for another reservation, in the same window and with as much: {words}."


def _words(change: dict[str, object]) -> str:
    before, after, blocks = change["host_before"], change["host"], change["blocks_changed"]
    where = f"from {before} to {after}" if before != after else f"stays on {after}"
    return f"node {change['node']} {where}, {blocks} block{'' if blocks == 1 else 's'} changed"


def _changes(before: Plan, after: Plan) -> list[dict[str, object]]:
    """Nodes that are not as they were."""
    pairs = zip(before.nodes, after.nodes, strict=True)
    return [_change(old, new) for old, new in pairs if (old.host, old.blocks) != (new.host, new.blocks)]


def _change(old: NodePlan, new: NodePlan) -> dict[str, object]:
    return {
        "node": new.index + 1,
        "host_before": old.host,
        "host": new.host,
        "blocks_before": list(old.blocks),
        "blocks": list(new.blocks),
        "blocks_changed": len(set(old.blocks) - set(new.blocks)),
    }
