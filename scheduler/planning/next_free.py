"""When the first unit of a class becomes free, where none is now. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from scheduler.planning.index import PoolIndex
from scheduler.planning.stays import to_instant, to_moment


def next_free(*, index: PoolIndex, mask: int, at: datetime, lasting: timedelta, until: datetime) -> datetime | None:
    """The first instant of `[at, until)` from which a usable unit of the mask is nobody's for so long; None: none is.

    The work grows with the units of the mask and with what each is booked for, not with the rest of the pool.
    """
    first, length = to_instant(at), to_instant(at + lasting) - to_instant(at)
    starts = (first_gap(index.timeline.spans(bit), first, length) for bit in _bits(mask & index.usable))
    found = min(starts, default=None)
    return to_moment(found) if found is not None and found < to_instant(until) else None


def first_gap(spans: Sequence[tuple[int, int]], at: int, length: int) -> int:
    """From where on at least so much lies before the next of the spans, which are sorted by their begin."""
    for begin, end in spans:
        if end > at:
            if begin - at >= length:
                break
            at = end
    return at


def _bits(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
