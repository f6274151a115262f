"""Write another plan on a reservation that has not begun, and tell its people what is different."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import F

from fabric.topology import PoolTopology
from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import Reservation
from scheduler.planning.plan import NodePlan, Plan, plan_from_wire, plan_to_wire
from scheduler.planning.pricing import booked_rates, price_of_plan, price_to_wire, watts
from scheduler.planning.rates import RateCard, Terms
from scheduler.planning.settlement import still_owing
from scheduler.queries.movables import MOVABLE_STATES
from scheduler.requests import Actor
from scheduler.services._rechecking import Moved
from scheduler.services._tries import Overtaken
from scheduler.states import Priority

Words = Callable[[str], str]  # the sentence, given which nodes changed and how


def write_plan(
    one: Moved,
    *,
    topology: PoolTopology,
    rates: RateCard,
    words: Words,
    by: Actor,
    now: datetime,
    **unchanged: Any,
) -> None:
    """As it was seen, or not at all: raises Overtaken if it has begun, changed or ended, or is not as `unchanged` says.

    The price stays that of the day it was booked, unless it gets devices of other classes: these cost what the pool's
    `rates` say today.
    """
    row = one.reservation
    assert (row.busy_from, row.busy_until) == (one.plan.busy_from, one.plan.busy_until), "a move keeps the window"
    terms = Terms(rates, Priority(row.priority), now)
    price = price_to_wire(price_of_plan(plan=one.plan, topology=topology, booked=booked_rates(row.price), terms=terms))
    is_priced_anew = price["devices"] != row.price.get("devices")
    changed = Reservation.objects.filter(pk=row.pk, version=row.version, state__in=MOVABLE_STATES, **unchanged).update(
        plan=plan_to_wire(one.plan),
        watts=watts(plan=one.plan, topology=topology),
        price=still_owing(price=price, before=row.price) if is_priced_anew else row.price,
        version=F("version") + 1,
        updated_at=now,
    )
    if not changed:
        raise Overtaken
    changes = _changes(plan_from_wire(row.plan), one.plan)
    facts: dict[str, Any] = {"nodes": changes}
    if is_priced_anew:
        facts |= {"usd_before": row.price.get("usd"), "usd": price["usd"]}
    journal.record(
        kind=JournalKind.RESERVATION_MOVED,
        message=words("; ".join(_in_words(change) for change in changes)),
        by=by,
        now=now,
        reservation=row,
        facts=facts,
    )


def _changes(before: Plan, after: Plan) -> list[dict[str, object]]:
    """Nodes that are not as they were."""
    pairs = zip(before.nodes, after.nodes, strict=True)
    return [_change(old, new) for old, new in pairs if (old.host, old.blocks) != (new.host, new.blocks)]


def _change(old: NodePlan, new: NodePlan) -> dict[str, object]:
    return {
        "node": new.index + 1,
        "host_before": old.host,
        "host": new.host,
        "blocks_before": list(old.blocks),
        "blocks": list(new.blocks),
        "blocks_changed": len(set(old.blocks) - set(new.blocks)),
    }


def _in_words(change: dict[str, object]) -> str:
    before, after, blocks = change["host_before"], change["host"], change["blocks_changed"]
    where = f"from {before} to {after}" if before != after else f"stays on {after}"
    return f"node {change['node']} {where}, {blocks} block{'' if blocks == 1 else 's'} changed"
