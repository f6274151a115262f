"""The only writer of Allocation: make a plan real under the pool's lock, and give its units back.

Whoever changes allocations moves the pool's generation first: that locks the pool, and stamps the rows, so that they
become visible in the order of their stamps and readers can catch up by them. All rows of a reservation are written
together.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import connection
from django.db.models import DateTimeField, F, Func, Max, Q, Value
from django.db.models.functions import Greatest, Least

from fabric.models import Pool
from scheduler.models import Allocation, Maintenance, Reservation
from scheduler.planning.plan import Plan
from scheduler.planning.snapshot import QuotaFacts, Snapshot
from scheduler.planning.stays import stays_of_plan
from scheduler.queries.about_to_come import about_to_come
from scheduler.queries.boards import Board, board_before, keep_after_commit
from scheduler.queries.quota_facts import quota_of
from scheduler.queries.snapshots import snapshot_of
from scheduler.refusals import Refused
from scheduler.requests import ReservationRequest
from scheduler.services._locking import bounded, lock_both, lock_quota, move_generation
from scheduler.services._rechecking import GivenBack, Moved, Preempted, against, planned_anew
from scheduler.states import Priority

_HOLD = """
INSERT INTO scheduler_allocation
    (reservation_id, maintenance_id, pool_id, block_id, host_id, node, during, is_holding, watts, network, rails,
     planes, changed_in)
SELECT reservation_id, maintenance_id, %s, block_id, host_id, node, tstzrange(busy_from, busy_until, '[)'), true,
       watts, coalesce(network, ''), coalesce(rails, 0), coalesce(planes, '{}'), %s
FROM json_to_recordset(%s) AS held (
    reservation_id bigint, maintenance_id bigint, block_id bigint, host_id bigint, node smallint,
    busy_from timestamptz, busy_until timestamptz, watts integer, network text, rails smallint, planes jsonb
)
ORDER BY block_id NULLS LAST, host_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """A plan that holds at this instant, under the pool's lock, and what it was checked against."""

    plan: Plan
    snapshot: Snapshot
    board: Board  # as it was before
    generation: int  # of what is about to be written
    project_id: int
    moved: tuple[Moved, ...] = ()
    preempted: tuple[Preempted, ...] = ()
    given_back: tuple[GivenBack, ...] = ()

    @property
    def pool_id(self) -> int:
        return self.board.stamp.pool_id


def admit(
    *,
    request: ReservationRequest,
    plan: Plan,
    now: datetime,
    may_replan: bool,
    planned_under: QuotaFacts | None = None,
    moved: Sequence[Moved] = (),
    preempted: Sequence[Preempted] = (),
    given_back: Sequence[GivenBack] = (),
    waiting: str = "",
) -> Admission:
    """Lock quota and pool; if either moved since the plan was made, check the plan again.

    `planned_under` is the quota the plan was made with, since no generation tells of its changes; without it the plan
    is always checked. What is kept for the one that is `waiting` is not held against it. Where the caller allows it,
    another plan is taken that is found quickly; no long search and no refusal is made under the lock. Must run inside
    a transaction, which then writes and commits.
    Raises Refused with all reasons, or Overtaken where the caller has to plan again.
    """
    project_id, quota, stamp = lock_both(request, now=now)
    board = board_before(pool_code=request.pool, stamp=stamp)
    seen = snapshot_of(board=board, quota=quota, now=now, priority=request.priority, waiting=waiting)
    if plan.generation != board.generation or planned_under != quota:
        refusals = against(
            plan=plan, seen=seen, request=request, moved=moved, preempted=preempted, given_back=given_back
        )
        if refusals and not may_replan:
            raise Refused(refusals)
        if refusals:
            plan, moved, preempted, given_back = planned_anew(request=request, seen=seen), (), (), ()
    return Admission(
        plan=plan,
        snapshot=seen,
        board=board,
        generation=stamp.generation,
        project_id=project_id,
        moved=tuple(moved),
        preempted=tuple(preempted),
        given_back=tuple(given_back),
    )


def write_allocations(*, reservation: Reservation, request: ReservationRequest, admission: Admission) -> None:
    """One row a unit, in the order of unit ids; the exclusion constraint has the last word.

    Those that make room are written in the same breath, all old rows taken away before any new one is put in.
    """
    _forget(admission.moved)
    rows = _rows(reservation.pk, admission.plan, admission.board)
    for one in admission.moved:
        rows += _rows(one.reservation.pk, one.plan, admission.board)
    _hold(admission.pool_id, admission.generation, rows)
    shape = admission.board.inventory.shape
    held = stays_of_plan(
        shape, admission.plan, reservation=reservation.code, project=request.project, priority=request.priority
    )
    for one in admission.moved:
        row = one.reservation
        priority = Priority(row.priority)
        held += stays_of_plan(shape, one.plan, reservation=row.code, project=one.project, priority=priority)
    changed = [reservation.code, *(one.reservation.code for one in admission.moved)]
    keep_after_commit(pool_code=request.pool, seen=admission.board, changed=changed, held=held)


