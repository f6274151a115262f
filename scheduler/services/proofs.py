"""A release that was not proven: an operator has the fabric read again, or vouches for the block."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction

from fabric.composing.answering import open_cleaning
from fabric.composing.differences import WELL, is_used
from fabric.drivers.base import SeenDevice
from fabric.models import Pool, ReleaseProof
from fabric.services.attachments import close_left_open
from fabric.services.belonging import manager_of
from fabric.services.drivers import driver_for
from fabric.services.units import move_blocks
from fabric.states import BlockState
from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.refusals import FieldError, Invalid
from scheduler.requests import Actor


def prove_again(*, proof: ReleaseProof, by: Actor, now: datetime, reason: str) -> bool:
    """Read the fabric now; what it shows empty, clean and well is proven, and offered if it was quarantined.

    False when it was proven already. Raises Invalid with what the fabric shows instead, DriverError.
    """
    message = f"The release of {proof.block.code} is proven now: {reason}"
    known = frozenset(proof.block.devices.values_list("serial", flat=True))

    def doubt(seen: SeenDevice, is_fixed: bool) -> str:
        return _doubt(seen, is_fixed) or _other_hardware(seen, known)

    return _settle(proof, by, now, doubt, message, {"proven_again_by": by.name, "reason": reason})


def accept_proof(*, proof: ReleaseProof, by: Actor, now: datetime, reason: str) -> bool:
    """The operator vouches for what was in doubt. A block that the fabric calls used is cleaned, then offered.

    False when it was proven already. Raises Invalid while the fabric shows it attached, not well or not at all: for
    that nobody can vouch; DriverError.
    """
    message = f"{by.name} vouches for the release of {proof.block.code}: {reason}"
    return _settle(proof, by, now, _unfit, message, {"accepted_by": by.name, "reason": reason})


def _settle(
    proof: ReleaseProof,
    by: Actor,
    now: datetime,
    doubt: Callable[[SeenDevice, bool], str],
    message: str,
    facts: dict[str, Any],
) -> bool:
    """The read is outside the transaction; a block that has a new owner since keeps its state."""
    if proof.is_proven:
        return False
    block = proof.block
    seen = next(iter(driver_for(manager_of(unit=block)).find(tag="", blocks=[block.code])), None)
    problem = doubt(seen, block.fixed_host_id is not None) if seen else f"The fabric does not show {block.code}."
    if problem:
        raise Invalid([FieldError("proof", "unproven", problem)])
    evidence = {**proof.evidence, **facts, "at": now.isoformat(), "seen": _evidence(seen)}
    with transaction.atomic():
        Pool.objects.select_for_update(no_key=True).get(pk=block.pool_id)
        settled = ReleaseProof.objects.filter(pk=proof.pk, is_proven=False).update(is_proven=True, evidence=evidence)
        if settled:
            _offer(proof, seen, by, now, facts["reason"])
            kind = JournalKind.PROOF_ACCEPTED
            journal.record(kind=kind, message=message, by=by, now=now, pool=block.pool, reference=block.code)
    return bool(settled)


def _offer(proof: ReleaseProof, seen: SeenDevice | None, by: Actor, now: datetime, reason: str) -> None:
    """Only if this release is why it is quarantined: the latest proof of the block is this one."""
    block, latest = proof.block, ReleaseProof.objects.filter(block=proof.block).order_by("-id").first()
    if latest is None or latest.pk != proof.pk:
        return
    close_left_open(block=block, now=now)
    if seen is not None and is_used(seen):
        manager, state = manager_of(unit=block), BlockState.QUARANTINED
        open_cleaning(manager=manager, block=block.code, seen=state, now=now, reason=reason, by_name=by.name)
    else:
        move_blocks(ids=[block.pk], seen=BlockState.QUARANTINED, to=BlockState.FREE)


def _unfit(seen: SeenDevice, is_fixed: bool) -> str:
    """Never by which name it is attached: these words may be read by others than its owner."""
    if seen.tag is not None or (seen.host is not None and not is_fixed):
        return f"The fabric still shows {seen.block} attached; take it apart there first."
    return "" if seen.health == WELL else f"The fabric reports {seen.block} as {seen.health}."


def _doubt(seen: SeenDevice, is_fixed: bool) -> str:
    if unfit := _unfit(seen, is_fixed):
        return unfit
    return f"{seen.block} is not clean: clear its quarantine to have it cleaned." if is_used(seen) else ""


def _other_hardware(seen: SeenDevice, known: frozenset[str]) -> str:
    """A serial number that nobody knows, on either side, says nothing."""
    if not seen.serial or not known or seen.serial in known:
        return ""
    return f"{seen.block} is other hardware than was given back: accept the change first, or put the old one back."


def _evidence(seen: SeenDevice | None) -> dict[str, Any]:
    if seen is None:
        return {}
    return {"serial": seen.serial, "is_clean": seen.is_clean, "health": seen.health, "setting": str(seen.setting)}
