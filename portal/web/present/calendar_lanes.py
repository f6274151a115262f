"""Bars of one row that overlap stand in lanes, one above the other. Pure."""

from collections.abc import Iterable, Sequence

LANES_MAX = 12

Span = tuple[int, int]  # half-open, in minutes of the period


def in_lanes(spans: Iterable[Span], *, most: int = LANES_MAX) -> tuple[int | None, ...]:
    """The lane of each span: the first that is free when it begins; None where none of so many is.

    Spans come in the order in which they begin, so that no more lanes are used than overlap at once.
    """
    ends: list[int] = []
    return tuple(_lane(begin, end, ends, most) for begin, end in spans)


def _lane(begin: int, end: int, ends: list[int], most: int) -> int | None:
    for lane, taken_until in enumerate(ends):
        if taken_until <= begin:
            ends[lane] = end
            return lane
    if len(ends) == most:
        return None
    ends.append(end)
    return len(ends) - 1


def depth(lanes: Sequence[int | None]) -> int:
    """How many lanes a row needs: at least one, which says that it is empty."""
    return 1 + max((lane for lane in lanes if lane is not None), default=0)
