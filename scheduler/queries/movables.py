"""Reservations that may be planned anew to make room: not begun, not pinned, and in the way."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from scheduler.limits import REPACK_MOVABLE_MAX
from scheduler.models import Reservation
from scheduler.parsing import Vocabulary, parse_request
from scheduler.planning.plan import plan_from_wire
from scheduler.planning.repacking import Movable
from scheduler.queries.vocabulary import vocabulary
from scheduler.refusals import Invalid
from scheduler.requests import Window
from scheduler.states import UPCOMING, ReservationState

MOVABLE_STATES = sorted(UPCOMING - {ReservationState.WAITLISTED})  # these hold units, and no hardware yet


@dataclass(frozen=True, slots=True)
class Movables:
    """In the order in which they begin; `rows` by code are what has to be as it was when one is moved.

    `is_complete` says that nothing else hangs together with them in time.
    """

    movable: tuple[Movable, ...]
    rows: Mapping[str, Reservation]
    is_complete: bool = True


def movables(*, pool_code: str, begin: datetime, end: datetime, now: datetime) -> Movables:
    """Those whose padded window overlaps `[begin, end)`, and those that overlap these, and so on.

    Where there are too many, those that meet the span itself, the first of them.
    """
    hull, found = (begin, end), _meeting(pool_code, begin, end, now)
    while len(found) <= REPACK_MOVABLE_MAX:
        grown = (
            min([hull[0], *(one.busy_from for one in found)]),
            max([hull[1], *(one.busy_until for one in found)]),
        )
        if grown == hull:
            return _read(found, is_complete=True)
        hull, found = grown, _meeting(pool_code, *grown, now)
    return _read(_meeting(pool_code, begin, end, now)[:REPACK_MOVABLE_MAX], is_complete=False)


def _meeting(pool_code: str, begin: datetime, end: datetime, now: datetime) -> list[Reservation]:
    return list(
        Reservation.objects.filter(pool__code=pool_code, state__in=MOVABLE_STATES, is_pinned=False)
        .filter(busy_from__gt=now, busy_from__lt=end, busy_until__gt=begin)
        .select_related("project")
        .order_by("busy_from", "code")[: REPACK_MOVABLE_MAX + 1]
    )


def movable(*, rows: Iterable[Reservation]) -> dict[str, Movable]:
    """By code; who is left out has a request that can no longer be read. Needs the projects to be fetched."""
    words = vocabulary(user_id=0, sees_all=True)
    read = (_movable(row, words) for row in rows)
    return {one.reservation: one for one in read if one is not None}


def _read(found: Sequence[Reservation], *, is_complete: bool) -> Movables:
    rows = {one.code: one for one in found}
    words = vocabulary(user_id=0, sees_all=True) if rows else None
    read = (_movable(one, words) for one in rows.values() if words is not None)
    return Movables(tuple(one for one in read if one is not None), rows, is_complete)


def _movable(row: Reservation, words: Vocabulary) -> Movable | None:
    """None where its request can no longer be read, as when a class has left the catalogue: then it stays."""
    try:
        request = parse_request(row.request, vocabulary=words, now=row.created_at)
    except Invalid:
        return None
    window = Window(starts_at=row.starts_at, ends_at=row.ends_at)
    return Movable(row.code, replace(request, window=window), plan_from_wire(row.plan))
