"""Book: plan outside the transaction, commit under the pool's lock, or refuse with every reason."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction

from scheduler import fetching, journal, nudge
from scheduler.elastic_parsing import elastic_to_wire
from scheduler.inserting import insert
from scheduler.journal_kinds import JournalKind
from scheduler.models import IdempotencyKey, Reservation, Series
from scheduler.planning.admission import is_beyond_quota
from scheduler.planning.admitting import end_state
from scheduler.planning.auto_extending import beyond_policy
from scheduler.planning.plan import Plan, plan_to_wire
from scheduler.planning.pricing import Price, price_of_plan, price_to_wire, watts
from scheduler.planning.snapshot import Snapshot
from scheduler.queries.snapshots import snapshot
from scheduler.refusals import Refused
from scheduler.requests import Actor, ReservationRequest
from scheduler.services._approvals import Question, ask, question_of_plan
from scheduler.services._codes import new_code
from scheduler.services._commit import Admission, admit, write_allocations
from scheduler.services._giving_back import give_back
from scheduler.services._giving_way import give_way
from scheduler.services._making_room import Room, find_room, move_plans
from scheduler.services._nearing import tell_if_near
from scheduler.services._tries import with_tries
from scheduler.services.wait import wait
from scheduler.states import ReservationState

_MADE = "SELECT id FROM scheduler_reservation WHERE idempotency_key_id = %s"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Of which series it is one, and where that put it."""

    series: Series
    at: datetime


def submit(
    *,
    request: ReservationRequest,
    by: Actor,
    now: datetime,
    key: IdempotencyKey | None = None,
    copied_from: Reservation | None = None,
) -> Reservation:
    """Confirmed, held when `hold_minutes` was given, or pending where a rule asks for consent. Raises Refused.

    The same `key` gives the same reservation.
    """
    if key is not None and (found := fetching.rows(_MADE, [key.pk])):
        return Reservation.objects.get(pk=found[0][0])
    if request.waitlist is not None:
        return wait(request=request, wish=request.waitlist, by=by, now=now, key=key, copied_from=copied_from)

    def once() -> Reservation:
        seen = snapshot(pool_code=request.pool, project_slug=request.project, now=now, priority=request.priority)
        room = find_room(request=request, seen=seen, now=now)
        with transaction.atomic():
            return take(request=request, seen=seen, room=room, by=by, now=now, key=key, copied_from=copied_from)

    return with_tries(once)


def take(
    *,
    request: ReservationRequest,
    seen: Snapshot,
    room: Room,
    by: Actor,
    now: datetime,
    key: IdempotencyKey | None = None,
    copied_from: Reservation | None = None,
    occurrence: Occurrence | None = None,
    may_replan: bool = True,
) -> Reservation:
    """Book what was planned from `seen`, inside the caller's transaction, which may book several. Raises Refused, and
    Overtaken where the caller has to plan again.
    """
    admission = admit(
        request=request,
        plan=room.plan,
        now=now,
        may_replan=may_replan,
        planned_under=seen.quota,
        moved=room.moved,
        preempted=room.preempted,
        given_back=room.given_back,
    )
    return store(
        request=request,
        admission=admission,
        by=by,
        now=now,
        key=key,
        copied_from=copied_from,
        occurrence=occurrence,
    )


def store(
    *,
    request: ReservationRequest,
    admission: Admission,
    by: Actor,
    now: datetime,
    key: IdempotencyKey | None = None,
    copied_from: Reservation | None = None,
    occurrence: Occurrence | None = None,
) -> Reservation:
    """Write what was admitted, inside the transaction that admitted it. Raises Refused where it is to extend itself
    beyond what the pool allows.
    """
    until = request.auto_extend_until
    if until and (over := beyond_policy(plan=admission.plan, snapshot=admission.snapshot, until=until)):
        raise Refused([replace(one, field="auto_extend_until") for one in over])
    move_plans(admission=admission, now=now)
    cost = price_of_plan(
        plan=admission.plan,
        topology=admission.snapshot.topology,
        terms=admission.snapshot.terms(request.priority),
    )
    consent = None if request.hold_minutes else _consent(request, admission, cost, now)
    reservation = _create(request, admission, cost, consent, by, now, key, copied_from, occurrence)
    give_way(admission=admission, to=reservation, now=now)
    give_back(admission=admission, now=now)
    write_allocations(reservation=reservation, request=request, admission=admission)
    told = ask(reservation=reservation, question=consent, now=now) if consent else ()
    kind = JournalKind(f"reservation.{reservation.state}")
    message = _sentence(reservation, admission.plan, consent)
    journal.record(kind=kind, message=message, by=by, now=now, reservation=reservation, told=told)
    tell_if_near(reservation=reservation, plan=admission.plan, snapshot=admission.snapshot, by=by, now=now)
    if reservation.next_due_at is not None and reservation.next_due_at <= now:
        nudge.hint_advance()
    return reservation


def _consent(request: ReservationRequest, admission: Admission, cost: Price, now: datetime) -> Question | None:
    return question_of_plan(
        pool_id=admission.pool_id,
        plan=admission.plan,
        topology=admission.snapshot.topology,
        request=request,
        usd=cost.usd,
        now=now,
    )


def _create(
    request: ReservationRequest,
    admission: Admission,
    cost: Price,
    consent: Question | None,
    by: Actor,
    now: datetime,
    key: IdempotencyKey | None,
    copied_from: Reservation | None,
    occurrence: Occurrence | None,
) -> Reservation:
    plan, shape = admission.plan, admission.snapshot.topology
    hold_expires_at = now + timedelta(minutes=request.hold_minutes) if request.hold_minutes else None
    made = Reservation(
        code=new_code("r"),
        project_id=admission.project_id,
        pool_id=admission.pool_id,
        created_by_id=by.user_id,
        title=request.title,
        request=dict(request.wire),
        plan=plan_to_wire(plan),
        price=price_to_wire(cost),
        watts=watts(plan=plan, topology=shape),
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        busy_from=plan.busy_from,
        busy_until=plan.busy_until,
        is_now=request.window.is_now,
        is_pinned=request.pinned,
        elastic=elastic_to_wire(request.elastic),
        auto_extend_until=request.auto_extend_until,
        priority=request.priority,
        is_beyond_quota=is_beyond_quota(plan=plan, snapshot=admission.snapshot),
        state=end_state(request=request, needs_approval=consent is not None),
        hold_expires_at=hold_expires_at,
        next_due_at=hold_expires_at or (consent.expires_at if consent else plan.busy_from),
        copied_from=copied_from,
        series=occurrence.series if occurrence else None,
        occurrence_at=occurrence.at if occurrence else None,
        idempotency_key=key,
        created_at=now,
        updated_at=now,
    )
    insert(made)
    return made


def _sentence(reservation: Reservation, plan: Plan, consent: Question | None) -> str:
    if consent is not None:
        return consent.words
    blocks = sum(len(node.blocks) for node in plan.nodes)
    verb = "Held" if reservation.state == ReservationState.HELD else "Confirmed"
    return f"{verb}: {blocks} block{'s'[: blocks != 1]} on {', '.join(node.host for node in plan.nodes)}."
