"""Another mix for a reservation: before it begins it is planned anew, in use it is changed without touching what stays.

What would come and go is said before anything is done, by the very search that does it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from fabric.topology import PoolTopology
from scheduler.models import Reservation
from scheduler.planning.plan import NodePlan, Plan, plan_from_wire
from scheduler.planning.pricing import booked_rates, price_of_plan, price_to_wire, watts
from scheduler.planning.recutting import Recut
from scheduler.planning.snapshot import Snapshot
from scheduler.refusals import Alternative, Refusal, Refused, WrongState
from scheduler.requests import Actor, ReservationRequest
from scheduler.resize_parsing import ResizeWish
from scheduler.services._moves import require_staying, require_version
from scheduler.services._resize_active import change_in_use, looked_at
from scheduler.services._resize_booked import BOOKED, plan_anew, planned
from scheduler.services._resize_consent import price_with
from scheduler.services._resize_wish import asked_for
from scheduler.services._standing import request_of
from scheduler.services._tries import with_tries
from scheduler.services.check import slow_bind_seconds
from scheduler.states import FINAL, Priority, ReservationState

RESIZABLE = BOOKED | {ReservationState.ACTIVE}
_R = ReservationState
_REMEDIES: Mapping[ReservationState, str] = {
    _R.WAITLISTED: "Cancel it and ask for the other mix.",
    _R.PENDING_APPROVAL: "Wait for the decision, or cancel it and book the other mix.",
    _R.COMPOSING: "Ask again once it is active, which takes some minutes.",
    _R.RELEASING: "It is on its way out; book the other mix anew.",
}
_OVER = "It is over; book the other mix anew."


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeChange:
    """What one node gets and gives up, by code of the device. `node` counts from 0."""

    node: int
    role: str
    host: str
    comes: tuple[str, ...] = ()
    goes: tuple[str, ...] = ()
    is_new: bool = False
    is_gone: bool = False
    was_role: str = ""  # where it is another one now
    needs_reboot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What another mix would come to; nothing is held. It can be done where nothing refuses.

    `usd` is the price in the end, and `seconds` about how long it takes, a reboot included; both of a plan there is.
    `classes` is by code of each device that is named.
    """

    is_same: bool = False
    nodes: tuple[NodeChange, ...] = ()
    kept: int = 0  # devices
    usd_before: Decimal = Decimal(0)
    usd: Decimal = Decimal(0)
    watts_before: int = 0
    watts: int = 0
    seconds: int = 0
    classes: Mapping[str, str] | None = None
    refusals: tuple[Refusal, ...] = ()
    alternatives: tuple[Alternative, ...] = ()


def preview(*, reservation: Reservation, wish: ResizeWish, now: datetime, by: Actor | None = None) -> Preview:
    """For `by`, who may be one to consent. Raises Invalid for a mix that cannot be read, and WrongState."""
    require_resizable(reservation=reservation, now=now)
    asked = asked_for(reservation=reservation, wish=wish)
    if _is_so(reservation, asked):
        return Preview(is_same=True, usd=_usd(reservation.price), usd_before=_usd(reservation.price))
    try:
        if reservation.state == _R.ACTIVE:
            found, standing = looked_at(reservation=reservation, asked=asked, by=by, now=now)
            return _in_use(reservation, found, standing.plan, standing.snapshot, now)
        plan, seen = planned(reservation=reservation, asked=asked, by=by, now=now)
    except Refused as refused:
        return Preview(
            refusals=refused.refusals,
            alternatives=refused.alternatives,
            usd_before=_usd(reservation.price),
            watts_before=reservation.watts,
        )
    terms = seen.terms(Priority(reservation.priority))
    cost = price_of_plan(plan=plan, topology=seen.topology, booked=booked_rates(reservation.price), terms=terms)
    price = price_to_wire(cost)
    return _previewed(reservation, plan_from_wire(reservation.plan), plan, price, seen.topology)


def resize(
    *, reservation: Reservation, wish: ResizeWish, by: Actor, now: datetime, expected_version: int | None = None
) -> Reservation:
    """Asking again for the mix it has, or is about to have, changes nothing.

    In use it is done when the work that is queued here is: first what comes, then what goes. Raises Invalid,
    WrongState, Stale, and Refused with all reasons; then everything is as it was.
    """

    def once() -> Reservation:
        reservation.refresh_from_db()
        if reservation.state in FINAL or reservation.state == _R.RELEASING:
            require_resizable(reservation=reservation, now=now)
        asked = asked_for(reservation=reservation, wish=wish)
        if _is_so(reservation, asked):
            return reservation
        require_version(reservation, expected_version)
        require_resizable(reservation=reservation, now=now)
        change = change_in_use if reservation.state == _R.ACTIVE else plan_anew
        return change(reservation=reservation, asked=asked, by=by, now=now)

    return with_tries(once)


