"""Make room: plan what has not begun anew, and write it in the transaction that books what it makes room for."""

from dataclasses import dataclass
from datetime import datetime

from scheduler.planning.admission import decide
from scheduler.planning.alternatives.cures import BY_MOVES
from scheduler.planning.beyond_moves import is_beyond_moves
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan
from scheduler.planning.repack import repack
from scheduler.planning.search import SearchLimit
from scheduler.planning.snapshot import Snapshot
from scheduler.planning.turnarounds import padded
from scheduler.queries.movables import movables
from scheduler.refusals import Refusal, RefusalCode, Refused
from scheduler.requests import SYSTEM, ReservationRequest
from scheduler.services._commit import Admission
from scheduler.services._giving_back import with_surplus
from scheduler.services._moving import write_plan
from scheduler.services._preempting import as_asked, offer
from scheduler.services._rechecking import GivenBack, Moved, Preempted

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
    """A plan, the moves it needs, what is given back for it or who gives way to it, and why it does not fit without."""

    plan: Plan
    moved: tuple[Moved, ...] = ()
    preempted: tuple[Preempted, ...] = ()
    given_back: tuple[GivenBack, ...] = ()
    refused: Refused | None = None


def find_room(*, request: ReservationRequest, seen: Snapshot, now: datetime) -> Room:
    """As things stand; else by planning anew what has not begun; else with what others have above their floors; else in
    the place of low priority. Raises Refused.

    Nobody gives way unless the request says so: else that is offered beside the refusals, after all that harms nobody.
    """
    try:
        return _beside_all(request, seen, now)
    except Refused as refused:
        if not {one.code for one in refused.refusals} <= BY_MOVES:
            raise
        surplus = with_surplus(request=request, seen=seen, now=now)
        if surplus is not None:
            return Room(plan=surplus[0], given_back=surplus[1], refused=refused)
        over = as_asked(request=request, seen=seen, now=now)
        if over is not None:
            return Room(plan=over.plan, preempted=over.victims, refused=refused)
        offered = offer(request=request, seen=seen, now=now)
        raise Refused(refused.refusals, (*refused.alternatives, *offered)) from None


def _beside_all(request: ReservationRequest, seen: Snapshot, now: datetime) -> Room:
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
    index = PoolIndex(seen)
    begin, end = padded(request=request, index=index)
    found = movables(pool_code=request.pool, begin=begin, end=end, now=now)
    made = repack(request=request, index=index, movable=found.movable) if found.movable else None
    if made is None and not found.is_complete:
        raise SearchLimit
    if made is None:
        return None
    moves = ((found.rows[move.reservation], move.plan) for move in made.moves)
    return made.plan, tuple(Moved(reservation=row, project=row.project.slug, plan=plan) for row, plan in moves)


def move_plans(*, admission: Admission, now: datetime) -> None:
    """Each as it was seen, or none: raises Overtaken if one has begun, changed or ended meanwhile.

    Who asked for the room is not named, since who reads this may not know of them.
    """
    topology, rates = admission.snapshot.topology, admission.snapshot.rates
    unchanged = {"is_pinned": False, "busy_from__gt": now}
    for one in admission.moved:
        write_plan(one, topology=topology, rates=rates, words=made_room, by=SYSTEM, now=now, **unchanged)


def made_room(changes: str) -> str:
    return f"Moved to make room for another reservation, in the same window and with as much: {changes}."
