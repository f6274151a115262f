"""Who waits before whom, and why. Pure.

The order is: the class of the priority; in it those that were preempted; then the project's fair share of the pool,
the better served the later; then who waits longest. Whoever is first has its window guarded (`guarding`), so that
smaller ones go before it only where that does not delay it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scheduler.states import IN_ORDER, Priority


class Before(StrEnum):
    """What puts one before another, in the order of the key."""

    PRIORITY = "priority"
    PREEMPTED = "preempted"
    FAIR_SHARE = "fair_share"
    LONGER = "longer"


WORDS: Mapping[Before, str] = {
    Before.PRIORITY: "of a higher priority",
    Before.PREEMPTED: "preempted before",
    Before.FAIR_SHARE: "of projects that had less of the pool lately",
    Before.LONGER: "waiting longer",
}

_RUNS = (Before.PRIORITY, Before.PREEMPTED, Before.FAIR_SHARE)  # the first parts of the key; in a run of all: LONGER
OrderKey = tuple[int, bool, float, datetime, int]


@dataclass(frozen=True, slots=True)
class Queued:
    """`factor` is its project's fair share: higher is served earlier."""

    reservation: str
    row: int
    priority: Priority
    is_front: bool
    factor: float
    queued_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """`number` counts from 1; `before` says how many are before it for which reason."""

    number: int
    of: int
    before: Mapping[Before, int]

    @property
    def reasons(self) -> tuple[str, ...]:
        return tuple(f"{count} {WORDS[why]}" for why, count in self.before.items())


def in_order(queued: Iterable[Queued]) -> list[Queued]:
    return sorted(queued, key=order_key)


def places(queued: Iterable[Queued]) -> Mapping[str, Place]:
    """Of each by its reservation, in one pass: whoever stands before it differs in the first part that changed since.

    Sorted by the key, those with the same first parts stand together, so that where such a run began is all it takes.
    """
    ordered, found = in_order(queued), {}
    began, last = [0] * len(_RUNS), None
    for nth, one in enumerate(ordered):
        parts = order_key(one)[: len(_RUNS)]
        if last is not None and parts != last:
            changed = next(part for part in range(len(_RUNS)) if parts[part] != last[part])
            began[changed:] = [nth] * (len(_RUNS) - changed)
        last, edges = parts, [0, *began, nth]
        counts = {why: end - begin for why, begin, end in zip(Before, edges, edges[1:], strict=False)}
        found[one.reservation] = Place(nth + 1, len(ordered), {why: count for why, count in counts.items() if count})
    return found


def order_key(one: Queued) -> OrderKey:
    return IN_ORDER.index(one.priority), not one.is_front, -one.factor, one.queued_at, one.row
