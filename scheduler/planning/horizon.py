"""The moments between two dates at which a start is worth asking for, thinned out slot by slot. Pure."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduler.planning.hours import fresh_starts
from scheduler.planning.index import PoolIndex
from scheduler.planning.openings import Openings
from scheduler.planning.stays import to_instant, to_moment
from scheduler.planning.turnarounds import turnaround_of
from scheduler.planning.window import pad
from scheduler.requests import Mix, Window

SLOTS_AT_FIRST = 16  # most searches end in the first hours; each round looks twice as far
SLOTS_AT_ONCE = 7 * 24 * 4  # a week of quarters of an hour
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Horizon:
    """Starts from `first` to `last`, both included. `clean_up` follows every end."""

    index: PoolIndex
    duration: timedelta
    clean_up: timedelta
    first: datetime
    last: datetime

    @classmethod
    def of(
        cls, *, mix: Mix, index: PoolIndex, duration: timedelta, not_before: datetime, not_after: datetime | None
    ) -> "Horizon":
        bounds, now = index.snapshot.bounds, index.snapshot.now
        lead = max(index.topology.policy.setup_minutes, bounds.min_lead_minutes)
        first = max(not_before, now + timedelta(minutes=lead))
        last = now + timedelta(days=bounds.horizon_days)
        return cls(
            index=index,
            duration=duration,
            clean_up=turnaround_of(mix=mix, topology=index.topology).length,
            first=first,
            last=last if not_after is None else min(last, not_after - duration),
        )

    def after(self, starts_at: datetime) -> "Horizon":
        """What is left a slot after a start that was found."""
        return replace(self, first=starts_at + timedelta(minutes=self.index.topology.policy.slot_minutes))

    def padded(self, starts_at: datetime) -> tuple[datetime, datetime]:
        window = Window(starts_at=starts_at, ends_at=starts_at + self.duration)
        policy, now = self.index.topology.policy, self.index.snapshot.now
        return pad(window=window, policy=policy, now=now, clean_up=self.clean_up)

    def starts(self, openings: Openings) -> Iterator[datetime]:
        """In order, each once: the first moment, and every later one at which more may be free than before it."""
        if self.first > self.last:
            return
        yield self.first
        fresh = self._fresh()
        for begin, end in self._hopeful(openings):
            yield from self._instants(max(begin, self.first + MICROSECOND), min(end, self.last + MICROSECOND), fresh)

    def _fresh(self) -> list[datetime]:
        """Where hours of the project may count no more: looked for once, since slots are many."""
        quota, end = self.index.snapshot.quota, self.last + MICROSECOND
        if not quota.hour_limits:
            return []
        return sorted(fresh_starts(quota=quota, duration=self.duration, begin=self.first, end=end))

    def _instants(self, begin: datetime, end: datetime, fresh: Sequence[datetime]) -> list[datetime]:
        """Of `[begin, end)`: set-up may begin as a unit is given back; or one of the fresh ones."""
        setup = timedelta(minutes=self.index.topology.policy.setup_minutes)
        given_back = [ended + setup for ended in self.index.timeline.ends_in(begin - setup, end - setup)]
        mine = fresh[bisect_left(fresh, begin) : bisect_left(fresh, end)]
        return sorted({*given_back, *mine}) if mine else given_back

    def _hopeful(self, openings: Openings) -> Iterator[tuple[datetime, datetime]]:
        """Slots whose certainly busy units leave enough free."""
        policy = self.index.topology.policy
        minute = 60_000_000
        slot, setup = policy.slot_minutes * minute, policy.setup_minutes * minute
        length = (self.duration + self.clean_up) // MICROSECOND
        # Every start of slot k is busy from `(k + 1) * slot - setup` at the latest until `k * slot + length` at least.
        skip, reach = -(-(slot - setup) // slot), length // slot
        final = to_instant(self.last) // slot
        width = max(0, reach - skip)
        for first, last in _rounds(to_instant(self.first) // slot, final + 1):
            rows = [row & openings.relevant for row in self.index.timeline.rows(first + skip, last + skip + width - 1)]
            hopeful = _halves_allow(rows, width, openings)
            for nth, busy in enumerate(sliding_union(rows, width) if width else [0] * (last - first)):
                if (not width or hopeful[-(-nth // _half(width))]) and openings.allow(busy):
                    number = first + nth
                    yield to_moment(number * slot), to_moment((number + 1) * slot)


def _rounds(first: int, last: int) -> Iterator[tuple[int, int]]:
    size = SLOTS_AT_FIRST
    while first < last:
        yield first, min(first + size, last)
        first, size = first + size, min(size * 2, SLOTS_AT_ONCE)


def _half(width: int) -> int:
    """So long that whatever `width` rows follow each other, a whole half that begins at a multiple of it is in them."""
    return (width + 1) // 2


def _halves_allow(rows: Sequence[int], width: int, openings: Openings) -> list[bool]:
    """Half after half: what is busy in it alone leaves enough. One no spares the asking for every window around it."""
    half = _half(width)
    return [
        openings.allow(sliding_union(rows[at : at + half], half)[0])
        for at in (range(0, len(rows) - half + 1, half) if half else ())
    ]


def sliding_union(rows: Sequence[int], width: int) -> list[int]:
    """The union of every `width` rows that follow each other, two operations a row (van Herk, Gil and Werman)."""
    heads, tails = list(rows), list(rows)
    for at in range(1, len(rows)):
        if at % width:
            heads[at] |= heads[at - 1]
    for at in range(len(rows) - 2, -1, -1):
        if (at + 1) % width:
            tails[at] |= tails[at + 1]
    return [tails[at] | heads[at + width - 1] for at in range(len(rows) - width + 1)]
