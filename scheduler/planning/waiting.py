"""Who waits before whom, and why. Pure.

The order is: the class of the priority; in it those that were preempted; then the project's fair share of the pool,
the better served the later; then who waits longest. Whoever is first has its window guarded (`guarding`), so that
smaller ones go before it only where that does not delay it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scheduler.states import IN_ORDER, Priority


class Before(StrEnum):
    """What puts one before another."""

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
    return sorted(queued, key=_key)


def place_of(reservation: str, queued: Iterable[Queued]) -> Place | None:
    """None for one that is not among them."""
    ordered = in_order(queued)
    at = next((nth for nth, one in enumerate(ordered) if one.reservation == reservation), None)
    if at is None:
        return None
    counts = Counter(_why(first, ordered[at]) for first in ordered[:at])
    return Place(at + 1, len(ordered), {why: counts[why] for why in Before if counts[why]})


def _key(one: Queued) -> tuple[int, bool, float, datetime, int]:
    return IN_ORDER.index(one.priority), not one.is_front, -one.factor, one.queued_at, one.row


def _why(first: Queued, mine: Queued) -> Before:
    """The first part of the key in which they differ."""
    parts: Sequence[tuple[Before, object, object]] = (
        (Before.PRIORITY, first.priority, mine.priority),
        (Before.PREEMPTED, first.is_front, mine.is_front),
        (Before.FAIR_SHARE, first.factor, mine.factor),
    )
    return next((why for why, one, other in parts if one != other), Before.LONGER)
