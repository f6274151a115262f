"""Many windows of one wish: planned one beside the other, then booked in the caller's one transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction

from scheduler import limits
from scheduler.models import Reservation, Series
from scheduler.planning.alternatives.cures import BY_MOVES
from scheduler.planning.attempts import attempt
from scheduler.planning.elastic import given_back
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan
from scheduler.planning.recurring import Counted, Pattern, Start, count_out, questions
from scheduler.planning.snapshot import Snapshot
from scheduler.planning.stays import stays_of_plan
from scheduler.planning.timeline import Committed, Timeline
from scheduler.queries import boards
from scheduler.queries.snapshots import snapshot
from scheduler.refusals import FieldError, Invalid, Refusal, RefusalCode, Refused
from scheduler.requests import Actor, ReservationRequest
from scheduler.series_parsing import SeriesWish, local_text
from scheduler.services._making_room import Room, find_room
from scheduler.services._tries import Overtaken
from scheduler.services.submit import Occurrence, take
from scheduler.states import Misfit, Priority

REFUSALS_TOLD_MAX = 50  # of one answer that refuses a whole series
MADE_ROOM_MAX = 10  # occurrences that do not fit as things stand and for which moving others is looked into
_OF_THE_PROJECT = frozenset(  # what only the sum of a series may exceed: planning anew does not help
    {RefusalCode.QUOTA_DEVICES, RefusalCode.QUOTA_HOURS, RefusalCode.BUDGET}
)


@dataclass(frozen=True, slots=True)
class Planned:
    start: Start
    request: ReservationRequest
    room: Room


@dataclass(frozen=True, slots=True)
class Unfit:
    start: Start
    refusals: tuple[Refusal, ...]


def look(*, wish: SeriesWish, now: datetime) -> Snapshot:
    """The pool as this wish sees it."""
    asked = wish.request
    return snapshot(pool_code=asked.pool, project_slug=asked.project, now=now, priority=asked.priority)


def starts_of(*, pattern: Pattern, horizon_days: int, now: datetime) -> Counted:
    """Every start; those of a rule without an end as far as the project may book.

    Raises Invalid where there are none or too many, and Refused with what has to be said of gaps and folds.
    """
    is_endless = pattern.rule.is_endless
    days = horizon_days if is_endless else 366 * limits.YEARS_AHEAD_MAX
    counted = count_out(pattern, latest=now + timedelta(days=days))
    if counted.is_too_many:
        raise Invalid([_bad_rule("too_large", f"A series has at most {limits.OCCURRENCES_MAX} occurrences.")])
    if counted.is_cut and not is_endless:
        raise Invalid([_bad_rule("too_large", f"It goes on for more than {limits.YEARS_AHEAD_MAX} years.")])
    if asked := questions(counted, zone=pattern.zone):
        raise Refused(asked)
    if not counted.starts:
        raise Invalid([_bad_rule("invalid", "The rule has no day from the first start on that may be booked.")])
    return counted


def plan_starts(
    *, wish: SeriesWish, starts: Sequence[Start], seen: Snapshot, now: datetime, without: Collection[str] = ()
) -> tuple[list[Planned], list[Unfit]]:
    """Each beside those before it. `without` are reservations that are given up in the same transaction."""
    timeline = PoolIndex(seen).without(without).timeline
    planned: list[Planned] = []
    unfit: list[Unfit] = []
    touched: set[str] = set()  # those moved, or that give back, for one of them
    for start in starts:
        request = wish.occurrence(start)
        around = replace(seen, commitments=Committed(timeline))
        try:
            room = _room(request, around, now, touched, may_look=len(unfit) < MADE_ROOM_MAX)
        except Refused as refused:
            unfit.append(Unfit(start, refused.refusals))
            continue
        touched |= _touched(room)
        if room.given_back:
            less = given_back(seen=around, ones=[one.surplus for one in room.given_back])
            timeline = PoolIndex(less).timeline
        _hold(timeline, room, request, name=f"occurrence {start.at.isoformat()}")
        planned.append(Planned(start, request, room))
    return planned, unfit


def require_all(*, wish: SeriesWish, planned: Sequence[Planned], unfit: Sequence[Unfit], kept: int = 0) -> None:
    """Raises Refused where all are wanted and one does not fit, and where none does."""
    if unfit and (wish.on_misfit == Misfit.REFUSE or not (planned or kept)):
        told = [_dated(one.start, refusal) for one in unfit for refusal in one.refusals]
        raise Refused(told[:REFUSALS_TOLD_MAX])


def book(
    *,
    series: Series,
    wish: SeriesWish,
    planned: Sequence[Planned],
    seen: Snapshot,
    by: Actor,
    now: datetime,
    kept: int = 0,
) -> tuple[list[Reservation], list[Unfit]]:
    """Inside the transaction. What the project's ceilings do not bear, since each adds to the next, is a misfit too.

    Raises Refused, and Overtaken where somebody was faster: plan again.
    """
    made: list[Reservation] = []
    unfit: list[Unfit] = []
    with boards.carried(pool_code=wish.request.pool):
        for one in planned:
            try:
                with transaction.atomic():
                    made.append(_take(one, series, seen, by, now))
            except Refused as refused:
                if not {refusal.code for refusal in refused.refusals} & _OF_THE_PROJECT:
                    raise Overtaken from refused
                unfit.append(Unfit(one.start, refused.refusals))
    require_all(wish=wish, planned=planned[: len(made)], unfit=unfit, kept=kept)
    return made, unfit


def misfits_to_wire(unfit: Sequence[Unfit]) -> list[dict[str, object]]:
    ordered = sorted(unfit, key=lambda one: one.start.at)
    return [
        {
            "local": local_text(one.start.local),
            "at": one.start.at.isoformat(),
            "refusals": [{"code": str(r.code), "field": r.field, "message": r.message} for r in one.refusals],
        }
        for one in ordered
    ]


def _take(one: Planned, series: Series, seen: Snapshot, by: Actor, now: datetime) -> Reservation:
    occurrence = Occurrence(series, one.start.at)
    return take(request=one.request, seen=seen, room=one.room, by=by, now=now, occurrence=occurrence, may_replan=False)


def _room(request: ReservationRequest, seen: Snapshot, now: datetime, touched: set[str], *, may_look: bool) -> Room:
    """As things stand; else with what others make way with, as long as nobody does so twice: each is written as it was
    seen. Raises Refused.
    """
    outcome = attempt(request=request, index=PoolIndex(seen))
    if isinstance(outcome, Plan):
        return Room(plan=outcome)
    if not may_look or not {one.code for one in outcome} <= BY_MOVES:
        raise Refused(outcome)
    room = find_room(request=request, seen=seen, now=now)
    if touched & _touched(room):
        raise Refused(outcome)
    return room


def _touched(room: Room) -> set[str]:
    rows = [one.reservation for one in room.moved] + [one.reservation for one in room.given_back]
    return {row.code for row in rows}


def _hold(timeline: Timeline, room: Room, request: ReservationRequest, *, name: str) -> None:
    for one in room.moved:
        timeline.remove_reservation(one.reservation.code)
        code, priority = one.reservation.code, Priority(one.reservation.priority)
        moved = stays_of_plan(timeline.shape, one.plan, reservation=code, project=one.project, priority=priority)
        timeline.add_stays(moved)
    held = stays_of_plan(
        timeline.shape, room.plan, reservation=name, project=request.project, priority=request.priority
    )
    timeline.add_stays(held)


def _dated(start: Start, refusal: Refusal) -> Refusal:
    return replace(refusal, message=f"{start.local:%Y-%m-%d %H:%M}: {refusal.message}", suggestions=())


def _bad_rule(code: str, message: str) -> FieldError:
    return FieldError("rule", code, message)