@dataclass(frozen=True, slots=True, kw_only=True)
class Footing:
    """The pool under its lock: the board as it was, and the generation of what is about to be written."""

    board: Board
    generation: int


def take_footing(*, pool: Pool) -> Footing:
    """For who changes allocations of several at once. Inside a transaction. Raises Pool.DoesNotExist."""
    with connection.cursor() as cursor:
        cursor.execute(bounded())
    stamp = move_generation(pool_id=pool.pk)
    return Footing(board=board_before(pool_code=pool.code, stamp=stamp), generation=stamp.generation)


def take_footing_under_quota(*, pool: Pool, project: str, now: datetime) -> tuple[Footing, QuotaFacts]:
    """The same with the project's ceilings here, locked first: for who is to hold more than before."""
    lock_quota(pool=pool, project=project)
    footing = take_footing(pool=pool)
    return footing, quota_of(pool_code=pool.code, project=project, now=now)


def write_moves(*, moved: Sequence[Moved], footing: Footing) -> None:
    """The rows of those that were planned anew; all old ones are taken away before any new one is put in."""
    _forget(moved)
    rows = [row for one in moved for row in _rows(one.reservation.pk, one.plan, footing.board)]
    _hold(footing.board.stamp.pool_id, footing.generation, rows)


def add_allocations(*, reservation: Reservation, holds: Plan, footing: Footing) -> None:
    """Units of further nodes, beside all it holds."""
    Allocation.objects.filter(reservation=reservation, is_holding=True).update(changed_in=footing.generation)
    _hold(footing.board.stamp.pool_id, footing.generation, _rows(reservation.pk, holds, footing.board))


def rewrite_allocations(*, reservation: Reservation, holds: Plan, footing: Footing, now: datetime) -> None:
    """What it holds from now on, while it goes on: what it gives up stays as history, cut at `now`.

    What another node of it is about to get stays held: no plan has that yet. A node's units have the time of its host.
    """
    rows = list(Allocation.objects.filter(reservation=reservation, is_holding=True).order_by("block_id", "host_id"))
    since = {one.node: one.during.lower for one in rows if one.host_id is not None}
    wanted = {(r.get("host_id"), r.get("block_id")): r for r in _rows(reservation.pk, holds, footing.board, since)}
    changing, adding = about_to_come(reservation=reservation)
    for one in rows:
        row = wanted.pop((one.host_id, one.block_id), None)
        mine = Allocation.objects.filter(pk=one.pk)
        if (one.host_id and one.node in changing) or (row is None and one.block_id in adding):
            mine.update(changed_in=footing.generation)
        elif row is None:
            mine.update(is_holding=False, during=_cut_at(now), changed_in=footing.generation)
        else:
            joined = {name: row[name] for name in ("watts", "network", "rails", "planes", "node") if name in row}
            mine.update(changed_in=footing.generation, **joined)
    _hold(footing.board.stamp.pool_id, footing.generation, list(wanted.values()))


def exchange_allocations(
    *,
    reservation: Reservation,
    holds: Plan,
    taken: Collection[str],
    moved: Sequence[Moved],
    footing: Footing,
    now: datetime,
) -> None:
    """What it holds, with blocks that were somebody else's to have: `moved` got others, and who did not goes without.

    All old rows are taken away before any new one is put in.
    """
    pool_id, span = footing.board.stamp.pool_id, (reservation.busy_from, reservation.busy_until)
    _forget(moved)
    theirs = Allocation.objects.filter(pool_id=pool_id, block__code__in=taken, is_holding=True, during__overlap=span)
    theirs = theirs.exclude(reservation=reservation)
    pairs = theirs.values_list("reservation_id", "maintenance_id")
    losing, kept_from = zip(*pairs, strict=True) if pairs else ((), ())
    theirs.update(is_holding=False, during=_cut_at(now))
    changed = Q(reservation__in=[pk for pk in losing if pk]) | Q(maintenance__in=[pk for pk in kept_from if pk])
    Allocation.objects.filter(changed).update(changed_in=footing.generation)
    rewrite_allocations(reservation=reservation, holds=holds, footing=footing, now=now)
    _hold(
        pool_id,
        footing.generation,
        [row for one in moved for row in _rows(one.reservation.pk, one.plan, footing.board)],
    )


def hold_for_maintenance(*, maintenance: Maintenance, units: Iterable[tuple[bool, str]], footing: Footing) -> None:
    """One row a unit for its whole time, like a reservation's: nobody else can have it then."""
    inventory = footing.board.inventory
    common = {
        "maintenance_id": maintenance.pk,
        "node": 0,
        "busy_from": maintenance.starts_at.isoformat(),
        "busy_until": maintenance.ends_at.isoformat(),
    }
    ids = [(is_host, inventory.id_of(code, is_host=is_host)) for is_host, code in units]
    rows = [{"host_id" if is_host else "block_id": pk, **common} for is_host, pk in ids]
    _hold(footing.board.stamp.pool_id, footing.generation, rows)


