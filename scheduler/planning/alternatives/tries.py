"""How much may be tried for one refusal: the planner is asked so often and no more. Pure."""

from scheduler.limits import (
    ALTERNATIVE_BLOCKS_MAX,
    ALTERNATIVE_DOUBTS_MAX,
    ALTERNATIVE_PROOFS_MAX,
    SEARCH_STEPS_QUICK_MAX,
)
from scheduler.planning.attempts import plan_or_none, plan_or_proof
from scheduler.planning.index import PoolIndex
from scheduler.planning.search import SearchLimit
from scheduler.requests import ReservationRequest


class Tries:
    """Fewer in a pool so large that each takes long, and none after a few that ended in doubt."""

    def __init__(self, index: PoolIndex) -> None:
        self.index = index
        self._most = max(1, ALTERNATIVE_BLOCKS_MAX // max(1, len(index.topology.blocks)))
        self._left = self._most
        self._doubts_left = ALTERNATIVE_DOUBTS_MAX
        self._proofs_left = ALTERNATIVE_PROOFS_MAX

    def begin(self, most: int) -> None:
        """For the next kind of change; doubts are counted over all kinds."""
        self._left = min(most, self._most)

    @property
    def is_used_up(self) -> bool:
        return self._left <= 0 or self._doubts_left <= 0

    def fits(self, request: ReservationRequest) -> bool:
        """False too in doubt, and once the tries are used up: what is not proven is not offered."""
        if self.is_used_up:
            return False
        self._left -= 1
        try:
            return plan_or_none(request=request, index=self.index, steps_max=SEARCH_STEPS_QUICK_MAX) is not None
        except SearchLimit:
            return self._is_proven_to_fit(request)

    def _is_proven_to_fit(self, request: ReservationRequest) -> bool:
        """A few times greedy's doubt is settled by the exact search."""
        self._doubts_left -= 1
        self._proofs_left -= 1
        if self._proofs_left < 0:
            return False
        try:
            return plan_or_proof(request=request, index=self.index) is not None
        except SearchLimit:
            return False
