"""What a page shows beside a wish: whether it fits, and the next starts at which it would. Nothing is written."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler import limits
from scheduler.models import Reservation
from scheduler.parsing import Vocabulary, parse_request
from scheduler.planning.alternatives.changing import alternative, at_start
from scheduler.planning.sentences import in_utc
from scheduler.refusals import Alternative, Invalid
from scheduler.requests import ReservationRequest
from scheduler.services.check import CheckResult, check
from scheduler.services.slots import openings
from scheduler.slot_parsing import SlotsWish

_TIMES = frozenset({"starts_at", "ends_at", "duration_minutes", "hold_minutes"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """`openings` are later starts than the one asked for, each whole, so that it can be booked as it stands."""

    result: CheckResult
    openings: tuple[Alternative, ...]


def advise(*, request: ReservationRequest, now: datetime) -> Advice:
    return Advice(result=check(request=request, now=now), openings=next_openings(request=request, now=now))


def again(*, reservation: Reservation, vocabulary: Vocabulary, now: datetime) -> tuple[Alternative, ...]:
    """The next starts of what came to nothing, as long as it was; nothing where its mix can no longer be read."""
    length = reservation.ends_at - reservation.starts_at
    body = {name: value for name, value in reservation.request.items() if name not in _TIMES}
    body["duration_minutes"] = length // timedelta(minutes=1)
    try:
        request = parse_request(body, vocabulary=vocabulary, now=now)
    except Invalid:
        return ()
    return next_openings(request=request, now=now)


def next_openings(*, request: ReservationRequest, now: datetime) -> tuple[Alternative, ...]:
    """From the start asked for on; that start itself is not offered again, unless it is “now”."""
    not_before = now if request.window.is_now else request.window.starts_at
    wish = SlotsWish(request=request, not_before=not_before, not_after=None, limit=limits.OPENINGS_SHOWN_MAX + 1)
    found, _ = openings(wish=wish, now=now)
    starts = (plan.starts_at for plan in found.windows)
    moved = (at_start(request, at) for at in starts if request.window.is_now or at > request.window.starts_at)
    return tuple(
        alternative(kind="start", message=f"From {in_utc(one.window.starts_at)}.", asked=request, granted=one)
        for one in moved
    )[: limits.OPENINGS_SHOWN_MAX]
