"""What another mix would cost, and whether somebody would have to consent to it first."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from scheduler.models import Reservation
from scheduler.planning.charging import charged_by_class, rest_of
from scheduler.planning.plan import Plan
from scheduler.planning.snapshot import Snapshot
from scheduler.refusals import Refused
from scheduler.requests import Actor
from scheduler.services._approvals import against_change
from scheduler.states import Priority

FIELD = "mix"


def price_with(
    *, reservation: Reservation, before: Plan, after: Plan, seen: Snapshot, now: datetime
) -> Mapping[str, Any]:
    """What comes is charged from when it is there, and what goes until it is gone: about now, both."""
    topology = seen.topology
    devices = dict.fromkeys(topology.classes, 0)
    for plan, sign in ((before, -1), (after, 1)):
        for code in (code for node in plan.nodes for code in node.blocks):
            devices[topology.blocks[code].device_class] += sign
    return charged_by_class(
        price=reservation.price,
        devices=devices,
        window=rest_of(reservation.starts_at, reservation.ends_at, now=now),
        classes=topology.classes,
        terms=seen.terms(Priority(reservation.priority)),
    )


def require_consent(
    *, reservation: Reservation, before: Plan, after: Plan, seen: Snapshot, by: Actor | None, now: datetime
) -> None:
    """Raises Refused (NEEDS_APPROVAL) where a rule asks for somebody's consent and `by` cannot give it."""
    price = price_with(reservation=reservation, before=before, after=after, seen=seen, now=now)
    refusals = against_change(
        reservation=reservation,
        plan=after,
        usd=Decimal(price["usd"]),
        topology=seen.topology,
        by=by,
        field=FIELD,
    )
    if refusals:
        raise Refused(refusals)
