"""What an operator may do about a difference: have it looked at, taken apart, or taken as it is. Each is journalled."""

from datetime import datetime

from django.db import transaction

from fabric.composing.answering import DETACHING, open_cleaning, open_repair
from fabric.composing.recorded import note_hardware
from fabric.composing.repairs import GONE, OTHER_HARDWARE, OUR_PREFIX
from fabric.drivers.base import SeenDevice
from fabric.models import Composition, Drift, FabricManager, Pool, Repair, ResourceBlock
from fabric.services.belonging import manager_of
from fabric.services.drivers import driver_for
from fabric.services.units import move_blocks
from fabric.states import BLOCK_TRANSITIONS, LIVE_COMPOSITIONS, BlockState, DriftKind, RepairKind, RepairState
from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.limits import REASON_CHARS_MAX
from scheduler.refusals import FieldError, Invalid
from scheduler.requests import Actor
from scheduler.services.inspect_pools import look_at
from scheduler.services.replan import replan

NOT_SAFE = {
    DriftKind.ORPHAN: "Nobody has it any more: have it detached instead.",
    DriftKind.FOREIGN: "It is somebody else's for now. It is offered again by itself when they give it back.",
    DriftKind.LOST: "A node in use has lost it: it is swapped at its holder's wish, or given up with the reservation.",
    DriftKind.ELSEWHERE: "Two nodes would own it. Find out on the fabric which one is right, and mend it there.",
    DriftKind.UNHEALTHY: "The fabric says that it is not well, and the books say so too.",
}


def inspect_now(*, pool: Pool, now: datetime) -> bool:
    """Look at every fabric of the pool and do what follows, as beat does each minute; whether anything new was found.

    Raises DriverError of the first that does not answer.
    """
    managers = FabricManager.objects.filter(pool=pool).select_related("pool").order_by("id")
    return sum(look_at(manager=manager, now=now) for manager in managers) > 0


@transaction.atomic
def detach_now(*, drift: Drift, by: Actor, now: datetime, reason: str) -> bool:
    """Have the orphan taken apart, without its grace and however many there are; False while that is under way.

    Raises Invalid for anything that is not surely ours and dead: what others attached is never detached.
    """
    Pool.objects.select_for_update(no_key=True).get(pk=drift.pool_id)
    drift.refresh_from_db()
    manager = _owner_of_dead(drift)
    if Repair.objects.filter(tag=drift.tag, kind=RepairKind.DETACH, state=RepairState.OPEN).exists():
        return False
    rows = Drift.objects.filter(pool=drift.pool_id, kind=DriftKind.ORPHAN, tag=drift.tag, resolved_at=None)
    blocks = rows.filter(block__isnull=False).values_list("block__code", flat=True)
    open_repair(
        manager=manager,
        kind=RepairKind.DETACH,
        tag=drift.tag,
        blocks=list(blocks),
        now=now,
        reason=reason[:REASON_CHARS_MAX],
        by_name=by.name,
        drift=drift,
    )
    rows.update(resolution=DETACHING)
    _record(JournalKind.DRIFT_FOUND, drift, by, now, f"{_named(drift)} is being taken apart: {reason}")
    return True


def accept(*, drift: Drift, by: Actor, now: datetime, reason: str) -> bool:
    """The books follow the fabric, where that is safe: other hardware is noted, cleaned and offered; what is gone is
    missing at once. False when it is settled already. Raises Invalid for all else, DriverError.
    """
    if drift.resolved_at is not None or drift.block is None:
        return False
    seen = None
    if drift.kind == DriftKind.CHANGED:
        found = driver_for(manager_of(unit=drift.block)).find(tag="", blocks=[drift.block.code])
        seen = next(iter(found), None)
    with transaction.atomic():
        Pool.objects.select_for_update(no_key=True).get(pk=drift.pool_id)
        block = ResourceBlock.objects.select_related("pool").get(pk=drift.block.pk)
        accepted = _accept(drift, block, seen, by, now, reason)
        if accepted:
            resolution = f"Accepted by {by.name}: {reason}"[:REASON_CHARS_MAX]
            Drift.objects.filter(pk=drift.pk, resolved_at=None).update(resolved_at=now, resolution=resolution)
            _record(JournalKind.DRIFT_SETTLED, drift, by, now, f"{block.code}: the books follow the fabric. {reason}")
    if accepted and drift.kind == DriftKind.ABSENT:
        replan(pool=drift.pool, units=[(False, block.code)], reason=f"{block.code} is gone", by=by, now=now)
    return accepted


def _accept(drift: Drift, block: ResourceBlock, seen: SeenDevice | None, by: Actor, now: datetime, reason: str) -> bool:
    if drift.kind == DriftKind.ABSENT:
        state = BlockState(block.state)
        if BlockState.MISSING not in BLOCK_TRANSITIONS[state]:
            return False
        return bool(move_blocks(ids=[block.pk], seen=state, to=BlockState.MISSING, reason=GONE))
    if drift.kind != DriftKind.CHANGED:
        raise _refused(NOT_SAFE[DriftKind(drift.kind)])
    if seen is None:
        raise _refused("The fabric does not show it now.")
    if not note_hardware(block_id=block.pk, serial=seen.serial, pci_id=seen.pci_id):
        raise _refused("It is the hardware that is recorded. How it is set is its holder's, or its next cleaning's.")
    if block.state == BlockState.QUARANTINED and block.state_reason == OTHER_HARDWARE and not _is_in_use(block):
        open_cleaning(
            manager=manager_of(unit=block),
            block=block.code,
            seen=BlockState.QUARANTINED,
            now=now,
            reason=reason[:REASON_CHARS_MAX],
            by_name=by.name,
        )
    return True


def _owner_of_dead(drift: Drift) -> FabricManager:
    """Checked again at this moment: a name that we gave, of a composition that is closed."""
    if drift.kind != DriftKind.ORPHAN:
        raise _refused("Only what is ours and left over can be detached here.")
    if drift.resolved_at is not None:
        raise _refused("The fabric does not show it any more.")
    composition = Composition.objects.filter(pool=drift.pool_id, tag=drift.tag).select_related("fabric_manager").first()
    if composition is None or not drift.tag.startswith(OUR_PREFIX) or composition.state in LIVE_COMPOSITIONS:
        raise _refused("It is not surely ours and left over; nothing was done.")
    return manager_of(unit=drift.block) if drift.block else composition.fabric_manager


def _is_in_use(block: ResourceBlock) -> bool:
    return Composition.objects.filter(blocks=block, state__in=LIVE_COMPOSITIONS).exists()


def _named(drift: Drift) -> str:
    return drift.block.code if drift.block else "A machine that was left over"


def _record(kind: JournalKind, drift: Drift, by: Actor, now: datetime, message: str) -> None:
    reference = drift.block.code if drift.block else drift.pool.code
    journal.record(kind=kind, message=message, by=by, now=now, pool=drift.pool, reference=reference)


def _refused(problem: str) -> Invalid:
    return Invalid([FieldError("drift", "unsafe", problem)])
