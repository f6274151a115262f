"""The acts of the reconciler that concern people: holders are told and offered a swap, operators are called.

Each is asked for with every listing until it is marked as answered, in the transaction in which that happens.
"""

from datetime import datetime

from django.db import transaction

from fabric.composing.repairs import Act, Do
from fabric.drivers.base import AS_IT_COMES, CardSetting, Driver, Precondition, Proof, Transient, Unknown
from fabric.models import Composition, Drift, FabricManager, Host, ResourceBlock
from fabric.states import CompositionState
from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import JournalEntry, Reservation
from scheduler.requests import SYSTEM
from scheduler.services.device_failed import device_failed, reattach

TOLD = "The holder was told."
REATTACHED = "It is being attached again, this once."


def answer(*, act: Act, manager: FabricManager, driver: Driver, now: datetime) -> None:
    """Do it, unless it has been done meanwhile."""
    if act.do == Do.STOP:
        _stop(act, manager, now)
    elif act.do == Do.REBOOTED:
        _rebooted(act, manager, driver, now)
    else:
        _concern(act, manager, now)


def _concern(act: Act, manager: FabricManager, now: datetime) -> None:
    """A device of a node in use: given back to it once where that may help, else its holder decides.

    Both may be asked for again without harm, so the mark comes last.
    """
    assert act.about is not None
    block = ResourceBlock.objects.select_related("pool").get(pool=manager.pool_id, code=act.unit)
    is_coming_back = act.do == Do.REATTACH and reattach(block=block, now=now)
    if not is_coming_back:
        device_failed(block=block, reason=act.reason, now=now)
    open_yet = Drift.objects.filter(block=block, kind=act.about[1], resolved_at=None, resolution="")
    open_yet.update(resolution=REATTACHED if is_coming_back else TOLD)


@transaction.atomic
def _stop(act: Act, manager: FabricManager, now: datetime) -> None:
    """Once for the same machines; each stays until an operator has them detached, one by one."""
    drifts = Drift.objects.filter(pool=manager.pool_id, tag__in=act.blocks, resolved_at=None).order_by("id")
    facts = {"drifts": list(drifts.values_list("id", flat=True))}
    told = JournalEntry.objects.filter(pool=manager.pool_id, kind=JournalKind.DRIFT_FOUND, reference=manager.code)
    last = told.order_by("-id").first()
    if last is None or last.facts != facts:
        journal.record(
            kind=JournalKind.DRIFT_FOUND,
            message=f"{manager.code}: {act.reason} An operator must look.",
            by=SYSTEM,
            now=now,
            pool=manager.pool,
            reference=manager.code,
            facts=facts,
        )


def _rebooted(act: Act, manager: FabricManager, driver: Driver, now: datetime) -> None:
    """Tell its holder, with what the host shows after it; a host that is still starting is asked at the next look."""
    composition = Composition.objects.filter(pool=manager.pool_id, tag=act.tag, state=CompositionState.COMPOSED).first()
    reservation = Reservation.objects.filter(code=composition.owner).first() if composition else None
    if composition is None or reservation is None:
        return
    blocks = sorted(composition.blocks.values_list("code", flat=True))
    try:
        proof = driver.prove(tag=act.tag, expected=blocks)
    except (Precondition, Transient, Unknown):
        return
    wishes = {code: CardSetting(**wish) for code, wish in composition.settings.items()}
    odd = {seen.block: seen.setting for seen in proof.devices if seen.setting != wishes.get(seen.block, AS_IT_COMES)}
    with transaction.atomic():
        hosts = Host.objects.filter(pool=manager.pool_id, code=act.unit).exclude(boot_id=act.boot_id)
        if hosts.update(boot_id=act.boot_id):
            journal.record(
                kind=JournalKind.HOST_REBOOTED,
                message=f"Node {composition.node + 1}: host {act.unit} was rebooted. {_proven(proof, blocks, odd)}",
                by=SYSTEM,
                now=now,
                reservation=reservation,
                facts={"host": act.unit, "missing": sorted(proof.missing), "set_otherwise": sorted(odd)},
            )


def _proven(proof: Proof, blocks: list[str], odd: dict[str, CardSetting]) -> str:
    told = [f"{code} is not seen by it any more" for code in sorted(proof.missing)]
    told += [f"{code} is {setting} now" for code, setting in sorted(odd.items()) if code in blocks]
    told += [f"{code} is on it too" for code in sorted(proof.extra)]
    return f"It is not as it was: {'; '.join(told)}." if told else f"It sees its {len(blocks)} devices, set as before."
