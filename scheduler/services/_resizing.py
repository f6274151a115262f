"""Change a node in use: what it adds is held before the fabric is asked, what it gives up is freed when it is gone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fabric.composing.results import NodeOutcome, NodeResult
from fabric.models import Composition
from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import Operation, Reservation
from scheduler.planning.charging import charged, hours_between
from scheduler.planning.plan import Setting
from scheduler.planning.replacing import node_of, rewired
from scheduler.requests import Actor
from scheduler.services._commit import take_footing
from scheduler.services._releasing import finish_if_closed
from scheduler.services._rewriting import rewrite
from scheduler.services._standing import standing_of
from scheduler.states import ReservationState


def follow(*, operation: Operation, result: NodeResult, by: Actor, now: datetime) -> bool:
    """Plan, units and price as the node is now, whichever way it went. Under the pool's lock."""
    reservation = operation.reservation
    if reservation.state == ReservationState.RELEASING:
        return finish_if_closed(reservation=reservation, by=by, now=now)
    footing = take_footing(pool=reservation.pool)
    standing = standing_of(reservation=reservation, board=footing.board, now=now)
    composition = Composition.objects.get(pk=operation.composition_id)
    before = set(node_of(standing.plan, composition.node).blocks)
    after = set(composition.blocks.values_list("code", flat=True))
    adds = {code: _setting(composition, code) for code in sorted(after - before)}
    plan = rewired(standing=standing, node=composition.node, removes=before - after, adds=adds, is_so=True)
    assert plan is not None, "what is so has a plan"
    gaps = _filled(reservation, composition.node, [*adds][: max(0, len(after) - len(before))])
    left = [gap for gap in reservation.shortfall if gap not in gaps]
    price = _charged_from_now(reservation, gaps, now)
    rewrite(reservation=reservation, plan=plan, footing=footing, now=now, price=price, shortfall=left)
    _tell(operation, result, sorted(before - after), list(adds), by, now)
    return True


def _setting(composition: Composition, code: str) -> Setting:
    return Setting(**composition.settings.get(code, {}))


def _filled(reservation: Reservation, node: int, added: list[str]) -> list[Mapping[str, Any]]:
    """The gaps that so many devices more fill, oldest first."""
    return [gap for gap in reservation.shortfall if gap["node"] == node][: len(added)]


def _charged_from_now(reservation: Reservation, gaps: list[Mapping[str, Any]], now: datetime) -> Mapping[str, Any]:
    price, hours = reservation.price, hours_between(max(now, reservation.starts_at), reservation.ends_at)
    for gap in gaps:
        price = charged(price=price, device_class=gap["device_class"], devices=1, hours=hours)
    return price


def _tell(
    operation: Operation, result: NodeResult, removed: list[str], added: list[str], by: Actor, now: datetime
) -> None:
    """Of a gap that could not be filled only the steps tell: it is tried again."""
    resize, node = operation.resize, operation.composition.node + 1
    wanted, given_up = (resize.adds, resize.removes) if resize else ([], [])
    facts = {"node": node, "added": added, "removed": removed, "reason": result.reason}
    if removed or added:
        kind = JournalKind.DEVICE_SWAPPED
        instead = f" in the place of {', '.join(removed)}" if removed else ""
        message = f"Node {node}: {', '.join(added) or 'nothing'} is attached{instead}."
    elif result.outcome == NodeOutcome.RESIZED:
        kind, message = JournalKind.DEVICE_RETURNED, f"Node {node}: {', '.join(wanted)} is attached again."
    elif given_up or not operation.reservation.shortfall:
        kind = JournalKind.DEVICE_FAILED
        message = f"Node {node}: {', '.join(wanted)} could not be attached; the node is as it was. {result.reason}"
    else:
        return
    journal.record(kind=kind, message=message, by=by, now=now, reservation=operation.reservation, facts=facts)
