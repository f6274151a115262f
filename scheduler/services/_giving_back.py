"""Look for nodes above the floors of elastic bookings that could make room, and give them back for who needs them.

What has begun keeps them until the other's set-up begins: its rows end then, and `elastic.give_back_due` has them taken
apart in time. What has not begun leaves them out of its plan at once. Whoever it is for is not named.
"""

from collections import Counter
from dataclasses import replace
from datetime import datetime

from django.db.models import F

from scheduler import journal
from scheduler.elastic_parsing import elastic_from_wire
from scheduler.journal_kinds import JournalKind
from scheduler.models import Reservation
from scheduler.planning.attempts import plan_or_none
from scheduler.planning.elastic import Surplus, above_floor, given_back, needed_by
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan, plan_from_wire, plan_to_wire
from scheduler.planning.pricing import booked_rates, price_of_plan, price_to_wire, watts
from scheduler.planning.search import SearchLimit
from scheduler.planning.sentences import in_utc
from scheduler.planning.settlement import still_owing
from scheduler.planning.snapshot import Snapshot
from scheduler.planning.turnarounds import padded
from scheduler.requests import SYSTEM, ReservationRequest
from scheduler.services._commit import Admission, cut_nodes, take_footing
from scheduler.services._rechecking import GivenBack, against
from scheduler.services._tries import Overtaken
from scheduler.states import LIVE, Priority, ReservationState

STATES = (ReservationState.HELD, ReservationState.CONFIRMED, ReservationState.ACTIVE)


def with_surplus(
    *, request: ReservationRequest, seen: Snapshot, now: datetime
) -> tuple[Plan, tuple[GivenBack, ...]] | None:
    """A plan, and the fewest of these nodes that it takes; None where all of them together would not help."""
    begin, end = padded(request=request, index=PoolIndex(seen))
    rows = _rows(request.pool, begin, end)
    ones = [_surplus(row) for row in rows.values()]
    ones = [one for one in ones if one.nodes]
    if not ones:
        return None
    try:
        plan = plan_or_none(request=request, index=PoolIndex(given_back(seen=seen, ones=ones)))
    except SearchLimit:
        return None
    if plan is None:
        return None
    for some in (needed_by(plan=plan, seen=seen, ones=ones), tuple(ones)):
        found = tuple(GivenBack(rows[one.reservation], one) for one in some)
        if not against(plan=plan, seen=seen, request=request, given_back=found):
            return plan, found
    return None


def give_back(*, admission: Admission, now: datetime) -> None:
    """Before the units of the other are written. As they were seen, or none: raises Overtaken."""
    for one in admission.given_back:
        row, version = one.reservation, one.reservation.version
        row.refresh_from_db()
        if row.version != version or row.state not in STATES:
            raise Overtaken
        until = admission.plan.busy_from if one.surplus.is_begun else row.busy_from
        if not one.surplus.is_begun:
            _leave_out(row, one.surplus, admission.snapshot, now)
        footing = take_footing(pool=row.pool)
        cut_nodes(reservation=row, nodes=one.surplus.nodes, until=until, footing=footing)
        Reservation.objects.filter(pk=row.pk).update(version=F("version") + 1, updated_at=now)
        _tell(row, one.surplus, until, now)
        row.refresh_from_db()


def _rows(pool: str, begin: datetime, end: datetime) -> dict[str, Reservation]:
    """Those that nothing is being changed of, and that give way to nobody yet."""
    found = Reservation.objects.filter(pool__code=pool, state__in=STATES, preempt_at__isnull=True)
    found = found.filter(busy_from__lt=end, busy_until__gt=begin).exclude(elastic={})
    rows = found.select_related("pool", "project").order_by("busy_from", "code")
    return {row.code: row for row in rows if not row.plan.get("change")}


def _surplus(row: Reservation) -> Surplus:
    nodes = above_floor(nodes=plan_from_wire(row.plan).nodes, elastic=elastic_from_wire(row.elastic))
    return Surplus(reservation=row.code, nodes=nodes, is_begun=row.state in LIVE)


def _leave_out(row: Reservation, surplus: Surplus, seen: Snapshot, now: datetime) -> None:
    """Out of plan, request and price, at the rates it was booked at."""
    before = plan_from_wire(row.plan)
    plan = replace(before, nodes=tuple(node for node in before.nodes if node.index not in surplus.nodes))
    gone = Counter(node.group for node in before.nodes if node.index in surplus.nodes)
    mix = [{**group, "nodes": _nodes(group) - gone[at]} for at, group in enumerate(row.request["mix"])]
    terms = seen.terms(Priority(row.priority))
    cost = price_of_plan(plan=plan, topology=seen.topology, booked=booked_rates(row.price), terms=terms)
    Reservation.objects.filter(pk=row.pk).update(
        plan=plan_to_wire(plan),
        request={**row.request, "mix": mix},
        price=still_owing(price=price_to_wire(cost), before=row.price),
        watts=watts(plan=plan, topology=seen.topology),
    )


def _nodes(group: dict[str, object]) -> int:
    return int(str(group.get("nodes") or 1))


def _tell(row: Reservation, surplus: Surplus, until: datetime, now: datetime) -> None:
    roles = Counter(node["role"] for node in row.plan["nodes"] if node["index"] in surplus.nodes)
    what = ", ".join(f"{count} {role} node{'s'[: count != 1]}" for role, count in sorted(roles.items()))
    when = f"from {in_utc(until)} on" if surplus.is_begun else "before it begins"
    journal.record(
        kind=JournalKind.RESERVATION_SHRUNK,
        message=f"Gives back {what} above its floor {when}: another booking needs the devices. The floor stays.",
        by=SYSTEM,
        now=now,
        reservation=row,
        facts={"nodes": sorted(node + 1 for node in surplus.nodes), "until": until.isoformat()},
    )
