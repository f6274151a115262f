"""Ask for consent where a rule says so, and close what was asked; in the caller's transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from fabric.models import Pool
from fabric.topology import PoolTopology
from scheduler.inserting import insert
from scheduler.models import Approval, Membership, Project, Reservation
from scheduler.notice_topics import Channel
from scheduler.planning.approving import (
    Reason,
    Rule,
    Size,
    asked_anew,
    minutes_of,
    refusal_of,
    route_of,
    rules_that_apply,
    size_of,
)
from scheduler.planning.plan import Plan, plan_from_wire
from scheduler.planning.sentences import in_utc
from scheduler.queries.approvals import bookers_of, rules_of, who_decides
from scheduler.queries.boards import board
from scheduler.refusals import Refusal
from scheduler.requests import Actor, Permission, ReservationRequest
from scheduler.states import ProjectRole, ReservationState, Route, Verdict


@dataclass(frozen=True, slots=True)
class Question:
    """`because` are the rules that apply, each as a clause."""

    route: Route
    because: tuple[str, ...]
    expires_at: datetime

    @property
    def words(self) -> str:
        who = "an operator" if self.route == Route.OPERATOR else "a lead of the project"
        until = in_utc(self.expires_at)
        return f"Needs the consent of {who} until {until}: {'; '.join(self.because)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Belonging:
    """Whose a reservation is to be. `user_id` None: of a program or of a person who has left."""

    project: Project
    user_id: int | None


def question(*, pool_id: int, size: Size, ends_at: datetime, now: datetime) -> Question | None:
    """None where no rule applies. What nobody has decided when its window is over is not waited for any longer."""
    return _question(rules_that_apply(rules=rules_of(pool_id=pool_id), size=size), ends_at, now)


def question_of_plan(
    *, pool_id: int, plan: Plan, topology: PoolTopology, request: ReservationRequest, usd: Decimal, now: datetime
) -> Question | None:
    """The same of what is about to be booked."""
    size = size_of(plan=plan, topology=topology, project=request.project, priority=request.priority, usd=usd)
    return question(pool_id=pool_id, size=size, ends_at=plan.ends_at, now=now)


def question_about(*, reservation: Reservation, now: datetime) -> Question | None:
    """The same of what is held already."""
    return question_of_held(
        pool=reservation.pool,
        plan=_plan_of(reservation),
        project=reservation.project.slug,
        priority=reservation.priority,
        usd=Decimal(reservation.price["usd"]),
        now=now,
    )


def question_of_held(
    *, pool: Pool, plan: Plan, project: str, priority: str, usd: Decimal, now: datetime
) -> Question | None:
    """One query where the pool has no rules."""
    rules = rules_of(pool_id=pool.pk)
    if not rules:
        return None
    topology = board(pool_code=pool.code).inventory.shape.topology
    size = size_of(plan=plan, topology=topology, project=project, priority=priority, usd=usd)
    return _question(rules_that_apply(rules=rules, size=size), plan.ends_at, now)


def _question(reasons: Sequence[Reason], ends_at: datetime, now: datetime) -> Question | None:
    if not reasons:
        return None
    until = min(now + timedelta(minutes=minutes_of(reasons)), ends_at)
    return Question(route_of(reasons), tuple(reason.words for reason in reasons), until)


def ask(*, reservation: Reservation, question: Question, now: datetime) -> Collection[int]:
    """Write it down. Ids of those who are to be told of it: all who may decide."""
    asked = Approval(
        reservation=reservation,
        route=question.route,
        because=list(question.because),
        asked_at=now,
        expires_at=question.expires_at,
    )
    insert(asked)
    bookers = bookers_of(reservation=reservation)
    return who_decides(project_id=reservation.project_id, route=question.route, bookers=bookers, now=now)


def close(
    *,
    reservation: Reservation,
    verdict: Verdict,
    now: datetime,
    by: int | None = None,
    on_behalf_of: int | None = None,
    reason: str = "",
) -> None:
    """Of what is closed already nothing is changed."""
    Approval.objects.filter(reservation=reservation, verdict="").update(
        verdict=verdict, decided_at=now, decided_by_id=by, on_behalf_of_id=on_behalf_of, reason=reason
    )


def size_of_reservation(*, reservation: Reservation, topology: PoolTopology) -> Size:
    return size_of(
        plan=_plan_of(reservation),
        topology=topology,
        project=reservation.project.slug,
        priority=reservation.priority,
        usd=Decimal(reservation.price["usd"]),
    )


def against_change(
    *,
    reservation: Reservation,
    plan: Plan,
    usd: Decimal,
    topology: PoolTopology,
    by: Actor | None,
    field: str,
    to: Belonging | None = None,
    rules: Sequence[Rule] | None = None,
) -> tuple[Refusal, ...]:
    """NEEDS_APPROVAL where what it is to become would need consent that nobody has given.

    Who could give it, gives it by making the change; `by` None is nobody in particular. A hold is asked about when it
    is confirmed. `to` is whose it is to be, where that changes: then their project is asked. `rules` are the pool's,
    where they were read before.
    """
    if reservation.state == ReservationState.HELD:
        return ()
    rules = rules_of(pool_id=reservation.pool_id) if rules is None else rules
    if not rules:
        return ()
    before = size_of_reservation(reservation=reservation, topology=topology)
    slug = to.project.slug if to else before.project
    after = size_of(plan=plan, topology=topology, project=slug, priority=before.priority, usd=usd)
    reasons = asked_anew(rules=rules, before=before, after=after)
    if not reasons or (by is not None and _may_consent(reservation, to, reasons, by)):
        return ()
    return (refusal_of(reasons=reasons, field=field),)


def _plan_of(reservation: Reservation) -> Plan:
    """With the window it has now."""
    plan = plan_from_wire(reservation.plan)
    return replace(plan, starts_at=reservation.starts_at, ends_at=reservation.ends_at)


def _may_consent(reservation: Reservation, to: Belonging | None, reasons: Collection[Reason], by: Actor) -> bool:
    """Not to what is, was or is to be one's own booking, nor by a letter's link: nobody has signed in there."""
    owners = {*bookers_of(reservation=reservation), to.user_id if to else None}
    if by.user_id is None or by.user_id in owners or by.door == Channel.MAIL:
        return False
    if Permission.OPERATE_POOL in by.permissions:
        return True
    leads = Membership.objects.filter(
        project_id=to.project.pk if to else reservation.project_id,
        user_id=by.user_id,
        role=ProjectRole.LEAD,
        user__service_of__isnull=True,
    )
    return route_of(list(reasons)) == Route.LEAD and leads.exists()
