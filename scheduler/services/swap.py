"""A device of a booking in use has failed: offer an equal free one, and swap it when somebody asks. Never silently."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import Reservation
from scheduler.planning.plan import Setting, plan_from_wire
from scheduler.planning.replacing import Replaced, Standing, filled, node_of, replaced
from scheduler.queries.boards import board
from scheduler.refusals import FieldError, Invalid, Refusal, RefusalCode, Refused, WrongState
from scheduler.requests import Actor
from scheduler.services._changing import begin_change, can_change, is_being_resized, node_in_use, open_change
from scheduler.services._commit import lock_pool, take_footing
from scheduler.services._moves import require_version
from scheduler.services._standing import standing_of
from scheduler.services._tries import tried
from scheduler.services.check import slow_bind_seconds
from scheduler.states import ReservationState


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapOffer:
    """`replacement` for `block` on a node, counted from 0. A bridged group goes whole: `given` is old → new.

    `needs_reboot`: the host shows a new device only after it was started again, which `seconds` counts in.
    """

    node: int
    block: str
    replacement: str
    given: Mapping[str, str]
    needs_reboot: bool
    seconds: int


def offer_swap(*, reservation: Reservation, block: str, now: datetime) -> SwapOffer:
    """Nothing is held. Raises WrongState, Invalid for a block it does not have, Refused where there is none."""
    node = _node_with(reservation, block)
    _require_changeable(reservation, node)
    standing = standing_of(reservation=reservation, board=board(pool_code=reservation.pool.code), now=now)
    found = _found(reservation, standing, node, block)
    host = standing.snapshot.topology.hosts[node_of(standing.plan, node).host]
    seconds = slow_bind_seconds(reservation.pool) + (0 if host.hot_add else host.reboot_seconds)
    return SwapOffer(
        node=node,
        block=block,
        replacement=found.given[block],
        given=found.given,
        needs_reboot=not host.hot_add,
        seconds=math.ceil(seconds),
    )


def swap(
    *, reservation: Reservation, block: str, by: Actor, now: datetime, version: int | None = None, reason: str = ""
) -> Reservation:
    """Hold the replacement and queue the change; asking again while it is under way changes nothing.

    Raises as `offer_swap`, and Stale on another version.
    """
    node = _node_with(reservation, block)
    if not _is_under_way(reservation, node, block):
        _require_changeable(reservation, node)
    return _swap(reservation=reservation, block=block, by=by, now=now, version=version, reason=reason)


@tried
@transaction.atomic
def _swap(
    *, reservation: Reservation, block: str, by: Actor, now: datetime, version: int | None, reason: str
) -> Reservation:
    lock_pool(pool_id=reservation.pool_id)
    reservation.refresh_from_db()
    node = _node_with(reservation, block)
    if _is_under_way(reservation, node, block):
        return reservation
    require_version(reservation, version)
    composition = node_in_use(reservation=reservation, node=node)
    if composition is None or open_change(reservation=reservation, node=node) or is_being_resized(reservation):
        raise Refused([_BEING_CHANGED])
    footing = take_footing(pool=reservation.pool)
    standing = standing_of(reservation=reservation, board=footing.board, now=now)
    found, before = _found(reservation, standing, node, block), set(node_of(standing.plan, node).blocks)
    begin_change(
        reservation=reservation,
        composition=composition,
        standing=standing,
        footing=footing,
        adds={new: node_of(found.plan, node).settings.get(new, Setting()) for new in found.given.values()},
        removes=before & found.given.keys(),
        reason=reason or f"{block} is swapped.",
        by=by,
        now=now,
    )
    words = ", ".join(f"{new} is to take the place of {old}" for old, new in sorted(found.given.items()))
    facts = {"node": node + 1, "given": dict(found.given), "reason": reason}
    message = f"Node {node + 1}: {words}. {reason}".strip()
    kind = JournalKind.DEVICE_SWAP_ASKED
    journal.record(kind=kind, message=message, by=by, now=now, reservation=reservation, facts=facts)
    return reservation


def _node_with(reservation: Reservation, block: str) -> int:
    if reservation.state != ReservationState.ACTIVE:
        raise WrongState("swap", reservation.state)
    for node in plan_from_wire(reservation.plan).nodes:
        if block in node.blocks:
            return node.index
    if (gap := _gap(reservation, block)) is not None:
        return int(gap["node"])
    raise Invalid([FieldError("block", "unknown", f"This reservation has no device {block[:64]}.")])


def _gap(reservation: Reservation, block: str) -> Mapping[str, Any] | None:
    """Also what it goes without can be asked for."""
    return next((gap for gap in reservation.shortfall if gap["block"] == block), None)


def _require_changeable(reservation: Reservation, node: int) -> None:
    """Asks the fabric, and so is called outside of any transaction."""
    if open_change(reservation=reservation, node=node) or is_being_resized(reservation):
        raise Refused([_BEING_CHANGED])
    if not can_change(reservation=reservation, node=node):
        raise Refused([_CANNOT_CHANGE])


def _is_under_way(reservation: Reservation, node: int, block: str) -> bool:
    change = open_change(reservation=reservation, node=node)
    if change is None or change.resize is None:
        return False
    is_lacking = _gap(reservation, block) is not None and not change.resize.removes
    return is_lacking or block in change.resize.removes


def _found(reservation: Reservation, standing: Standing, node: int, block: str) -> Replaced:
    if (gap := _gap(reservation, block)) is not None:
        found = filled(standing=standing, node=node, like=block, setting=Setting(**gap.get("setting", {})))
    else:
        found = replaced(standing=standing, node=node, failed=[block], stays_on=True)
    if found is None:
        raise Refused([_none_equal(block)])
    return found


def _none_equal(block: str) -> Refusal:
    message = (
        f"No equal device is free in its zone that could be attached beside {block} and take its place while the node "
        "is in use."
    )
    return Refusal(code=RefusalCode.DEVICE_UNAVAILABLE, field="block", message=message)


_BEING_CHANGED = Refusal(
    code=RefusalCode.POOL_BUSY,
    field="block",
    message="The node is being changed already; look again when that is done.",
)
_CANNOT_CHANGE = Refusal(
    code=RefusalCode.NEEDS_REBOOT,
    field="block",
    message="The fabric of this node changes nothing on a node in use, or is paused or silent at the moment.",
)
