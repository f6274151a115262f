"""Look for reservations of low priority that could give way to a request, and say plainly what that would mean.

Nobody is preempted who is not asked for: a request that does not fit beside the others is refused with an offer, and
whoever takes the offer books with `preempt` set.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduler.models import Reservation
from scheduler.planning.alternatives.changing import alternative, at_start
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan
from scheduler.planning.preempting import Preemptible, openings, plan_over
from scheduler.planning.snapshot import Snapshot
from scheduler.planning.turnarounds import padded
from scheduler.queries.preemptible import preemptible
from scheduler.refusals import Alternative, Refusal, RefusalCode
from scheduler.requests import ReservationRequest, Window
from scheduler.services._rechecking import Preempted
from scheduler.states import LIVE, Priority

Later = Callable[[ReservationRequest, Snapshot, list[datetime]], Iterator[ReservationRequest]]
KIND = "preempt"  # of the alternative
_LATER = timedelta(hours=4)  # after a start that is too near, in which devices of what has begun may come free
_TIME_TO_AGREE = timedelta(minutes=5)  # an offer holds for so long at least

NOT_AT_ONCE = Refusal(
    code=RefusalCode.NEEDS_APPROVAL,
    field="preempt",
    message=(
        "It fits only if reservations of low priority give way. For a booking that somebody must approve first, nobody"
        " gives way: ask for a window in which it fits beside them."
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """A plan for the request in its window, which may begin later than asked, and who gives way to it."""

    request: ReservationRequest
    plan: Plan
    victims: tuple[Preempted, ...]


def preempt_at(*, seen: Snapshot, now: datetime) -> datetime:
    """When those that have begun are taken apart, if they are told now."""
    return now + timedelta(minutes=seen.topology.policy.preemption_notice_minutes)


def as_asked(*, request: ReservationRequest, seen: Snapshot, now: datetime) -> Over | None:
    """For who agreed: in the window that was asked for; a start “now” comes as soon as those that give way are gone."""
    if not request.preempt or request.hold_minutes:
        return None
    starts = _soonest if request.window.is_now else _none
    return _over(request, seen, now, later=starts)


def offer(*, request: ReservationRequest, seen: Snapshot, now: datetime) -> tuple[Alternative, ...]:
    """The same in the place of others, or as soon after as may be; empty if that would not help."""
    wished = replace(request, hold_minutes=None)
    found = _over(wished, seen, now, later=_soonest if request.window.is_now else _on_the_grid)
    if found is None:
        return ()
    is_shifted = found.request.window != request.window and not request.window.is_now
    granted = found.request if is_shifted else request
    message = f"The same, {words(victims=found.victims, project=request.project, seen=seen)}"
    made = alternative(kind=KIND, message=message, asked=request, granted=granted)
    body = {name: value for name, value in made.request.items() if name != "hold_minutes"}
    window = found.request.window
    return (replace(made, starts_at=window.starts_at, ends_at=window.ends_at, request={**body, "preempt": True}),)


def _over(request: ReservationRequest, seen: Snapshot, now: datetime, *, later: Later) -> Over | None:
    if request.priority is Priority.LOW:
        return None
    at = preempt_at(seen=seen, now=now)
    begin, end = padded(request=request, index=PoolIndex(seen))
    is_near = begin < at + _LATER
    rows = {row.code: row for row in preemptible(pool_code=request.pool, begin=begin, end=end + _LATER * is_near)}
    low = [Preemptible(reservation=row.code, begins_at=row.busy_from, is_begun=_is_begun(row)) for row in rows.values()]
    if not low:
        return None
    freed = [moment for moment in openings(seen=seen, low=low, preempt_at=at) if moment > begin] if is_near else []
    for wished in (request, *later(request, seen, freed)):
        made = plan_over(request=wished, seen=seen, low=low, preempt_at=at)
        if made is not None and made.victims:
            victims = (Preempted(rows[one.reservation], one.is_begun, at) for one in made.victims)
            return Over(request=wished, plan=made.plan, victims=tuple(victims))
    return None


def _is_begun(row: Reservation) -> bool:
    return row.state in LIVE


def _none(request: ReservationRequest, seen: Snapshot, freed: list[datetime]) -> Iterator[ReservationRequest]:
    return iter(())


def _soonest(request: ReservationRequest, seen: Snapshot, freed: list[datetime]) -> Iterator[ReservationRequest]:
    """With its set-up right after the clean-up of those that give way; an end that was named stays."""
    window, set_up = request.window, timedelta(minutes=seen.topology.policy.setup_minutes)
    is_end_named = request.wire.get("ends_at") is not None
    for moment in freed:
        starts_at = moment + set_up
        ends_at = window.ends_at if is_end_named else starts_at + (window.ends_at - window.starts_at)
        if starts_at < ends_at:
            yield replace(request, window=Window(starts_at, ends_at, is_now=window.is_now))


def _on_the_grid(request: ReservationRequest, seen: Snapshot, freed: list[datetime]) -> Iterator[ReservationRequest]:
    """At a quarter of an hour or what else the pool's calendar counts in, with some minutes left to agree."""
    policy = seen.topology.policy
    slot = timedelta(minutes=policy.slot_minutes)
    for moment in freed:
        soonest = moment + timedelta(minutes=policy.setup_minutes) + _TIME_TO_AGREE
        yield at_start(request, soonest + (datetime.min.replace(tzinfo=soonest.tzinfo) - soonest) % slot)


def words(*, victims: Sequence[Preempted], project: str, seen: Snapshot) -> str:
    """Who gives way. Only those of the asker's own project are named: of others one may not know."""
    codes = [one.reservation.code for one in victims if one.reservation.project.slug == project]
    number, others = len(victims), len(victims) - len(codes)
    who = " and ".join([", ".join(codes)] * bool(codes) + [f"{others} of other projects"] * bool(others))
    what = "a reservation of low priority gives" if number == 1 else f"{number} reservations of low priority give"
    notice = seen.topology.policy.preemption_notice_minutes
    told = f" What is in use ends {notice} minutes after it is told." if any(one.is_begun for one in victims) else ""
    return f"if {what} way: {who}.{told}"
