"""Look for other plans, outside the lock: one reservation after the other, each among those before it.

Who finds none may be made room for as a new request would be: by others that have not begun, are not pinned, and are
not worse off for it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice

from scheduler.limits import SEARCH_STEPS_QUICK_MAX
from scheduler.models import Reservation
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan
from scheduler.planning.repack import repack
from scheduler.planning.repacking import Movable
from scheduler.planning.replanning import Key, WhyNot, another_plan, why_not, with_plan
from scheduler.planning.search import SearchLimit
from scheduler.queries.movables import movable, movables
from scheduler.services._rechecking import Moved

PROOFS_MAX = 8  # of a batch, that the exact search is asked about
ROOM_MAX = 3  # of a batch, that others are asked to make room for
REASONS_MAX = 20  # of a batch, whose reasons and alternatives are looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`left` found no other plan; `reasons` say why, as far as they were looked for. `making_room` lost nothing, and
    move for those of the `moved` that fit nowhere else.
    """

    moved: tuple[Moved, ...]
    making_room: tuple[Moved, ...]
    left: tuple[Reservation, ...]
    reasons: dict[str, WhyNot]


def plan_anew(
    *, rows: Sequence[Reservation], gone: Collection[Key], index: PoolIndex, may_move_others: bool = False
) -> Found:
    """In the order of `rows`; what finds no other plan keeps its units, so that nobody is planned onto them.

    Quickly for all of them, then at length for the first of those that are left.
    """
    search = _Search(rows, frozenset(gone), index.leaving_out(gone))
    left = search.run(rows)
    left = search.run(left[:PROOFS_MAX], is_thorough=True)
    for row in left[:ROOM_MAX] if may_move_others else ():
        search.make_room_for(row)
    left = [row for row in rows if row.code not in search.moved]
    moved = tuple(search.moved[row.code] for row in rows if row.code in search.moved)
    others = tuple(search.others.values())
    return Found(moved=moved, making_room=others, left=tuple(left), reasons=search.reasons(left))


class _Search:
    def __init__(self, rows: Sequence[Reservation], gone: frozenset[Key], index: PoolIndex) -> None:
        self._gone = gone
        self._index = index
        self._movable = movable(rows=rows)
        self.moved: dict[str, Moved] = {}
        self.others: dict[str, Moved] = {}

    def run(self, rows: Sequence[Reservation], *, is_thorough: bool = False) -> list[Reservation]:
        return [row for row in rows if not self._is_moved(row, is_thorough)]

    def _is_moved(self, row: Reservation, is_thorough: bool) -> bool:
        """One whose request can no longer be read has none to plan by."""
        one = self._movable.get(row.code)
        if one is None:
            return False
        around = self._index.without([row.code])
        try:
            plan = another_plan(
                of=one,
                gone=self._gone,
                index=around,
                steps_max=SEARCH_STEPS_QUICK_MAX,
                is_thorough=is_thorough,
            )
        except SearchLimit:
            return False
        if plan is None:
            return False
        self._index = around
        self._take(self.moved, row, one, plan)
        return True

    def make_room_for(self, row: Reservation) -> None:
        """Nobody who lost something too, and nobody twice. Nothing where it is not found, or in doubt."""
        one = self._movable.get(row.code)
        if one is None:
            return
        around, now = self._index.without([row.code]), self._index.snapshot.now
        begin, end = one.plan.busy_from, one.plan.busy_until
        near = movables(pool_code=row.pool.code, begin=begin, end=end, now=now)
        asked = [other for other in near.movable if self._may_move(other)]
        try:
            made = repack(request=one.request, index=around, movable=asked) if asked else None
        except SearchLimit:
            return
        if made is None or (made.plan.busy_from, made.plan.busy_until) != (begin, end):
            return
        requests = {other.reservation: other for other in asked}
        self._index = around.without(move.reservation for move in made.moves)
        for move in made.moves:
            self._take(self.others, near.rows[move.reservation], requests[move.reservation], move.plan)
        self._take(self.moved, row, one, made.plan)

    def _may_move(self, other: Movable) -> bool:
        held = {key for node in other.plan.nodes for key in ((True, node.host), *((False, b) for b in node.blocks))}
        return other.reservation not in self._movable and other.reservation not in self.others and not held & self._gone

    def _take(self, among: dict[str, Moved], row: Reservation, one: Movable, plan: Plan) -> None:
        self._index = with_plan(index=self._index, of=one, plan=plan)
        among[row.code] = Moved(reservation=row, project=row.project.slug, plan=plan)

    def reasons(self, left: Sequence[Reservation]) -> dict[str, WhyNot]:
        read = (self._movable[row.code] for row in left if row.code in self._movable)
        return {one.reservation: self._why_not(one) for one in islice(read, REASONS_MAX)}

    def _why_not(self, one: Movable) -> WhyNot:
        return why_not(of=one, index=self._index.without([one.reservation]))
