"""A device failed while its node was composed: an equal one in its place, or the node goes on without.

In the transaction that settles the operation, under the pool's lock. The node has been taken apart; nothing is changed
unless the way can be gone to its end.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db.models import F

from fabric.composing.results import NodeResult
from scheduler import journal, limits
from scheduler.journal_kinds import JournalKind
from scheduler.models import Operation, Reservation
from scheduler.planning.charging import charged
from scheduler.planning.replacing import Standing, node_of, replaced, without
from scheduler.requests import Actor, Window
from scheduler.services._commit import Footing, take_footing
from scheduler.services._rewriting import rewrite
from scheduler.services._standing import standing_of


class Mend(Protocol):
    def __call__(self, *, operation: Operation, result: NodeResult, by: Actor, now: datetime) -> bool:
        """Whether it could be done; if not, nothing is written."""


def swap_failed(*, operation: Operation, result: NodeResult, by: Actor, now: datetime) -> bool:
    """Plan and units with equal free devices in place of those that failed."""
    reservation, node = operation.reservation, operation.composition.node
    footing, standing = _under_lock(reservation, now)
    failed = _failed(standing, node, result)
    if not failed or not _is_host_usable(standing, node):
        return False
    found = replaced(standing=standing, node=node, failed=failed)
    if found is None:
        return False
    rewrite(reservation=reservation, plan=found.plan, footing=footing, now=now, swaps=F("swaps") + len(failed))
    facts = {"node": node + 1, "given": dict(found.given), "failed": list(failed), "reason": result.reason}
    message = f"Node {node + 1}: {_named(found.given)} while it is composed. {result.reason}"
    _tell(reservation, JournalKind.DEVICE_SWAPPED, message, by, now, facts)
    return True


def go_without(*, operation: Operation, result: NodeResult, by: Actor, now: datetime) -> bool:
    """Plan, units and price without those that failed; an equal one is looked for until its time is over."""
    reservation, node = operation.reservation, operation.composition.node
    footing, standing = _under_lock(reservation, now)
    failed = _failed(standing, node, result)
    if not failed or not _is_host_usable(standing, node):
        return False
    plan = without(standing=standing, node=node, failed=failed)
    if plan is None:
        return False
    until = now + timedelta(minutes=limits.GAP_MINUTES)
    lacking = [gap_of(standing, node, code, now, until) for code in failed]
    rewrite(
        reservation=reservation,
        plan=plan,
        footing=footing,
        now=now,
        price=_relieved(reservation, lacking),
        shortfall=[*reservation.shortfall, *lacking],
    )
    count = len(failed)
    message = (
        f"Node {node + 1} goes on without {', '.join(failed)}, which {'is' if count == 1 else 'are'} not charged for; "
        f"an equal device is looked for until {until:%H:%M} UTC. {result.reason}"
    )
    facts = {"node": node + 1, "lacking": lacking, "usd": reservation.price.get("usd"), "reason": result.reason}
    _tell(reservation, JournalKind.RESERVATION_DEGRADED, message, by, now, facts)
    return True


def _under_lock(reservation: Reservation, now: datetime) -> tuple[Footing, Standing]:
    footing = take_footing(pool=reservation.pool)
    return footing, standing_of(reservation=reservation, board=footing.board, now=now)


def _failed(standing: Standing, node: int, result: NodeResult) -> tuple[str, ...]:
    return tuple(sorted(set(result.failed_blocks) & set(node_of(standing.plan, node).blocks)))


def _is_host_usable(standing: Standing, node: int) -> bool:
    """No other devices mend a host."""
    return standing.snapshot.topology.hosts[node_of(standing.plan, node).host].is_usable


def gap_of(standing: Standing, node: int, code: str, now: datetime, until: datetime) -> dict[str, Any]:
    """How the card was to be set is what the one that fills the gap is set to."""
    setting = node_of(standing.plan, node).settings.get(code)
    return {
        "node": node,
        "block": code,
        "device_class": standing.snapshot.topology.blocks[code].device_class,
        "since": now.isoformat(),
        "tried_until": until.isoformat(),
        **({"setting": asdict(setting)} if setting is not None else {}),
    }


def _relieved(reservation: Reservation, lacking: list[dict[str, Any]]) -> Mapping[str, Any]:
    """Not charged for any of the window, as long as nothing takes its place."""
    price, window = reservation.price, Window(starts_at=reservation.starts_at, ends_at=reservation.ends_at)
    for gap in lacking:
        price = charged(price=price, device_class=gap["device_class"], devices=-1, window=window)
    return price


def _named(given: Mapping[str, str]) -> str:
    return ", ".join(f"{new} takes the place of {old}" for old, new in sorted(given.items()))


def _tell(
    reservation: Reservation, kind: JournalKind, message: str, by: Actor, now: datetime, facts: Mapping[str, Any]
) -> None:
    journal.record(kind=kind, message=message, by=by, now=now, reservation=reservation, facts=facts)
