"""An operator offers a quarantined unit again, once the fabric itself shows it free."""

from datetime import datetime

from django.db import transaction

from fabric.composing.answering import open_cleaning
from fabric.composing.differences import is_used
from fabric.models import Composition, Host, Pool, ResourceBlock
from fabric.services.attachments import close_left_open
from fabric.services.belonging import manager_of
from fabric.services.drivers import driver_for
from fabric.services.units import move_blocks, move_hosts
from fabric.states import LIVE_COMPOSITIONS, BlockState
from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.refusals import FieldError, Invalid
from scheduler.requests import Actor


def clear(*, unit: Host | ResourceBlock, by: Actor, now: datetime, reason: str) -> bool:
    """Read the fabric, then free the unit. Raises Invalid while the fabric shows it attached, failed or not at all.

    False, and no entry, when it was not quarantined. The read is outside the transaction.
    """
    if unit.state != BlockState.QUARANTINED:
        return False
    if isinstance(unit, ResourceBlock):
        _require_free(unit, by, now, reason)
    else:
        _require_empty(unit)
    with transaction.atomic():
        move = move_blocks if isinstance(unit, ResourceBlock) else move_hosts
        cleared = bool(move(ids=[unit.pk], seen=BlockState.QUARANTINED, to=BlockState.FREE))
        if cleared:
            if isinstance(unit, ResourceBlock):
                close_left_open(block=unit, now=now)
            _record(unit, by, now, f"{unit.code} is offered again: {reason}")
    return cleared


def _require_free(block: ResourceBlock, by: Actor, now: datetime, reason: str) -> None:
    """One that was not cleaned is cleaned first, by a repair, which offers it."""
    if Composition.objects.filter(blocks=block, state__in=LIVE_COMPOSITIONS).exists():
        raise _refused(f"{block.code} is a device of a node in use; have it swapped, or end the reservation.")
    found = driver_for(manager_of(unit=block)).find(tag="", blocks=[block.code])
    seen = next(iter(found), None)
    if seen is None:
        raise _refused(f"The fabric does not show {block.code}; it cannot be offered.")
    if seen.tag is not None or (seen.host is not None and block.fixed_host is None):
        raise _refused(f"The fabric still shows {block.code} on {seen.host} as {seen.tag}; detach it there first.")
    if seen.health != "ok":
        raise _refused(f"The fabric reports {block.code} as {seen.health}; mend it first.")
    if is_used(seen):
        _have_cleaned(block, by, now, reason)
        raise _refused(f"{block.code} was not clean. It is being cleaned now, and offered when that is proven.")


@transaction.atomic
def _have_cleaned(block: ResourceBlock, by: Actor, now: datetime, reason: str) -> None:
    Pool.objects.select_for_update(no_key=True).get(pk=block.pool_id)
    manager, seen = manager_of(unit=block), BlockState.QUARANTINED
    if open_cleaning(manager=manager, block=block.code, seen=seen, now=now, reason=reason, by_name=by.name):
        _record(block, by, now, f"{block.code} is cleaned, to be offered again: {reason}")


def _require_empty(host: Host) -> None:
    """A machine left on it would make the next compose there fail."""
    for machine in driver_for(manager_of(unit=host)).inventory().machines:
        if machine.host == host.code:
            raise _refused(f"The fabric still shows {machine.tag} on {host.code}; take it apart there first.")


def _record(unit: Host | ResourceBlock, by: Actor, now: datetime, message: str) -> None:
    kind = JournalKind.BLOCK_CLEARED
    journal.record(kind=kind, message=message, by=by, now=now, pool=unit.pool, reference=unit.code)


def _refused(problem: str) -> Invalid:
    return Invalid([FieldError("unit", "attached", problem)])
