"""Look for other plans, outside the lock: one reservation after the other, each among those before it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice

from scheduler.limits import SEARCH_STEPS_QUICK_MAX
from scheduler.models import Reservation
from scheduler.planning.index import PoolIndex
from scheduler.planning.repacking import Movable
from scheduler.planning.replanning import Key, WhyNot, another_plan, why_not, with_plan
from scheduler.planning.search import SearchLimit
from scheduler.queries.movables import movable
from scheduler.services._rechecking import Moved

PROOFS_MAX = 8  # of a batch, that the exact search is asked about
REASONS_MAX = 20  # of a batch, whose reasons and alternatives are looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`left` found no other plan; `reasons` say why, as far as they were looked for."""

    moved: tuple[Moved, ...]
    left: tuple[Reservation, ...]
    reasons: dict[str, WhyNot]


def plan_anew(*, rows: Sequence[Reservation], gone: Collection[Key], index: PoolIndex) -> Found:
    """In the order of `rows`; what finds no other plan keeps its units, so that nobody is planned onto them.

    Quickly for all of them, then at length for the first of those that are left.
    """
    search = _Search(rows, frozenset(gone), index.leaving_out(gone))
    left = search.run(rows)
    search.run(left[:PROOFS_MAX], is_thorough=True)
    left = [row for row in rows if row.code not in search.moved]
    moved = tuple(search.moved[row.code] for row in rows if row.code in search.moved)
    return Found(moved=moved, left=tuple(left), reasons=search.reasons(left))


class _Search:
    def __init__(self, rows: Sequence[Reservation], gone: frozenset[Key], index: PoolIndex) -> None:
        self._gone = gone
        self._index = index
        self._movable = movable(rows=rows)
        self.moved: dict[str, Moved] = {}

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
        self._index = with_plan(index=around, of=one, plan=plan)
        self.moved[row.code] = Moved(reservation=row, project=row.project.slug, plan=plan)
        return True

    def reasons(self, left: Sequence[Reservation]) -> dict[str, WhyNot]:
        read = (self._movable[row.code] for row in left if row.code in self._movable)
        return {one.reservation: self._why_not(one) for one in islice(read, REASONS_MAX)}

    def _why_not(self, one: Movable) -> WhyNot:
        return why_not(of=one, index=self._index.without([one.reservation]))
