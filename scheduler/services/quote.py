"""Keep a plan with its price for some minutes, so that it can be taken by its code."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from scheduler import limits
from scheduler.inserting import insert
from scheduler.marking import mark_committed
from scheduler.models import Project, Quote
from scheduler.planning.plan import plan_from_wire, plan_to_wire
from scheduler.planning.pricing import price_to_wire
from scheduler.refusals import Alternative, FieldError, Invalid, Refused
from scheduler.requests import Actor, ReservationRequest
from scheduler.services._approvals import Question, question_of_held
from scheduler.services._codes import new_code
from scheduler.services.check import CheckResult, check

_GRACE = timedelta(seconds=limits.START_GRACE_SECONDS)


def quote(*, request: ReservationRequest, by: Actor, now: datetime) -> Quote:
    """Nothing is held: accepting it may still be refused. Raises Refused with all reasons.

    What fits only once others are moved, or give back, or give way, is not quoted, since their plans may change;
    booking it at once is offered.

    It expires with the grace of its start at the latest: exactly this plan would else charge for minutes that are over.
    """
    if request.waitlist is not None:
        raise Invalid([FieldError("waitlist", "invalid", "A quote is for one window; ask without the waitlist.")])
    result = check(request=request, now=now)
    if result.plan is None or result.moves or result.given_back or result.preempts:
        others = (*_with_room(request, result), *_over(request, result))
        raise Refused(result.refusals, (*others, *result.alternatives))
    made = Quote(
        code=new_code("q"),
        project=Project.objects.get(slug=request.project),
        pool=result.pool,
        created_by_id=by.user_id,
        request=dict(request.wire),
        plan=plan_to_wire(result.plan),
        price=price_to_wire(result.price),
        watts=result.watts,
        warm_up_seconds=result.warm_up_seconds,
        expires_at=min(now + timedelta(minutes=limits.QUOTE_MINUTES), result.plan.starts_at + _GRACE),
        created_at=now,
    )
    with transaction.atomic():
        insert(made)
        mark_committed(by=by, reference=made.code)
    return made


def _over(request: ReservationRequest, result: CheckResult) -> tuple[Alternative, ...]:
    if not result.preempts or result.plan is None:
        return ()
    who = "1 reservation of low priority gives" if result.preempts == 1 else f"{result.preempts} of low priority give"
    plan, body = result.plan, dict(request.wire)
    message = f"The same, booked at once: {who} way."
    return (Alternative("preempt", message, plan.starts_at, plan.ends_at, request=body),)


def consent_to(*, quote: Quote, priority: str, now: datetime) -> Question | None:
    """Who would be asked if it were accepted now; None: nobody."""
    return question_of_held(
        pool=quote.pool,
        plan=plan_from_wire(quote.plan),
        project=quote.project.slug,
        priority=priority,
        usd=Decimal(quote.price["usd"]),
        now=now,
    )


def _with_room(request: ReservationRequest, result: CheckResult) -> tuple[Alternative, ...]:
    moves, given = result.moves, result.given_back
    if moves:
        who = "1 reservation that has not begun is" if moves == 1 else f"{moves} reservations that have not begun are"
        what = f"{who} moved to other devices as good"
    elif given:
        who = "1 elastic reservation gives" if given == 1 else f"{given} elastic reservations give"
        what = f"{who} back nodes above the floor"
    else:
        return ()
    message = f"The same, booked at once: {what}."
    window = request.window
    return (Alternative("make_room", message, window.starts_at, window.ends_at, request=dict(request.wire)),)
