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

from django.db.models import Min

from scheduler.models import JournalEntry
from tests.simulation import month_care, month_deciding, month_idle
from tests.simulation.month_arrivals import arrivals
from tests.simulation.month_beat import Beat
from tests.simulation.month_people import People
from tests.simulation.month_world import BEGIN, SHRINKS_AFTER, World

AFTER_DAYS_MAX = 90


@dataclass(order=True)
class _Event:
    at: datetime
    nth: int
    act: Callable[[], object] = field(compare=False)


class Month:
    """`told` counts what people asked for and what came of it."""

    def __init__(self, *, world: World, seed: int, number: int) -> None:
        self.world = world
        self.now = BEGIN
        self.told: Counter[str] = Counter()
        self._events: list[_Event] = []
        self._nth = 0
        self.people = People(world=world, rng=random.Random(seed * 7919), told=self.told, at=self.at, clock=self.clock)
        self._beat = Beat(begin=BEGIN, hear=self.people.hear)
        for one in arrivals(seed=seed, number=number, begin=BEGIN):
            self.at(one.at, partial(self.people.arrive, one))
        for after, *what in month_care.PLANS:
            self.at(BEGIN + after, partial(month_care.take_out, self.people, *what))
        self.at(BEGIN + month_deciding.AWAY_AFTER, partial(month_deciding.go_away, self.people))
        self.at(BEGIN + SHRINKS_AFTER, partial(month_idle.now_shrink, self.people))

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
            anew = bool(self._events) and self._events[0].at <= self.now
            while self._events and self._events[0].at <= self.now:
                heapq.heappop(self._events).act()
            self._beat.tick(self.now, anew=anew)
            self.people.react()
        raise AssertionError("the month does not come to its end")

    def checksum(self) -> str:
        """Of the whole journal."""
        rows = JournalEntry.objects.order_by("id").values_list("at", "kind", "message", "reservation_id")
        first = JournalEntry.objects.aggregate(first=Min("reservation_id"))["first"] or 0
        told = "\n".join(f"{at.isoformat()} {kind} {(pk or first) - first} {words}" for at, kind, words, pk in rows)
        return hashlib.sha256(told.encode()).hexdigest()

    def at(self, at: datetime, act: Callable[[], object]) -> None:
        self._nth += 1
        heapq.heappush(self._events, _Event(at, self._nth, act))

    def _next(self) -> datetime | None:
        """The next moment at which somebody, or time itself, does something."""
        due = self._beat.next(self.now)
        moments = [due] if due is not None else []
        moments += [self._events[0].at] if self._events else []
        return max(min(moments), self.now) if moments else None
