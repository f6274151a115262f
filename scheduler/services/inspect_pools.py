"""Compare every fabric with its rows, and do and tell what follows: the books are only as good as the last look."""

import logging
from collections.abc import Collection
from datetime import datetime

from fabric.composing.drifts import Told
from fabric.composing.reconcile import Reconciled, reconcile
from fabric.drivers.base import DriverError
from fabric.models import Drift, FabricManager, Pool
from fabric.services.drivers import driver_for
from fabric.states import DriftKind
from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.limits import REASON_CHARS_MAX
from scheduler.requests import SYSTEM
from scheduler.services._answers import answer
from scheduler.services.replan import replan

IN_WORDS: dict[str, str] = {
    DriftKind.ORPHAN: "is attached for a reservation that is over",
    DriftKind.FOREIGN: "is held by somebody else",
    DriftKind.LOST: "is no longer on the host that has it",
    DriftKind.ELSEWHERE: "is in another machine than the one that has it",
    DriftKind.ABSENT: "is not shown",
    DriftKind.UNHEALTHY: "is not well",
    DriftKind.CHANGED: "is other hardware, or set otherwise, than is recorded",
}
_log = logging.getLogger(__name__)


def inspect_pools(*, now: datetime) -> int:
    """Every fabric, one after the other; how many differences are new. Beat looks at each on its own."""
    managers = list(FabricManager.objects.select_related("pool").order_by("id"))
    return sum(inspect_fabric(manager=manager, now=now) for manager in managers)


def inspect_fabric(*, manager: FabricManager, now: datetime) -> int:
    """How many differences are new. One that does not answer, or whose driver fails, says so in its row."""
    try:
        return look_at(manager=manager, now=now)
    except DriverError as error:
        _note_failure(manager, str(error))
        _log.warning("%s could not be listed: %s", manager, error)
    except Exception as error:
        _note_failure(manager, f"{type(error).__name__}: {error}")
        _log.exception("%s could not be compared with its rows", manager)
    return 0


def look_at(*, manager: FabricManager, now: datetime) -> int:
    """The same for an operator who waits for the answer. Raises DriverError."""
    new: list[Drift] = []

    def found(drift: Drift) -> None:
        new.append(drift)
        _tell_found(manager.pool, drift, now)

    told = Told(
        found=found,
        settled=lambda drift: _tell_settled(manager.pool, drift, now),
        unusable=lambda unit, reason: _tell_unusable(manager.pool, unit, reason, now),
        offered=lambda unit: _tell_offered(manager.pool, unit, now),
    )
    driver = driver_for(manager)
    result = reconcile(manager=manager, driver=driver, now=now, told=told)
    for act in result.acts:
        try:
            answer(act=act, manager=manager, driver=driver, now=now)
        except Exception:
            _log.exception("%s: %s of %s could not be answered; it is tried again", manager, act.do, act.unit)
    _plan_anew(manager.pool, result, now)
    return len(new)


def _plan_anew(pool: Pool, result: Reconciled, now: datetime) -> None:
    """Whoever was to have them later is planned anew; beat does it again, should this be lost."""
    if result.lost:
        replan(
            pool=pool, units=sorted(result.lost), reason=f"{_listed(result.lost)} cannot be used", by=SYSTEM, now=now
        )


def _listed(units: Collection[tuple[bool, str]]) -> str:
    return ", ".join(code for _, code in sorted(units))


def _tell_found(pool: Pool, drift: Drift, now: datetime) -> None:
    """Pool-wide entries are read by everybody: they name the block and not whom it belongs to."""
    code = drift.block.code if drift.block else pool.code
    what = f"{code} {IN_WORDS[drift.kind]}" if drift.block else "A machine is composed for a reservation that is over"
    _record(JournalKind.DRIFT_FOUND, f"{what}: the fabric differs from the books ({drift.kind}).", code, pool, now)


def _tell_settled(pool: Pool, drift: Drift, now: datetime) -> None:
    code = drift.block.code if drift.block else pool.code
    what = code if drift.block else "A machine that was left over"
    _record(JournalKind.DRIFT_SETTLED, f"{what}: the fabric shows what the books say ({drift.kind}).", code, pool, now)


def _tell_unusable(pool: Pool, unit: str, reason: str, now: datetime) -> None:
    _record(JournalKind.BLOCK_QUARANTINED, f"{unit} is offered to nobody. {reason}", unit, pool, now)


def _tell_offered(pool: Pool, host: str, now: datetime) -> None:
    _record(JournalKind.DEVICE_RETURNED, f"{host} is offered again: no machine is left on it.", host, pool, now)


def _record(kind: JournalKind, message: str, reference: str, pool: Pool, now: datetime) -> None:
    journal.record(kind=kind, message=message, by=SYSTEM, now=now, pool=pool, reference=reference)


def _note_failure(manager: FabricManager, error: str) -> None:
    FabricManager.objects.filter(pk=manager.pk).update(listing_error=error[:REASON_CHARS_MAX])