def free_maintenance(*, maintenance: Maintenance, now: datetime) -> None:
    """Its units are nobody's again; the rows stay as history, cut at `now`."""
    stamp = move_generation(pool_id=maintenance.pool_id)
    Allocation.objects.filter(maintenance=maintenance, is_holding=True).update(
        is_holding=False, during=_cut_at(now), changed_in=stamp.generation
    )


def cut_allocations(*, reservation: Reservation, until: datetime, footing: Footing) -> None:
    """It goes on holding its units, but only until then; what it holds longer is an overrun."""
    Allocation.objects.filter(reservation=reservation, is_holding=True, during__startswith__lt=until).update(
        during=_cut_at(until), changed_in=footing.generation
    )


def stretch_allocations(*, reservation: Reservation, until: datetime, footing: Footing) -> None:
    """It goes on holding what it holds to its end, until then; a node that is given back before is not held longer."""
    lower, upper = (Func(F("during"), function=name, output_field=DateTimeField()) for name in ("lower", "upper"))
    during = Func(lower, Value(until), function="tstzrange", output_field=DateTimeRangeField())
    mine = Allocation.objects.filter(reservation=reservation, is_holding=True)
    last = mine.aggregate(last=Max(upper))["last"]
    mine.filter(during__endswith=last).update(during=during)
    mine.update(changed_in=footing.generation)


def cut_nodes(*, reservation: Reservation, nodes: Collection[int], until: datetime, footing: Footing) -> None:
    """Some of its nodes hold their units only until then, and nothing where they would begin after that."""
    mine = Allocation.objects.filter(reservation=reservation, is_holding=True)
    mine.filter(node__in=nodes, during__startswith__gte=until).delete()
    mine.filter(node__in=nodes).update(during=_cut_at(until))
    mine.update(changed_in=footing.generation)


def hold_nodes_on(*, reservation: Reservation, nodes: Collection[int], until: datetime, footing: Footing) -> None:
    """Nodes that were to be given back are its own until then after all. The exclusion constraint has the last word."""
    lower = Func(F("during"), function="lower", output_field=DateTimeField())
    during = Func(lower, Value(until), function="tstzrange", output_field=DateTimeRangeField())
    mine = Allocation.objects.filter(reservation=reservation, is_holding=True)
    mine.filter(node__in=nodes).update(during=during)
    mine.update(changed_in=footing.generation)


def touch_allocations(*, reservation: Reservation, footing: Footing) -> None:
    """What is written of it elsewhere, such as its project, is to be read anew by those who keep boards."""
    Allocation.objects.filter(reservation=reservation, is_holding=True).update(changed_in=footing.generation)


def free_allocations(*, reservation: Reservation, now: datetime) -> None:
    """Give the units back: the rows stay as history, cut at `now`.

    The caller moves the state in the same transaction.
    """
    stamp = move_generation(pool_id=reservation.pool_id)
    Allocation.objects.filter(reservation=reservation, is_holding=True).update(
        is_holding=False, during=_cut_at(now), changed_in=stamp.generation
    )


def _cut_at(moment: datetime) -> Func:
    """From where it begins until then, if it does not end before."""
    lower, upper = (Func(F("during"), function=name, output_field=DateTimeField()) for name in ("lower", "upper"))
    end = Least(upper, Greatest(lower, Value(moment)))
    return Func(lower, end, function="tstzrange", output_field=DateTimeRangeField())


def lock_pool(*, pool_id: int) -> Pool:
    """For verbs that change allocations without a plan. Inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(bounded())
    return Pool.objects.select_for_update(no_key=True).get(pk=pool_id)


def _forget(moved: Sequence[Moved]) -> None:
    Allocation.objects.filter(reservation__in=[one.reservation for one in moved]).delete()


def _hold(pool_id: int, generation: int, rows: Sequence[Mapping[str, object]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [pool_id, generation, json.dumps(rows)])


def _rows(
    reservation_id: int, plan: Plan, board: Board, since: Mapping[int, datetime] | None = None
) -> list[dict[str, object]]:
    """`since` is by node, where one has come later."""
    inventory, until = board.inventory, plan.busy_until.isoformat()
    rows: list[dict[str, object]] = []
    for node in plan.nodes:
        begin = (since or {}).get(node.index, plan.busy_from)
        during = {"busy_from": begin.isoformat(), "busy_until": until}
        common = {"reservation_id": reservation_id, "node": node.index, **during}
        joined = {"network": node.network, "rails": node.rails, "planes": dict(node.planes)}
        rows.append({"host_id": inventory.id_of(node.host, is_host=True), **joined, **common})
        for code in node.blocks:
            watts = node.settings[code].power_cap_w if code in node.settings else None
            rows.append({"block_id": inventory.id_of(code, is_host=False), "watts": watts, **common})
    return rows
