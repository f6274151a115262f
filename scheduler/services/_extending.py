"""What a reservation holds as it is to be held longer, and who holds some of it after that."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from scheduler.models import Allocation, Reservation
from scheduler.planning.plan import NodePlan, Plan, Setting
from scheduler.planning.sentences import in_utc
from scheduler.planning.shortening import clean_up
from scheduler.queries.giving_back import given_back_from
from scheduler.queries.holders import NextHolder, next_holder
from scheduler.refusals import Refusal, RefusalCode
from scheduler.services._maintaining import named, plan_as_held

Row = tuple[int, str | None, int | None, Mapping[str, str]]  # node, block or None for its host, watts, planes


def held_plan(reservation: Reservation) -> Plan:
    """Its plan, with all it holds while a node is being changed: old and new are its own until that is done.

    A node that is promised to another before its end is not among them.
    """
    plan, cut = plan_as_held(reservation), given_back_from(reservation=reservation)
    plan = replace(plan, nodes=tuple(node for node in plan.nodes if node.index not in cut))
    held = Allocation.objects.filter(reservation=reservation, is_holding=True).exclude(node__in=cut)
    held = held.order_by("node", "block__code")
    rows = list(held.values_list("node", "block__code", "watts", "planes"))
    planned = {(node.index, code) for node in plan.nodes for code in node.blocks}
    if planned == {(node, code) for node, code, *_ in rows if code}:
        return plan
    return replace(plan, nodes=tuple(_with_all(node, rows) for node in plan.nodes))


def _with_all(node: NodePlan, rows: Sequence[Row]) -> NodePlan:
    mine = {code: watts for index, code, watts, _ in rows if index == node.index and code}
    settings = {code: Setting(power_cap_w=watts) for code, watts in mine.items() if watts} | dict(node.settings)
    planes = next((planes for index, code, _, planes in rows if index == node.index and not code), node.planes)
    return replace(node, blocks=tuple(sorted(mine)), settings=settings, planes=planes)


def with_holders(
    refusals: Sequence[Refusal],
    *,
    reservation: Reservation,
    units: Collection[str],
    ends_at: datetime,
    sees: Collection[int] | None,
) -> tuple[Refusal, ...]:
    """Who has it next is said where that is a reason: by name to whoever may see it, and since when to everybody."""
    if not units:
        return tuple(refusals)
    plan = plan_as_held(reservation)
    end = ends_at + clean_up(plan)
    found = next_holder(pool_id=reservation.pool_id, units=units, but=reservation.code, begin=plan.busy_until, end=end)
    if found is None:
        return tuple(refusals)
    who = _who(found, reservation, sees)
    since = f"from {in_utc(found.begins_at)} on"
    held = {RefusalCode.DEVICE_BUSY: found.blocks, RefusalCode.NO_FREE_HOST: found.hosts}
    return tuple(
        replace(refusal, message=f"{refusal.message} {who} has {named(held[refusal.code])} {since}.")
        if held.get(refusal.code)
        else refusal
        for refusal in refusals
    )


def _who(found: NextHolder, reservation: Reservation, sees: Collection[int] | None) -> str:
    if found.maintenance is not None:
        return f"Maintenance {found.maintenance}"
    is_known = sees is None or found.project_id in {*sees, reservation.project_id}
    return f"{found.reservation} of {found.project}" if is_known else "A reservation of another project"
