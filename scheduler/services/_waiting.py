"""The rows of one that waits: a reservation that holds nothing, and its place on the waitlist."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fabric.models import Pool
from scheduler import journal, limits
from scheduler.elastic_parsing import elastic_to_wire
from scheduler.inserting import insert
from scheduler.journal_kinds import JournalKind
from scheduler.models import IdempotencyKey, Project, Reservation, WaitlistEntry
from scheduler.planning.plan import Plan, plan_to_wire
from scheduler.planning.pricing import price_of_mix, price_to_wire
from scheduler.planning.sentences import in_utc
from scheduler.planning.snapshot import Snapshot
from scheduler.refusals import FieldError, Invalid
from scheduler.requests import Actor, ReservationRequest, WaitWish, Window
from scheduler.services._codes import new_code
from scheduler.states import ReservationState

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standby:
    """What is known of a place beside the request: whose it is, since when, and whether it is at the front."""

    user_id: int | None
    queued_at: datetime
    is_front: bool = False
    key: IdempotencyKey | None = None
    copied_from: Reservation | None = None
    former_bookers: Sequence[int] = ()


def write_wait(
    *, request: ReservationRequest, wish: WaitWish, standby: Standby, seen: Snapshot, by: Actor, now: datetime
) -> Reservation:
    """Inside the caller's transaction. It is shown with its dates as its window, and has no node until its turn."""
    made = _reservation(request, wish, standby, seen, now)
    insert(made)
    entry = WaitlistEntry(
        reservation=made,
        not_before=wish.not_before,
        not_after=wish.not_after,
        duration_minutes=wish.duration // MINUTE,
        is_auto_accepted=wish.auto_accept,
        accept_minutes=wish.accept_minutes,
        queued_at=standby.queued_at,
        is_front=standby.is_front,
    )
    insert(entry)
    message = f"Waits for {_length(wish.duration)} between {in_utc(wish.not_before)} and {in_utc(wish.not_after)}."
    journal.record(kind=JournalKind.RESERVATION_WAITLISTED, message=message, by=by, now=now, reservation=made)
    return made


def require_room(*, project_slug: str) -> None:
    """Raises Invalid where the project waits for as much as it may."""
    waiting = Reservation.objects.filter(project__slug=project_slug, state=ReservationState.WAITLISTED).count()
    if waiting >= limits.WAITING_PER_PROJECT_MAX:
        message = f"A project may wait for {limits.WAITING_PER_PROJECT_MAX} at once; cancel one first."
        raise Invalid([FieldError("waitlist", "too_large", message)])


def give_up_at(*, wish: WaitWish, seen: Snapshot) -> datetime:
    """From then on no start is early enough: set-up and lead would not be over."""
    policy = seen.topology.policy
    return wish.not_after - wish.duration - max(policy.setup_minutes, policy.min_lead_minutes) * MINUTE


def _reservation(
    request: ReservationRequest, wish: WaitWish, standby: Standby, seen: Snapshot, now: datetime
) -> Reservation:
    window = Window(wish.not_before, wish.not_before + wish.duration)
    terms = seen.terms(request.priority)
    cost = price_of_mix(mix=request.mix, topology=seen.topology, window=window, terms=terms)
    times = (wish.not_before, wish.not_after, wish.not_before, wish.not_after)
    return Reservation(
        code=new_code("r"),
        project=Project.objects.get(slug=request.project),
        pool=Pool.objects.get(code=request.pool),
        created_by_id=standby.user_id,
        former_bookers=list(standby.former_bookers),
        title=request.title,
        request=dict(request.wire),
        plan=plan_to_wire(Plan(request.pool, seen.generation, *times, nodes=())),
        price=price_to_wire(cost),
        starts_at=wish.not_before,
        ends_at=wish.not_after,
        busy_from=wish.not_before,
        busy_until=wish.not_after,
        is_pinned=request.pinned,
        elastic=elastic_to_wire(request.elastic),
        priority=request.priority,
        state=ReservationState.WAITLISTED,
        next_due_at=max(now, give_up_at(wish=wish, seen=seen)),
        copied_from=standby.copied_from,
        idempotency_key=standby.key,
        created_at=now,
        updated_at=now,
    )


def body_with_times(body: dict[str, Any], plan: Plan) -> dict[str, Any]:
    """The same, asked for in the window it got."""
    kept = {name: value for name, value in body.items() if name not in ("waitlist", "duration_minutes")}
    return {**kept, "starts_at": plan.starts_at.isoformat(), "ends_at": plan.ends_at.isoformat()}


def _length(duration: timedelta) -> str:
    hours, minutes = divmod(duration // MINUTE, 60)
    return " ".join([f"{hours:,} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes))
