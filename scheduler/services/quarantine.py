"""An operator offers a quarantined unit again, once the fabric itself shows it free."""

from datetime import datetime

from django.db import transaction

from fabric.drivers.base import AS_IT_COMES, Driver
from fabric.models import Attachment, FabricManager, Host, ResourceBlock
from fabric.services.drivers import driver_for
from fabric.services.units import move_blocks, move_hosts
from fabric.states import BlockState
from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.refusals import FieldError, Invalid
from scheduler.requests import Actor


def clear(*, unit: Host | ResourceBlock, by: Actor, now: datetime, reason: str) -> bool:
    """Read the fabric, then free the unit. Raises Invalid while the fabric shows it attached, failed or not at all.

    False, and no entry, when it was not quarantined. The read is outside the transaction.
    """
    if isinstance(unit, ResourceBlock):
        _require_free(unit, now)
    else:
        _require_empty(unit)
    with transaction.atomic():
        move = move_blocks if isinstance(unit, ResourceBlock) else move_hosts
        cleared = bool(move(ids=[unit.pk], seen=BlockState.QUARANTINED, to=BlockState.FREE))
        if cleared:
            if isinstance(unit, ResourceBlock):
                Attachment.objects.filter(block=unit, until__isnull=True).update(until=now)
            message = f"{unit.code} is offered again: {reason}"
            journal.record(
                kind=JournalKind.BLOCK_CLEARED, message=message, by=by, now=now, pool=unit.pool, reference=unit.code
            )
    return cleared


def _require_free(block: ResourceBlock, now: datetime) -> None:
    """One that was not cleaned is cleaned now, and offered when the operator asks again."""
    driver = _driver_of(block)
    seen = next(iter(driver.find(tag="", blocks=[block.code])), None)
    if seen is None:
        problem = f"The fabric does not show {block.code}; it cannot be offered."
    elif seen.tag is not None or (seen.host is not None and block.fixed_host is None):
        problem = f"The fabric still shows {block.code} on {seen.host} as {seen.tag}; detach it there first."
    elif seen.health != "ok":
        problem = f"The fabric reports {block.code} as {seen.health}; mend it first."
    elif not seen.is_clean or seen.setting != AS_IT_COMES:
        driver.clean(op_key=f"clear/{block.code}/{now.timestamp():.0f}", blocks=[block.code])
        problem = f"{block.code} was not clean. It is being cleaned now; try again in a minute."
    else:
        return
    raise Invalid([FieldError("unit", "attached", problem)])


def _require_empty(host: Host) -> None:
    """A machine left on it would make the next compose there fail."""
    for machine in _driver_of(host).inventory().machines:
        if machine.host == host.code:
            problem = f"The fabric still shows {machine.tag} on {host.code}; take it apart there first."
            raise Invalid([FieldError("unit", "attached", problem)])


def _driver_of(unit: Host | ResourceBlock) -> Driver:
    """The zone's manager; a fixed system in no zone, and its devices, belong to their pool's first one."""
    fixed_host = unit.fixed_host if isinstance(unit, ResourceBlock) else None
    zone = unit.zone or (fixed_host.zone if fixed_host else None)
    return driver_for(zone.fabric_manager if zone else FabricManager.objects.filter(pool=unit.pool).order_by("id")[0])
