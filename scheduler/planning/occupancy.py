"""Which units are busy in a span, exactly, for all of them at once. Pure.

Rows answer for the slots that lie wholly in the span. At its two ends those stays are asked that begin or end inside
the slot that is cut, and nobody else; so the work grows with the span and not with what is booked around it.
"""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter

from scheduler.planning.rows import Rows
from scheduler.planning.stays import Stay

Span = tuple[int, int]
Events = dict[int, list[tuple[int, Stay]]]  # by watch, in order of time
WATCH = 10_800_000_000  # three hours in microseconds
SHELF = 64  # units whose spans are copied together when those of one change
_at = itemgetter(0)


class Occupancy:
    """Changed in place. Lists and chunks inside are replaced, never changed, so that a copy stays as it is."""

    __slots__ = ("_begins", "_ends", "_rows", "_slot", "_spans", "_width")

    def __init__(self, *, units: int, slot: int) -> None:
        """`slot` in microseconds."""
        self._slot = slot
        self._width = (units + 7) // 8
        self._rows = Rows()
        self._spans: list[list[Sequence[Span]]] = [[()] * SHELF for _ in range(units // SHELF + 1)]
        self._begins: Events = {}
        self._ends: Events = {}

    def copy(self) -> "Occupancy":
        other = Occupancy(units=0, slot=self._slot)
        other._width = self._width
        other._rows = self._rows.copy()
        other._spans = self._spans.copy()
        other._begins, other._ends = self._begins.copy(), self._ends.copy()
        return other

    def fill(self, stays: Iterable[Stay]) -> None:
        """`add` for many at once, where there are none yet."""
        spans: defaultdict[int, list[Span]] = defaultdict(list)
        begins: defaultdict[int, list[tuple[int, Stay]]] = defaultdict(list)
        ends: defaultdict[int, list[tuple[int, Stay]]] = defaultdict(list)
        for stay in stays:
            span = (stay.begin, stay.end)
            for bit in stay.bits:
                spans[bit].append(span)
            begins[stay.begin // WATCH].append((stay.begin, stay))
            ends[stay.end // WATCH].append((stay.end, stay))
        self._begins = {watch: sorted(ones, key=_at) for watch, ones in begins.items()}
        self._ends = {watch: sorted(ones, key=_at) for watch, ones in ends.items()}
        flips: defaultdict[int, bytearray] = defaultdict(lambda: bytearray(self._width))
        for bit, ones in spans.items():
            ones.sort()
            self._spans[bit // SHELF][bit % SHELF] = ones
            at, flag = bit >> 3, 1 << (bit & 7)
            for slot in self._turns(ones):
                flips[slot][at] ^= flag
        self._rows.fill(flips)

    def _turns(self, spans: Sequence[Span]) -> Iterator[int]:
        """Slots with which one unit's being busy begins and ends, by turns."""
        last: int | None = None
        for begin, end in spans:
            first, until = begin // self._slot, -(-end // self._slot)
            if last is None or first > last:
                if last is not None:
                    yield last
                yield first
                last = until
            elif until > last:
                last = until
        if last is not None:
            yield last

    def add(self, stay: Stay) -> None:
        span = (stay.begin, stay.end)
        for bit in stay.bits:
            ones = list(self.spans(bit))
            insort(ones, span)
            self._put(bit, ones)
        _insert(self._begins, stay.begin, stay)
        _insert(self._ends, stay.end, stay)
        self._rows.mark(stay.mask, *self._slots(*span))

    def remove(self, stay: Stay) -> None:
        span = (stay.begin, stay.end)
        first, last = self._slots(*span)
        for bit in stay.bits:
            ones = list(self.spans(bit))
            ones.remove(span)
            self._put(bit, ones)
        kept = [
            (1 << bit, *self._slots(*other))
            for bit in stay.bits
            for other in _overlapping(self.spans(bit), first * self._slot, last * self._slot)
        ]
        _take_out(self._begins, stay.begin, stay)
        _take_out(self._ends, stay.end, stay)
        self._rows.clear(stay.mask, first, last, kept)

    def is_busy(self, bit: int, begin: int, end: int) -> bool:
        return overlaps(self.spans(bit), begin, end)

    def spans(self, bit: int) -> Sequence[Span]:
        """Sorted; those of one unit overlap only where somebody broke the first invariant."""
        return self._spans[bit // SHELF][bit % SHELF]

    def _put(self, bit: int, spans: Sequence[Span]) -> None:
        shelf = self._spans[bit // SHELF].copy()
        shelf[bit % SHELF] = spans
        self._spans[bit // SHELF] = shelf

    def busy(self, begin: int, end: int) -> int:
        if begin >= end:
            return 0
        first, last = -(-begin // self._slot), end // self._slot
        if first >= last:
            return self._busy_in_short(begin, end)
        mask = self._rows.union(first, last)
        cut = [] if begin == first * self._slot else list(between(self._ends, begin + 1, first * self._slot + 1))
        if end != last * self._slot:
            cut += between(self._begins, last * self._slot, end)
        return mask | self._mask_of(cut)

    def _busy_in_short(self, begin: int, end: int) -> int:
        """A span in which no whole slot lies: those that change in its slots are asked one by one."""
        first, last = self._slots(begin, end)
        changing = {
            bit
            for stay in (
                *between(self._ends, first * self._slot, begin + 1),
                *between(self._begins, end, last * self._slot),
            )
            for bit in stay.bits
        }
        mask = self._rows.union(first, last)
        for bit in changing:
            if not overlaps(self.spans(bit), begin, end):
                mask &= ~(1 << bit)
        return mask

    def _mask_of(self, stays: Iterable[Stay]) -> int:
        flags = bytearray(self._width)
        for stay in stays:
            for bit in stay.bits:
                flags[bit >> 3] |= 1 << (bit & 7)
        return int.from_bytes(flags, "little")

    def _slots(self, begin: int, end: int) -> Span:
        """Those it touches, `[first, last)`."""
        return begin // self._slot, -(-end // self._slot)

    def ended_by(self, instant: int) -> set[str]:
        """Reservations of the stays that end at it or before."""
        over = (ones for watch, ones in self._ends.items() if watch <= instant // WATCH)
        return {stay.reservation for ones in over for at, stay in ones if at <= instant}

    def ends_in(self, begin: int, end: int) -> Iterable[int]:
        """Instants of `[begin, end)` at which something ends, in order, each once."""
        return dict.fromkeys(stay.end for stay in between(self._ends, begin, end))

    def begins_in(self, begin: int, end: int) -> Iterable[int]:
        """The same of what begins."""
        return dict.fromkeys(stay.begin for stay in between(self._begins, begin, end))

    def rows(self, first: int, last: int) -> list[int]:
        """Of the slots `[first, last)`, numbered from 1970 on: who is busy at any instant of each."""
        return self._rows.between(first, last)


def between(events: Events, begin: int, end: int) -> Iterable[Stay]:
    """Those at an instant of `[begin, end)`, in order."""
    for watch in range(begin // WATCH, (end - 1) // WATCH + 1) if begin < end else ():
        ones = events.get(watch)
        if ones:
            for _, stay in ones[bisect_left(ones, begin, key=_at) : bisect_left(ones, end, key=_at)]:
                yield stay


def overlaps(spans: Sequence[Span], begin: int, end: int) -> bool:
    return next(iter(_overlapping(spans, begin, end)), None) is not None


def _overlapping(spans: Sequence[Span], begin: int, end: int) -> Iterable[Span]:
    """Of one unit's sorted spans, which are few; they may overlap each other."""
    for at in reversed(range(bisect_left(spans, (end,)))):
        if spans[at][1] > begin:
            yield spans[at]


def _insert(events: Events, at: int, stay: Stay) -> None:
    ones = events.get(at // WATCH, ())
    place = bisect_right(ones, at, key=_at)
    events[at // WATCH] = [*ones[:place], (at, stay), *ones[place:]]


def _take_out(events: Events, at: int, stay: Stay) -> None:
    ones = events[at // WATCH]
    first, last = bisect_left(ones, at, key=_at), bisect_right(ones, at, key=_at)
    left = [*ones[:first], *(one for one in ones[first:last] if one[1] is not stay), *ones[last:]]
    if left:
        events[at // WATCH] = left
    else:
        del events[at // WATCH]
