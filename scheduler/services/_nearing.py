"""A booking brings its project near a ceiling on hours: its people are told once, in the transaction that books."""

import math
from datetime import datetime

from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import Reservation
from scheduler.planning.admission import ceilings_near
from scheduler.planning.hours import HourSum, Period
from scheduler.planning.plan import Plan
from scheduler.planning.rules.base import whole
from scheduler.planning.rules.quota import CENTS, of_what, when
from scheduler.planning.snapshot import Snapshot
from scheduler.requests import Actor
from scheduler.states import ProjectRole


def tell_if_near(
    *,
    reservation: Reservation,
    plan: Plan,
    snapshot: Snapshot,
    by: Actor,
    now: datetime,
    charged_from: datetime | None = None,
) -> None:
    """`snapshot` is as it was before; `charged_from` is when the plan takes the place of what it had until then.

    Who booked is told, and the leads. What is booked ahead is near its ceiling by its nature, and not told.
    """
    found = ceilings_near(plan=plan, snapshot=snapshot, reservation=reservation.code, charged_from=charged_from)
    told = [one for one in found if one.period != Period.AHEAD]
    if not told:
        return
    leads = reservation.project.memberships.filter(role=ProjectRole.LEAD, user__is_active=True)
    whom = list(leads.order_by("user_id").values_list("user_id", flat=True))
    for one in told:
        journal.record(
            kind=JournalKind.QUOTA_NEAR,
            message=_sentence(one, snapshot, reservation.project.slug),
            by=by,
            now=now,
            reservation=reservation,
            facts=_facts(one),
            told=whom,
        )


def _sentence(one: HourSum, snapshot: Snapshot, project: str) -> str:
    classes = snapshot.topology.classes
    limit = one.limit
    what = of_what(limit.device_class, limit.kind, lambda code: classes[code].name if code in classes else code)
    return f"{project} comes to {_rounded(one.hours):,} of its {one.most:,} hours of {what} {when(one)}."


def _facts(one: HourSum) -> dict[str, object]:
    return {
        "device_class": one.limit.device_class,
        "kind": one.limit.kind,
        "period": one.period,
        "hours": _rounded(one.hours),
        "ceiling": one.most,
        "from": one.begins_at.isoformat(),
        "to": one.ends_at.isoformat(),
    }


def _rounded(hours: float) -> float:
    return whole(math.ceil(hours * CENTS) / CENTS)
