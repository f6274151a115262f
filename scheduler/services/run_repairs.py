"""Carry out what is to be repaired on a fabric: one step of each repair a call, and tell how it ended."""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from fabric.composing.repairing import Mended, go_on, waiting
from fabric.models import FabricManager, Repair
from fabric.services.drivers import driver_for
from fabric.states import RepairKind, RepairState
from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.requests import SYSTEM

_log = logging.getLogger(__name__)


def fabrics_to_repair() -> list[int]:
    """Ids of the fabric managers with open repairs that are not paused."""
    rows = Repair.objects.filter(state=RepairState.OPEN, fabric_manager__is_paused=False)
    return sorted(set(rows.values_list("fabric_manager_id", flat=True)))


def run_repairs(*, manager_id: int, clock: Callable[[], datetime]) -> int:
    """One step of every open repair of this fabric; how many ended. One that fails is logged and goes on next time."""
    manager = FabricManager.objects.select_related("pool").get(pk=manager_id)
    open_ones = waiting(manager=manager, now=clock())
    if not open_ones:
        return 0
    driver, ended = driver_for(manager), 0
    for repair_id in open_ones:
        try:
            state = go_on(repair_id=repair_id, driver=driver, clock=clock, on_end=partial(_tell, clock))
            ended += state in (RepairState.DONE, RepairState.FAILED)
        except Exception:
            _log.exception("repair %d did not get on; its lease will run out", repair_id)
    return ended


def _tell(clock: Callable[[], datetime], mended: Mended) -> None:
    """Inside the transaction of its end. Blocks are named, and never whose they were."""
    repair, now = mended.repair, clock()
    for code in mended.offered:
        _record(JournalKind.DEVICE_RETURNED, f"{code} is inspected, clean and offered again.", code, repair, now)
    if repair.kind == RepairKind.DETACH and mended.progress.state == RepairState.DONE:
        blocks = ", ".join(repair.blocks) or "no device"
        _record(JournalKind.DRIFT_SETTLED, f"Taken apart: a machine with {blocks}.", repair.pool.code, repair, now)
    elif repair.kind == RepairKind.DETACH:
        problem = "A machine that was left over could not be taken apart: an operator must look at the repair."
        _record(JournalKind.DRIFT_FOUND, problem, repair.pool.code, repair, now)
    else:
        for code, reason in mended.kept:
            _record(JournalKind.BLOCK_QUARANTINED, f"{code} is not offered again: {reason}", code, repair, now)


def _record(kind: JournalKind, message: str, reference: str, repair: Repair, now: datetime) -> None:
    facts = {"repair": repair.pk}  # its key and its message name the machine, which is its owner's business
    journal.record(kind=kind, message=message, by=SYSTEM, now=now, pool=repair.pool, reference=reference, facts=facts)
