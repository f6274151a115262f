"""Making room: what may be planned anew, and what was. Value types only; the search is `repack`'s. Pure."""

from dataclasses import dataclass

from scheduler.planning.plan import Plan
from scheduler.requests import ReservationRequest


@dataclass(frozen=True, slots=True)
class Movable:
    """A reservation that has not begun and is not pinned, with the request it was asked with and the plan it has."""

    reservation: str  # code
    request: ReservationRequest
    plan: Plan


@dataclass(frozen=True, slots=True)
class Move:
    """The plan a reservation is to have instead, in the same window."""

    reservation: str
    plan: Plan


@dataclass(frozen=True, slots=True)
class Repacked:
    """A plan for the request, and the moves without which it does not fit: all of them together, or none."""

    plan: Plan
    moves: tuple[Move, ...] = ()
