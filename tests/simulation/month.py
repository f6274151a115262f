"""A month of the pod pool, lived through by the real services on a real database with a clock that jumps.

People arrive, book now or ahead, wait where it does not fit, ask that low ones give way, approve, extend, shorten,
move, resize, cancel, check in or forget to. Time does what is due at its moment. Composing is done by the product's own
executor on an emulator without latency. The same seed gives the same month.
"""

import hashlib
import heapq
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from django.db.models import Min, Q

from scheduler.models import JournalEntry, Operation, Reservation
from scheduler.services._auto_extending import extend_due
from scheduler.services._lease import due_operations
from scheduler.services.advance_due import advance_due
from scheduler.services.promote import promote
from scheduler.services.run_operation import run_operation
from scheduler.states import FINAL, OPEN_OPERATIONS, ReservationState
from tests.simulation.month_arrivals import arrivals
from tests.simulation.month_people import People
from tests.simulation.month_world import BEGIN, World

MINUTE = timedelta(minutes=1)
ROUNDS_MAX = 300
PROMOTE_EVERY = timedelta(hours=2)
AFTER_DAYS_MAX = 90
_UNCLAIMED = Q(state=ReservationState.ACTIVE, checked_in_at__isnull=True)


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

    def turn(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

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
        open_ones = Reservation.objects.exclude(state__in=sorted(FINAL))
        due = open_ones.aggregate(
            a=Min("next_due_at"), b=Min("check_in_due_at", filter=_UNCLAIMED), c=Min("preempt_at"), d=Min("ends_at")
        )
        moments = [at for at in due.values() if at is not None and at > self.now]
        work = Operation.objects.filter(state__in=sorted(OPEN_OPERATIONS)).aggregate(at=Min("due_at"))["at"]
        moments += [max(work, self.now + MINUTE)] if work is not None else []
        moments += [self._events[0].at] if self._events else []
        if open_ones.filter(state=ReservationState.WAITLISTED).exists():
            moments.append(max(self._promoted_at + PROMOTE_EVERY, self.now + MINUTE))
        return min(moments, default=None)

    def _settle(self) -> None:
        """All that is due at this instant, as beat and workers would do it; waiting turns the clock."""
        for _ in range(ROUNDS_MAX):
            moved = advance_due(now=self.now)
            ran = [self._run(pk) for pk in due_operations(now=self.now)]
            moved += extend_due(now=self.now)
            if not moved and not any(ran):
                break
            self._promoted_at = min(self._promoted_at, self.now - PROMOTE_EVERY)
        else:
            raise AssertionError("the month does not come to rest")
        if self.now - self._promoted_at >= PROMOTE_EVERY:
            self._promoted_at = self.now
            if promote(now=self.now):
                self._settle()
        self.people.react()

    def _run(self, pk: int) -> bool:
        return run_operation(operation_id=pk, owner="worker-1", clock=self.clock, sleep=self.turn)
