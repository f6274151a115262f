"""When one that waits is likely to begin, and what that rests on: said only as far as it is known. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Rests(StrEnum):
    """What an estimate rests on."""

    GUARD = "guard"  # the window that is kept for it, once what is in its way ends early or is withdrawn
    OTHERS = "others"  # nothing is kept for it yet: those before it come first
    OWN_LIMIT = "own_limit"  # a ceiling of its own project


@dataclass(frozen=True, slots=True)
class LateWaits:
    """How those went that waited in this pool lately. `half_within_minutes` is the median of the served ones."""

    ended: int = 0
    served: int = 0
    half_within_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """`at` is None where nothing tells. `first_fit` is the first start that fits at all, later than its dates."""

    rests_on: Rests
    at: datetime | None = None
    in_the_way: int = 0  # reservations in the window that is kept for it
    first_fit: datetime | None = None
    late: LateWaits = LateWaits()


def late_waits(minutes_of_served: list[int], ended: int) -> LateWaits:
    """The lower median, so that it is a time that somebody did wait."""
    waited = sorted(minutes_of_served)
    half = waited[(len(waited) - 1) // 2] if waited else None
    return LateWaits(ended, len(waited), half)


def estimate_to_wire(estimate: Estimate) -> dict[str, Any]:
    """Plain JSON; `estimate_from_wire` is its inverse, but for `at`, which has a column."""
    late = estimate.late
    return {
        "rests_on": estimate.rests_on.value,
        "in_the_way": estimate.in_the_way,
        "first_fit": estimate.first_fit.isoformat() if estimate.first_fit else None,
        "late": {"ended": late.ended, "served": late.served, "half_within_minutes": late.half_within_minutes},
    }


def estimate_from_wire(wire: Mapping[str, Any], *, at: datetime | None) -> Estimate | None:
    """None before the first look."""
    if not wire:
        return None
    first_fit = datetime.fromisoformat(wire["first_fit"]) if wire["first_fit"] else None
    return Estimate(Rests(wire["rests_on"]), at, wire["in_the_way"], first_fit, LateWaits(**wire["late"]))
