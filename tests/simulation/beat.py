"""The ticker: what time alone makes happen, ends before starts, and hints that may be lost, doubled or late."""

import math
import random
from heapq import heappop, heappush

from scheduler import limits
from scheduler.states import IN_TURN, ReservationState
from tests.simulation.bookings import Bookings
from tests.simulation.dials import Dials
from tests.simulation.loop import Loop
from tests.simulation.store import Operation, Reservation
from tests.simulation.workers import Workers

LATE_SECONDS = 300.0
TICK_SECONDS = 1.0
_R = ReservationState


class Beat:
    def __init__(self, *, bookings: Bookings, workers: Workers, loop: Loop, rng: random.Random, dials: Dials) -> None:
        self._bookings = bookings
        self._workers = workers
        self._loop = loop
        self._rng = rng
        self._dials = dials
        self.is_fair = False  # no more lost hints
        self._next = math.inf
        self._starts: list[tuple[float, str]] = []
        self._ends: list[tuple[float, str]] = []

    def expect(self, at: float) -> None:
        """Something is due then: no tick before can find anything new. Ticks are whole seconds."""
        at = math.ceil(max(at, self._loop.now + TICK_SECONDS))
        if at < self._next:
            self._next = at
            self._loop.at(at, lambda: self._tick_if_next(at))

    def _tick_if_next(self, at: float) -> None:
        if at == self._next:
            self._next = math.inf
            self.tick()
            soonest = self._next_due()
            if soonest < math.inf:
                self.expect(soonest)

    def _next_due(self) -> float:
        """The next start, end, due operation or end of a lease; at once, where a hint may have been lost."""
        soonest = min(self._starts[0][0] if self._starts else math.inf, self._ends[0][0] if self._ends else math.inf)
        for row in self._bookings.store.open_operations.values():
            at = row.due_at if row.lease_until is None else row.lease_until
            if at < soonest:
                soonest = at
        return soonest

    def accept(self, one: Reservation) -> None:
        self._bookings.store.reservations[one.code] = one
        heappush(self._starts, (one.busy_from, one.code))
        heappush(self._ends, (one.ends_at, one.code))
        self.expect(one.busy_from)

    def tick(self) -> None:
        now = self._loop.now
        while self._ends and self._ends[0][0] <= now:
            self._end(self._bookings.store.reservations[heappop(self._ends)[1]])
        while self._starts and self._starts[0][0] <= now:
            one = self._bookings.store.reservations[heappop(self._starts)[1]]
            if one.state == _R.CONFIRMED:
                self._bookings.start(one)
        store = self._bookings.store
        if store.open_operations and not store.paused and not self._workers.is_busy():
            self._hint(now)

    def hint(self, operation: Operation) -> None:
        """A message, as good as messages are."""
        operation.hinted_at = self._loop.now
        chance, dials = self._rng.random, self._dials
        if self.is_fair:
            return self._workers.hint(operation.id)
        if dials.of("lost_hint") and chance() < dials.of("lost_hint"):
            return None
        if dials.of("late_hint") and chance() < dials.of("late_hint"):
            self._loop.after(chance() * LATE_SECONDS, lambda: self._workers.hint(operation.id))
            return None
        if dials.of("doubled_hint") and chance() < dials.of("doubled_hint"):
            self._loop.after(chance() * limits.LEASE_SECONDS, lambda: self._workers.hint(operation.id))
        return self._workers.hint(operation.id)

    def _end(self, one: Reservation) -> None:
        if one.state == _R.ACTIVE:
            self._bookings.begin_release(one, _R.ENDED, "The window closed.")
        elif one.state == _R.COMPOSING:
            self._bookings.begin_release(one, _R.FAILED, "The window closed before composing was done.")
        elif one.state == _R.CONFIRMED:
            self._bookings.start(one)  # which finds its window over

    def _hint(self, now: float) -> None:
        due = [row for row in self._bookings.store.open_operations.values() if self._workers.takeable(row)]
        if len(due) > 1:
            due.sort(key=lambda row: (IN_TURN.index(row.kind), row.due_at, row.id))
        for operation in due:
            since = operation.lease_until if operation.lease_until is not None else operation.due_at
            if operation.hinted_at is None or now - operation.hinted_at >= limits.HINT_AGAIN_SECONDS:
                self.hint(operation)
            if now - since >= limits.HINT_UNTAKEN_SECONDS:
                self._workers.run_own(operation.id)
