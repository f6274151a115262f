"""Give reservations that have not begun another plan, in the transaction that books what they make room for."""

from datetime import datetime

from django.db.models import F

from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import Reservation
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import NodePlan, Plan, plan_from_wire, plan_to_wire
from scheduler.planning.pricing import watts
from scheduler.planning.repack import repack
from scheduler.planning.search import SearchLimit
from scheduler.planning.snapshot import Snapshot
from scheduler.planning.window import pad
from scheduler.queries.movables import MOVABLE_STATES, movables
from scheduler.requests import SYSTEM, ReservationRequest
from scheduler.services._commit import Admission
from scheduler.services._rechecking import Moved
from scheduler.services._tries import Overtaken


def with_moves(*, request: ReservationRequest, seen: Snapshot, now: datetime) -> tuple[Plan, tuple[Moved, ...]] | None:
    """A plan for what does not fit as things stand, and the moves it needs; None if none was found."""
    begin, end = pad(window=request.window, policy=seen.topology.policy, now=now)
    found = movables(pool_code=request.pool, begin=begin, end=end, now=now)
    if not found.movable:
        return None
    try:
        made = repack(request=request, index=PoolIndex(seen), movable=found.movable)
    except SearchLimit:
        return None
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
