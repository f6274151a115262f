"""Tell somebody once that a mix would fit: nothing is held, and nobody waits in line for it."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from fabric.models import Pool
from scheduler import journal, limits
from scheduler.inserting import insert
from scheduler.journal_kinds import JournalKind
from scheduler.marking import mark_committed
from scheduler.models import CapacityAlert, Project
from scheduler.parsing import parse_request
from scheduler.planning.earliest import earliest
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan
from scheduler.queries.snapshots import snapshot
from scheduler.queries.vocabulary import vocabulary
from scheduler.refusals import FieldError, Invalid
from scheduler.requests import SYSTEM, Actor, ReservationRequest
from scheduler.services._codes import new_code
from scheduler.slot_parsing import SlotsWish

LOOK_AGAIN = timedelta(minutes=1)
_log = logging.getLogger(__name__)


@transaction.atomic
def make_alert(*, wish: SlotsWish, by: Actor, now: datetime) -> CapacityAlert:
    """Raises Invalid without a last date, or where the person has as many as they may."""
    if wish.not_after is None:
        raise Invalid([FieldError("not_after", "required", "Say until when you want to hear of it.")])
    assert by.user_id is not None, "a person asks"
    mine = CapacityAlert.objects.filter(user_id=by.user_id, told_at__isnull=True, not_after__gt=now)
    if mine.count() >= limits.CAPACITY_ALERTS_PER_USER_MAX:
        message = f"You may wait for {limits.CAPACITY_ALERTS_PER_USER_MAX} alerts at once; remove one first."
        raise Invalid([FieldError("mix", "too_large", message)])
    alert = CapacityAlert(
        code=new_code("a"),
        user_id=by.user_id,
        project=Project.objects.get(slug=wish.request.project),
        pool=Pool.objects.get(code=wish.request.pool),
        request=dict(wish.request.wire),
        not_before=wish.not_before,
        not_after=wish.not_after,
        duration_minutes=wish.duration // timedelta(minutes=1),
        created_at=now,
    )
    insert(alert)
    mark_committed(by=by, reference=alert.code)
    return alert


def tell_of_capacity(*, now: datetime) -> int:
    """Look at those that were not told yet, longest unseen first; how many were told."""
    due = CapacityAlert.objects.filter(
        Q(looked_at__isnull=True) | Q(looked_at__lte=now - LOOK_AGAIN), told_at__isnull=True, not_after__gt=now
    ).select_related("project", "pool")
    told = 0
    for alert in due.order_by(F("looked_at").asc(nulls_first=True), "id")[: limits.ALERT_LOOKS_MAX]:
        try:
            told += _look(alert, now)
        except Exception:
            _log.exception("alert %s could not be looked at", alert.code)
        CapacityAlert.objects.filter(pk=alert.pk).update(looked_at=now)
    return told


def _look(alert: CapacityAlert, now: datetime) -> bool:
    request = _request(alert)
    plan = _first(request, alert, now) if request is not None else None
    return plan is not None and _tell(alert, plan, now)


def _request(alert: CapacityAlert) -> ReservationRequest | None:
    """None where the person may not ask for it any longer: they left the project, or a class is gone."""
    body = {**alert.request, "duration_minutes": alert.duration_minutes}
    try:
        return parse_request(body, vocabulary=vocabulary(user_id=alert.user_id), now=alert.created_at)
    except Invalid:
        return None


def _first(request: ReservationRequest, alert: CapacityAlert, now: datetime) -> Plan | None:
    seen = snapshot(pool_code=request.pool, project_slug=request.project, now=now, priority=request.priority)
    found = earliest(
        request=request,
        index=PoolIndex(seen),
        duration=timedelta(minutes=alert.duration_minutes),
        not_before=alert.not_before,
        not_after=alert.not_after,
        limit=1,
    )
    return found.windows[0] if found.windows else None


@transaction.atomic
def _tell(alert: CapacityAlert, plan: Plan, now: datetime) -> bool:
    """Once, whichever process looks."""
    if not CapacityAlert.objects.filter(pk=alert.pk, told_at__isnull=True).update(told_at=now):
        return False
    window = f"{plan.starts_at:%Y-%m-%d %H:%M} to {plan.ends_at:%Y-%m-%d %H:%M} UTC"
    journal.record(
        kind=JournalKind.CAPACITY_FREED,
        message=f"What you asked to hear of fits from {window}. Nothing is held for you.",
        by=SYSTEM,
        now=now,
        project=alert.project,
        pool=alert.pool,
        reference=alert.code,
        facts={"starts_at": plan.starts_at.isoformat(), "ends_at": plan.ends_at.isoformat()},
        told=[alert.user_id],
    )
    return True