def require_resizable(*, reservation: Reservation, now: datetime) -> None:
    """One whose window has closed is as good as releasing, even where nobody has begun with that yet."""
    require_staying(reservation, "resize")
    state = ReservationState(reservation.state)
    if state not in RESIZABLE:
        raise WrongState("resize", state, _REMEDIES.get(state, _OVER))
    if reservation.ends_at <= now:
        raise WrongState("resize", _R.RELEASING, _REMEDIES[_R.RELEASING])


def _is_so(reservation: Reservation, asked: ReservationRequest) -> bool:
    """The mix it has; where that is being changed, the one it is to have."""
    change = plan_from_wire(reservation.plan).change
    if change is not None and reservation.state == _R.ACTIVE:
        return bool(change.request == asked.wire)
    present = request_of(reservation=reservation)
    return present is not None and present.mix == asked.mix and not _has_stuck(reservation, asked)


def _has_stuck(reservation: Reservation, asked: ReservationRequest) -> bool:
    """Whether more is left on its nodes than the mix says, since a device did not let go when it was resized."""
    plan = plan_from_wire(reservation.plan)
    if reservation.state != _R.ACTIVE or len(plan.nodes) != asked.mix.node_count:
        return False
    groups = asked.mix.groups
    most = {at: sum(line.count for line in group.lines) for at, group in enumerate(groups)}
    is_plain = not any(line.profile or line.first_of for group in groups for line in group.lines)
    return is_plain and any(len(node.blocks) > most.get(node.group, 0) for node in plan.nodes)


def _in_use(reservation: Reservation, found: Recut, before: Plan, seen: Snapshot, now: datetime) -> Preview:
    price = price_with(reservation=reservation, before=before, after=found.after, seen=seen, now=now)
    return _previewed(reservation, before, found.after, price, seen.topology)


def _previewed(
    reservation: Reservation, before: Plan, after: Plan, price: Mapping[str, Any], topology: PoolTopology
) -> Preview:
    is_active = reservation.state == _R.ACTIVE
    nodes = _changes(before, after, topology, is_active=is_active)
    had = {code for node in before.nodes for code in node.blocks}
    has = {code for node in after.nodes for code in node.blocks}
    reboots = [topology.hosts[one.host].reboot_seconds for one in nodes if one.needs_reboot]
    is_wired = is_active and any(one.comes or one.goes or one.is_new or one.is_gone for one in nodes)
    return Preview(
        nodes=nodes,
        kept=len(had & has),
        usd_before=_usd(reservation.price),
        usd=_usd(price),
        watts_before=reservation.watts,
        watts=watts(plan=after, topology=topology),
        seconds=math.ceil(slow_bind_seconds(reservation.pool) + max(reboots, default=0)) if is_wired else 0,
        classes={code: topology.blocks[code].device_class for code in had | has if code in topology.blocks},
    )


def _changes(before: Plan, after: Plan, topology: PoolTopology, *, is_active: bool) -> tuple[NodeChange, ...]:
    """In use by number of the node; before it begins by host, since a node is nothing yet but a plan."""

    def key(node: NodePlan) -> object:
        return node.index if is_active else node.host

    old, new = {key(node): node for node in before.nodes}, {key(node): node for node in after.nodes}
    found = [_change(old.get(one), new.get(one), topology) for one in dict.fromkeys([*old, *new])]
    return tuple(one for one in found if one is not None)


def _change(old: NodePlan | None, new: NodePlan | None, topology: PoolTopology) -> NodeChange | None:
    """None where nothing of it changes."""
    node = new or old
    assert node is not None, "one of them is given"
    had, has = set(old.blocks if old else ()), set(new.blocks if new else ())
    was_role = old.role if old and new and old.role != new.role else ""
    if old and new and had == has and not was_role:
        return None
    return NodeChange(
        node=node.index,
        role=node.role,
        host=node.host,
        comes=tuple(sorted(has - had)),
        goes=tuple(sorted(had - has)),
        is_new=old is None,
        is_gone=new is None,
        was_role=was_role,
        needs_reboot=bool(has - had) and not topology.hosts[node.host].hot_add,
    )


def _usd(price: Mapping[str, Any]) -> Decimal:
    return Decimal(price["usd"])
