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
from scheduler.planning.beyond_moves import amounts, is_beyond_moves
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan
from scheduler.planning.search import SearchLimit
from scheduler.planning.snapshot import Snapshot
from scheduler.planning.stays import Stay, to_instant
from scheduler.planning.timeline import Committed
from scheduler.planning.turnarounds import padded, turnaround_of_stays
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
    search, index = _Search(request, seen, preempt_at), PoolIndex(seen)
    span = padded(request=request, index=index)
    asked = sorted((one for one in low if _is_low(index, one, span)), key=_latest_begun_first)
    plan = search.plan(asked, thoroughly=True)
    if plan is None:
        return None
    plan, needed = search.spared(plan, search.touched(plan, asked))
    counting = _Counting(request, index, span, asked)
    made = search.fewest(counting, at_most=len(needed)) or Preempting(plan=plan, victims=needed)
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
    held = (index.timeline.stays(one.reservation) for one in low if one.is_begun)
    return tuple(sorted({free_from(stays=one, index=index, preempt_at=preempt_at) for one in held if one}))


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

    def touched(self, plan: Plan, victims: Sequence[Preemptible]) -> list[Preemptible]:
        """Those whose units it takes, where it is enough that these give way; else all."""
        index, units = PoolIndex(self.seen), set(plan.units())
        mask = sum(1 << bit for bit, (_, code) in enumerate(index.shape.keys) if code in units)
        found = [one for one in victims if mask & _bits(index, one)]
        return list(victims) if self.faults(Preempting(plan=plan, victims=tuple(found))) else found

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

    def fewest(self, counting: "_Counting", *, at_most: int) -> Preempting | None:
        """The first that do, in order of their number, then of how late they began; None if not found in time."""
        self.tries = PREEMPTING_TRIES_MAX
        for victims in islice(counting.combinations(at_most), PREEMPTING_COMBINATIONS_MAX):
            plan = self.plan(victims) if self.tries > 0 and counting.may_do(victims) else None
            if plan is not None:
                return Preempting(plan=plan, victims=victims)
        return None

    def faults(self, made: Preempting) -> bool:
        around = given_way(seen=self.seen, victims=made.victims, preempt_at=self.preempt_at)
        return bool(fits(plan=made.plan, snapshot=around, request=self.request))

    def _around(self, victims: Sequence[Preemptible]) -> PoolIndex:
        return PoolIndex(given_way(seen=self.seen, victims=victims, preempt_at=self.preempt_at))


class _Counting:
    """Which of them could do at all, by how many units would be free: a quick no, before the planner is asked."""

    def __init__(
        self, request: ReservationRequest, index: PoolIndex, span: tuple[datetime, datetime], asked: list[Preemptible]
    ) -> None:
        self.asked = asked
        self.readings = amounts(request=request, index=index)
        self.free = ~index.busy(*span)
        self.bits = {one.reservation: _bits(index, one) for one in asked}

    def combinations(self, at_most: int) -> Iterator[tuple[Preemptible, ...]]:
        """From the least number on that could be enough, if each of them gave the most that any gives."""
        for number in range(1, at_most + 1):
            if any(all(self._reaches(number, *one) for one in needed) for needed in self.readings):
                yield from combinations(self.asked, number)

    def may_do(self, victims: Sequence[Preemptible]) -> bool:
        free = self.free
        for one in victims:
            free |= self.bits[one.reservation]
        return any(all((mask & free).bit_count() >= need for need, mask in needed) for needed in self.readings)

    def _reaches(self, number: int, need: int, mask: int) -> bool:
        given = sorted(((bits & mask).bit_count() for bits in self.bits.values()), reverse=True)
        return (mask & self.free).bit_count() + sum(given[:number]) >= need


def _bits(index: PoolIndex, one: Preemptible) -> int:
    mask = 0
    for stay in index.timeline.stays(one.reservation):
        mask |= stay.mask
    return mask


def _is_low(index: PoolIndex, one: Preemptible, span: tuple[datetime, datetime]) -> bool:
    """By what it holds then, whatever a caller says: production and normal ones are never planned over."""
    stays, begin, end = index.timeline.stays(one.reservation), to_instant(span[0]), to_instant(span[1])
    is_in_the_way = any(stay.begin < end and begin < stay.end for stay in stays)
    return is_in_the_way and all(stay.priority is Priority.LOW and not stay.is_maintenance for stay in stays)


def _latest_begun_first(one: Preemptible) -> tuple[float, str]:
    return -one.begins_at.timestamp(), one.reservation


def _cut(stays: Iterable[Stay], until: int) -> Iterator[Stay]:
    for stay in stays:
        if stay.begin < until:
            yield replace(stay, end=min(stay.end, until))
