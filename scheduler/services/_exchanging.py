"""A fabric that picks devices itself gave other ones than were asked for: plans and units are made to say so.

Asked and given are equal in all but their slot, so that whoever was to have the given one mostly takes the asked one.
Who finds no other plan quickly, because the pool is locked meanwhile, goes without it for now and is told.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.limits import SEARCH_STEPS_QUICK_MAX
from scheduler.models import Allocation, Reservation
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan, Setting
from scheduler.planning.repacking import Movable
from scheduler.planning.replacing import Standing, node_of, rewired
from scheduler.planning.replanning import another_plan, with_plan
from scheduler.planning.search import SearchLimit
from scheduler.planning.stays import stays_of_plan
from scheduler.queries.movables import MOVABLE_STATES, movable
from scheduler.requests import Actor
from scheduler.services._commit import Footing, exchange_allocations, take_footing
from scheduler.services._moving import write_plan
from scheduler.services._rechecking import Moved
from scheduler.services._rewriting import write_plan_of
from scheduler.services._standing import standing_of
from scheduler.states import HOLDING


def exchange(*, reservation: Reservation, node: int, given: Mapping[str, str], by: Actor, now: datetime) -> None:
    """`given` is asked → given. In the transaction that settles the operation; again: nothing changes."""
    if reservation.state not in HOLDING:
        return
    footing = take_footing(pool=reservation.pool)
    standing = standing_of(reservation=reservation, board=footing.board, now=now)
    before = node_of(standing.plan, node)
    traded = {asked: got for asked, got in given.items() if asked in before.blocks and got not in before.blocks}
    adds = {got: before.settings.get(asked, Setting()) for asked, got in traded.items()}
    plan = rewired(standing=standing, node=node, removes=traded.keys(), adds=adds, is_so=True)
    if not traded or plan is None:
        return
    take(reservation=reservation, standing=standing.with_plan(plan), taken=set(adds), footing=footing, by=by, now=now)
    told = ", ".join(f"{got} for {asked}" for asked, got in sorted(traded.items()))
    journal.record(
        kind=JournalKind.DEVICE_SWAPPED,
        message=f"Node {node + 1}: the fabric picked equal devices in the same place: {told}.",
        by=by,
        now=now,
        reservation=reservation,
        facts={"node": node + 1, "given": traded},
    )


def take(
    *,
    reservation: Reservation,
    standing: Standing,
    taken: set[str],
    footing: Footing,
    by: Actor,
    now: datetime,
    **changes: Any,
) -> None:
    """Write its plan, of which `taken` may be somebody else's to have in that time. `changes` are further columns."""
    moved, stranded = _others(standing, taken)
    topology = standing.snapshot.topology
    for one in moved:
        write_plan(one, topology=topology, rates=standing.snapshot.rates, words=_words, by=by, now=now)
    exchange_allocations(
        reservation=reservation, holds=standing.plan, taken=taken, moved=moved, footing=footing, now=now
    )
    write_plan_of(reservation=reservation, plan=standing.plan, topology=topology, now=now, **changes)
    for row in stranded:
        _tell_stranded(row, taken, by, now)


def _others(mine: Standing, taken: set[str]) -> tuple[list[Moved], list[Reservation]]:
    """Whoever was to have them in that time, with another plan; and those who find none, or have begun."""
    gone = {(False, code) for code in taken}
    rows = _holders(mine, taken)
    read = movable(rows=[row for row in rows if row.state in MOVABLE_STATES])
    moved, stranded = list[Moved](), list[Reservation]()
    index = _with_mine(PoolIndex(mine.snapshot).without([mine.reservation]), mine).leaving_out(gone)
    for row in rows:
        around, one = index.without([row.code]), read.get(row.code)
        plan = _another(one, gone, around) if one is not None else None
        if one is None or plan is None:
            stranded.append(row)
        else:
            moved.append(Moved(reservation=row, project=row.project.slug, plan=plan))
            index = with_plan(index=around, of=one, plan=plan)
    return moved, stranded


def _another(one: Movable, gone: set[tuple[bool, str]], index: PoolIndex) -> Plan | None:
    try:
        return another_plan(of=one, gone=gone, index=index, steps_max=SEARCH_STEPS_QUICK_MAX)
    except SearchLimit:
        return None


def _holders(mine: Standing, taken: set[str]) -> list[Reservation]:
    span = (mine.plan.busy_from, mine.plan.busy_until)
    held = Allocation.objects.filter(
        pool__code=mine.plan.pool, block__code__in=taken, is_holding=True, during__overlap=span
    )
    rows = Reservation.objects.filter(pk__in=held.values("reservation_id")).exclude(code=mine.reservation)
    return list(rows.select_related("project", "pool").order_by("busy_from", "code"))


def _with_mine(index: PoolIndex, mine: Standing) -> PoolIndex:
    plan: Plan = mine.plan
    stays = stays_of_plan(index.shape, plan, reservation=mine.reservation, project=mine.project)
    index.timeline.add_stays(stays)
    return index


def _words(changes: str) -> str:
    return f"Moved within its window, because a fabric picked a device of it for another node: {changes}."


def _tell_stranded(row: Reservation, taken: set[str], by: Actor, now: datetime) -> None:
    lost = sorted(taken & {code for node in row.plan["nodes"] for code in node["blocks"]})
    message = f"A fabric picked {', '.join(lost)} for another node, and no other plan was found for its window."
    kind = JournalKind.RESERVATION_STRANDED
    journal.record(kind=kind, message=message, by=by, now=now, reservation=row, facts={"units": lost})
