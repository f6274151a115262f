"""A month of the pod pool, lived through by the real services on a real database with a clock that jumps.

People arrive, book now or ahead, wait where it does not fit, ask that low ones give way, approve, extend, shorten,
move, cancel, check in or forget to. Time does what is due at its moment. Nodes are composed the quick way. The same
seed gives the same month.
"""

import hashlib
import heapq
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from django.db import connection
from django.db.models import Min

from scheduler.models import JournalEntry, Reservation
from scheduler.services._auto_extending import BEFORE, extend_due
from scheduler.services._lease import due_operations
from scheduler.services.advance_due import advance_due
from scheduler.services.promote import promote
from scheduler.states import FINAL, OPEN_OPERATIONS, ReservationState
from tests.simulation.month_arrivals import arrivals
from tests.simulation.month_composing import carry_out
from tests.simulation.month_people import People
from tests.simulation.month_world import BEGIN, World

MINUTE = timedelta(minutes=1)
ROUNDS_MAX = 300
PROMOTE_EVERY = timedelta(hours=6)
AFTER_DAYS_MAX = 90
_DUE = """
SELECT min(r.next_due_at), min(r.check_in_due_at) FILTER (WHERE r.state = 'active' AND r.checked_in_at IS NULL),
       min(r.preempt_at) FILTER (WHERE r.state = 'active'),
       (SELECT min(o.due_at) FROM scheduler_operation o WHERE o.state = ANY(%(open)s)),
       min(r.ends_at - %(before)s) FILTER (WHERE r.state = 'active' AND r.auto_extend_until > r.ends_at)
FROM scheduler_reservation r WHERE r.state <> ALL(%(final)s)
"""


@dataclass(order=True)
class _Event:
    at: datetime
    nth: int
    act: Callable[[], None] = field(compare=False)


class Month:
    """`told` counts what people asked for and what came of it."""

    def __init__(self, *, world: World, seed: int, number: int) -> None:
        self.world = world
        self.now = BEGIN
        self.told: Counter[str] = Counter()
        self._events: list[_Event] = []
        self._nth = 0
        self.people = People(world=world, rng=random.Random(seed * 7919), told=self.told, at=self.at, clock=self.clock)
        self._promoted_at = BEGIN
        for one in arrivals(seed=seed, number=number, begin=BEGIN):
            self.at(one.at, partial(self.people.arrive, one))

    def clock(self) -> datetime:
        return self.now

    def live(self) -> None:
        """Until everything has ended."""
        last = BEGIN + timedelta(days=AFTER_DAYS_MAX)
        while self.now < last:
            at = self._next()
            if at is None:
                return
            self.now = max(self.now, at)
            while self._events and self._events[0].at <= self.now:
                heapq.heappop(self._events).act()
            self._settle()
        raise AssertionError("the month does not come to its end")

    def checksum(self) -> str:
        """Of the whole journal."""
        rows = JournalEntry.objects.order_by("id").values_list("at", "kind", "message", "reservation_id")
        first = JournalEntry.objects.aggregate(first=Min("reservation_id"))["first"] or 0
        told = "\n".join(f"{at.isoformat()} {kind} {(pk or first) - first} {words}" for at, kind, words, pk in rows)
        return hashlib.sha256(told.encode()).hexdigest()

    def at(self, at: datetime, act: Callable[[], None]) -> None:
        self._nth += 1
        heapq.heappush(self._events, _Event(at, self._nth, act))

    def _next(self) -> datetime | None:
        """The next moment at which somebody, or time itself, does something."""
        *due, extends = self._due()
        moments = [at for at in due if at is not None]
        moments += [extends] if extends is not None and extends > self.now else []
        moments += [self._events[0].at] if self._events else []
        if moments and self._is_waited():
            moments.append(self._promoted_at + PROMOTE_EVERY)
        return max(min(moments), self.now) if moments else None

    def _due(self) -> tuple[datetime | None, ...]:
        """When time has to act on what is open: by itself, for who did not check in, and for who extends itself."""
        with connection.cursor() as cursor:
            cursor.execute(_DUE, {"final": sorted(FINAL), "open": sorted(OPEN_OPERATIONS), "before": BEFORE})
            return tuple(cursor.fetchone())

    def _is_waited(self) -> bool:
        return Reservation.objects.filter(state=ReservationState.WAITLISTED).exists()

    def _settle(self) -> None:
        """All that is due at this instant, as beat and workers would do it."""
        *_, extends = self._due()
        if extends is not None and extends <= self.now:
            extend_due(now=self.now)
        for _ in range(ROUNDS_MAX):
            *by_time, work, _ = [at is not None and at <= self.now for at in self._due()]
            if not work and not any(by_time):
                break
            moved = advance_due(now=self.now) if any(by_time) else 0
            ran = [self._run(pk) for pk in due_operations(now=self.now)] if work else []
            if not moved and not any(ran):
                raise AssertionError(f"what is due at {self.now} is not done: {by_time}, {work}")
        else:
            raise AssertionError("the month does not come to rest")
        self.people.react()
        if self.now - self._promoted_at >= PROMOTE_EVERY:
            self._promoted_at = self.now
            if promote(now=self.now):
                self._settle()

    def _run(self, pk: int) -> bool:
        return carry_out(operation_id=pk, now=self.now)
