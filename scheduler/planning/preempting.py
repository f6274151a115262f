"""Which reservations of low priority give way to a request that does not fit beside them. Pure.

The fewest, and among as many those that began last. What has not begun gives way at once; what has begun keeps its
devices for its notice time, and then until they are cleaned. Nothing of another priority is ever planned over, and the
plan that comes of it stands against the ordinary rules like any other.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations, islice

from scheduler.limits import PREEMPTING_COMBINATIONS_MAX, PREEMPTING_TRIES_MAX, SEARCH_STEPS_QUICK_MAX
from scheduler.planning.admission import fits
from scheduler.planning.attempts import plan_or_none, plan_or_proof
from scheduler.planning.beyond_moves import is_beyond_moves
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan
from scheduler.planning.search import SearchLimit
from scheduler.planning.snapshot import Snapshot
from scheduler.planning.stays import Stay, to_instant
from scheduler.planning.timeline import Committed
from scheduler.planning.turnarounds import turnaround_of_stays
from scheduler.requests import ReservationRequest
from scheduler.states import Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class Preemptible:
    """A reservation of low priority that holds units. `is_begun`: hardware is, or may be, attached."""

    reservation: str
    begins_at: datetime  # of its padded window
    is_begun: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Preempting:
    """A plan, and who gives way to it: all of them together, or none."""

    plan: Plan
    victims: tuple[Preemptible, ...]


def plan_over(
    *, request: ReservationRequest, seen: Snapshot, low: Iterable[Preemptible], preempt_at: datetime
) -> Preempting | None:
    """None if the request is low itself, or finds no place however many give way. What has begun ends `preempt_at`."""
    if request.priority is Priority.LOW:
        return None
    search = _Search(request, seen, preempt_at)
    index = PoolIndex(seen)
    asked = sorted((one for one in low if _is_low(index, one)), key=_latest_begun_first)
    plan = search.plan(asked, thoroughly=True)
    if plan is None:
        return None
    plan, needed = search.spared(plan, asked)
    made = search.fewest(asked, at_most=len(needed)) or Preempting(plan=plan, victims=needed)
    return None if search.faults(made) else made


def given_way(*, seen: Snapshot, victims: Iterable[Preemptible], preempt_at: datetime) -> Snapshot:
    """As it would be once these have given way."""
    victims, index = tuple(victims), PoolIndex(seen)
    timeline = index.without(one.reservation for one in victims).timeline
    for one in victims:
        if one.is_begun:
            stays = index.timeline.stays(one.reservation)
            timeline.add_stays(_cut(stays, to_instant(free_from(stays=stays, index=index, preempt_at=preempt_at))))
    return replace(seen, commitments=Committed(timeline))


def free_from(*, stays: Sequence[Stay], index: PoolIndex, preempt_at: datetime) -> datetime:
    """When what has begun is cleaned: the earliest that another one's set-up may begin on its devices."""
    return preempt_at + turnaround_of_stays(stays=stays, shape=index.shape).length


def openings(*, seen: Snapshot, low: Iterable[Preemptible], preempt_at: datetime) -> tuple[datetime, ...]:
    """Instants from which on devices of what has begun could be had, in order."""
    index = PoolIndex(seen)
    stays = [index.timeline.stays(one.reservation) for one in low if one.is_begun and _is_low(index, one)]
    return tuple(sorted({free_from(stays=one, index=index, preempt_at=preempt_at) for one in stays}))


@dataclass
class _Search:
    request: ReservationRequest
    seen: Snapshot
    preempt_at: datetime
    tries: int = PREEMPTING_TRIES_MAX

    def plan(self, victims: Sequence[Preemptible], *, thoroughly: bool = False) -> Plan | None:
        """Another place once these have given way; None in doubt too."""
        index = self._around(victims)
        if is_beyond_moves(request=self.request, index=index):
            return None
        try:
            if thoroughly:
                return plan_or_proof(request=self.request, index=index)
            self.tries -= 1
            return plan_or_none(request=self.request, index=index, steps_max=SEARCH_STEPS_QUICK_MAX)
        except SearchLimit:
            return None

    def spared(self, plan: Plan, victims: Sequence[Preemptible]) -> tuple[Plan, tuple[Preemptible, ...]]:
        """None of those that are left can be spared alone; who began first is spared first."""
        left = list(victims)
        for one in reversed(victims):
            rest = [other for other in left if other is not one]
            if not self.faults(Preempting(plan=plan, victims=tuple(rest))):
                left = rest
            elif self.tries > 0 and (other := self.plan(rest)) is not None:
                plan, left = other, rest
        return plan, tuple(left)

    def fewest(self, asked: Sequence[Preemptible], *, at_most: int) -> Preempting | None:
        """The first that do, in order of their number, then of how late they began; None if not found in time."""
        self.tries = PREEMPTING_TRIES_MAX
        for victims in islice(_combinations(asked, at_most), PREEMPTING_COMBINATIONS_MAX):
            plan = self.plan(victims) if self.tries > 0 else None
            if plan is not None:
                return Preempting(plan=plan, victims=victims)
        return None

    def faults(self, made: Preempting) -> bool:
        around = given_way(seen=self.seen, victims=made.victims, preempt_at=self.preempt_at)
        return bool(fits(plan=made.plan, snapshot=around, request=self.request))

    def _around(self, victims: Sequence[Preemptible]) -> PoolIndex:
        return PoolIndex(given_way(seen=self.seen, victims=victims, preempt_at=self.preempt_at))


def _combinations(asked: Sequence[Preemptible], at_most: int) -> Iterator[tuple[Preemptible, ...]]:
    for number in range(1, at_most + 1):
        yield from combinations(asked, number)


def _is_low(index: PoolIndex, one: Preemptible) -> bool:
    """By what it holds, whatever a caller says: production and normal ones are never planned over."""
    stays = index.timeline.stays(one.reservation)
    return bool(stays) and all(stay.priority is Priority.LOW and not stay.is_maintenance for stay in stays)


def _latest_begun_first(one: Preemptible) -> tuple[float, str]:
    return -one.begins_at.timestamp(), one.reservation


def _cut(stays: Iterable[Stay], until: int) -> Iterator[Stay]:
    for stay in stays:
        if stay.begin < until:
            yield replace(stay, end=min(stay.end, until))
