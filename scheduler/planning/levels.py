"""A sum that changes at instants, such as the watts allocated in a rack: its peak over a span. Pure.

Instants are whole microseconds since 1970. A level is a value: adding to one gives another and shares the days that
did not change, so that whoever looks at the old one is not disturbed. Two levels made of the same spans in any order
are equal inside too, since an instant at which nothing changes is not kept.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

DAY = 86_400_000_000
Span = tuple[int, int, int]  # begin, end, by how much


@dataclass(frozen=True, slots=True)
class _Day:
    """`base` until the first instant, then `values[i]` from `instants[i]` on."""

    base: int
    instants: list[int]
    values: list[int]


_QUIET = _Day(0, [], [])
WAITING_MAX = 1_000  # spans added one by one before they are sorted out although nobody asked
_Waiting = tuple[Sequence[Span], int, Any]  # the newest, how many one by one, and those before
_State = tuple[Mapping[int, _Day], _Waiting | None]


class Level:
    """Spans wait until somebody asks for a peak and are sorted then all at once, for most sums are never asked."""

    __slots__ = ("_state",)

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        waiting = list(spans)
        self._state: _State = ({}, (waiting, 0, None) if waiting else None)

    def peak(self, begin: int, end: int) -> int:
        """The highest value at any instant of `[begin, end)`; never below zero."""
        days = self.days
        highest = 0
        for number in range(begin // DAY, (end - 1) // DAY + 1) if begin < end else ():
            day = days.get(number)
            if day is not None:
                highest = max(highest, _peak(day, begin, end))
        return highest

    def peak_at(self, begin: int, end: int) -> tuple[int, int]:
        """The highest value in `[begin, end)` and the first instant that has it; where there is none, 0 at `begin`."""
        highest, at = 0, begin
        for number, day in sorted(self.days.items()) if begin < end else ():
            if begin // DAY <= number <= (end - 1) // DAY:
                value, instant = _peak_at(day, max(begin, number * DAY), end)
                if value > highest:
                    highest, at = value, instant
        return highest, at

    def instants(self, begin: int, end: int) -> Iterator[int]:
        """At which it may have another value than just before, in `[begin, end)`."""
        for number in range(begin // DAY, (end - 1) // DAY + 1) if begin < end else ():
            yield max(begin, number * DAY)
            yield from (at for at in self.days.get(number, _QUIET).instants if begin <= at < end)

    def plus(self, begin: int, end: int, by: int) -> "Level":
        days, waiting = self._state
        other = Level()
        if waiting is not None and waiting[1] < WAITING_MAX:
            other._state = (days, ([(begin, end, by)], waiting[1] + 1, waiting))
        else:
            other._state = (_with(self.days, begin, end, by), None)
        return other

    @property
    def days(self) -> Mapping[int, _Day]:
        """Sorted out by now; of two threads that do it at once both come to the same."""
        days, waiting = self._state
        if waiting is not None:
            days = _sorted_out(_all_of(waiting))
            self._state = (days, None)
        return days

    @property
    def is_nothing(self) -> bool:
        """Known to be; one that is not sorted out yet is taken for something."""
        return self._state == ({}, None)


def peak_together(levels: Sequence[Level], begin: int, end: int) -> int:
    """The highest value of their sum at any instant of `[begin, end)`."""
    instants = {at for level in levels for at in level.instants(begin, end)}
    return max((sum(level.peak(at, at + 1) for level in levels) for at in instants), default=0)


def _all_of(waiting: _Waiting | None) -> Iterator[Span]:
    while waiting is not None:
        spans, _, waiting = waiting
        yield from spans


def _with(days: Mapping[int, _Day], begin: int, end: int, by: int) -> dict[int, _Day]:
    changed = dict(days)
    for number in range(begin // DAY, (end - 1) // DAY + 1) if begin < end and by else ():
        first, last = number * DAY, (number + 1) * DAY
        day = _raised(days.get(number, _QUIET), None if begin <= first else begin, None if end >= last else end, by)
        if day.base or day.instants:
            changed[number] = day
        else:
            changed.pop(number, None)
    return changed


def _peak(day: _Day, begin: int, end: int) -> int:
    after = bisect_right(day.instants, begin)
    at_begin = day.values[after - 1] if after else day.base
    return max(at_begin, max(day.values[after : bisect_left(day.instants, end)], default=at_begin))


def _peak_at(day: _Day, begin: int, end: int) -> tuple[int, int]:
    after, until = bisect_right(day.instants, begin), bisect_left(day.instants, end)
    at_begin = day.values[after - 1] if after else day.base
    later = day.values[after:until]
    highest = max(later, default=at_begin)
    return (highest, day.instants[after + later.index(highest)]) if highest > at_begin else (at_begin, begin)


def _raised(day: _Day, begin: int | None, end: int | None, by: int) -> _Day:
    """The same day with `by` more from `begin` (None: from its first instant) until `end` (None: to its last)."""
    instants, values = day.instants.copy(), day.values.copy()
    base = day.base + by if begin is None else day.base
    first = 0 if begin is None else _cut(day.base, instants, values, begin)
    last = len(instants) if end is None else _cut(day.base, instants, values, end)
    for at in range(first, last):
        values[at] += by
    for at in sorted({first, last}, reverse=True):
        if at < len(instants) and values[at] == (values[at - 1] if at else base):
            del instants[at], values[at]
    return _Day(base, instants, values)


def _cut(base: int, instants: list[int], values: list[int], at: int) -> int:
    """Where the value from this instant on stands; put in if nothing changed there before."""
    found = bisect_left(instants, at)
    if found == len(instants) or instants[found] != at:
        values.insert(found, values[found - 1] if found else base)
        instants.insert(found, at)
    return found


def _sorted_out(spans: Iterable[Span]) -> dict[int, _Day]:
    changes: defaultdict[int, int] = defaultdict(int)
    for begin, end, by in spans:
        if begin < end:
            changes[begin] += by
            changes[end] -= by
    days: dict[int, _Day] = {}
    value, seen = 0, 0
    for at in sorted(at for at, by in changes.items() if by):
        number = at // DAY
        if number not in days:
            idle = range(seen + 1, number) if value else ()
            days.update((quiet, _Day(value, [], [])) for quiet in idle)
            days[number] = _Day(value, [], [])
            seen = number
        value += changes[at]
        if at == number * DAY:
            days[number] = _Day(value, [], [])
        else:
            days[number].instants.append(at)
            days[number].values.append(value)
    return {number: day for number, day in days.items() if day.base or day.instants}
