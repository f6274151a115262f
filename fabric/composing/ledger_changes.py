"""What follows from a step, as rows. Inside a transaction that holds the composition's row.

Attachments are opened and closed here only, and only by read-back.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime

from django.db.models import QuerySet

from fabric.composing.books import Changes, Gone, NotReady, Turned
from fabric.drivers.base import AS_IT_COMES, CardSetting
from fabric.models import Attachment, Composition, ReleaseProof, Resize, ResourceBlock
from fabric.services.units import move_blocks, move_hosts
from fabric.states import COMPOSITION_TRANSITIONS, BlockState, CompositionState, ResizeState

QUARANTINABLE = (
    BlockState.FREE,
    BlockState.ATTACHING,
    BlockState.ATTACHED,
    BlockState.DETACHING,
    BlockState.CLEANING,
)


def apply(composition: Composition, changes: Changes, resize: Resize | None) -> None:
    """In the order of the fields. Raises NotReady, Turned."""
    ids = _ids(composition, changes)
    _include(composition, changes.includes, ids)
    _take(composition, changes, ids)
    _open_attachments(composition, [ids[code] for code in sorted(changes.attached)], changes.at)
    _close_attachments(composition, [ids[code] for code in sorted(changes.detached)], changes.at)
    _quarantine(composition, changes, ids)
    for shift in changes.shifts:
        move_blocks(ids=[ids[code] for code in shift.blocks], seen=shift.seen, to=shift.to)
    for seen, to in changes.host_shifts:
        move_hosts(ids=[composition.host_id], seen=seen, to=to)
    for proof in changes.proofs:
        _prove(composition, proof, ids[proof.block], changes.at)
    if changes.access is not None:
        Composition.objects.filter(id=composition.id).update(access=changes.access)
    _exclude(composition, changes.excludes)
    if changes.resize is not None and resize is not None:
        _close_resizes(Resize.objects.filter(id=resize.id), changes.resize, changes.at)
    _move(composition, changes)


def _ids(composition: Composition, changes: Changes) -> Mapping[str, int]:
    """Of every block that the changes name."""
    codes = {*changes.includes, *changes.takes, *changes.attached, *changes.detached, *changes.quarantined}
    codes |= {code for shift in changes.shifts for code in shift.blocks} | {proof.block for proof in changes.proofs}
    if not codes:
        return {}
    rows = ResourceBlock.objects.filter(pool=composition.pool_id, code__in=codes).order_by("code")
    return dict(rows.values_list("code", "id"))


def _include(composition: Composition, settings: Mapping[str, CardSetting], ids: Mapping[str, int]) -> None:
    if not settings:
        return
    composition.blocks.add(*(ids[code] for code in settings))
    wishes = {code: asdict(setting) for code, setting in settings.items() if setting != AS_IT_COMES}
    composition.settings = {**composition.settings, **wishes}
    composition.save(update_fields=["settings"])


def _exclude(composition: Composition, codes: Collection[str]) -> None:
    if not codes:
        return
    composition.blocks.remove(*composition.blocks.filter(code__in=codes))
    composition.settings = {code: wish for code, wish in composition.settings.items() if code not in codes}
    composition.save(update_fields=["settings"])


def _take(composition: Composition, changes: Changes, ids: Mapping[str, int]) -> None:
    blocks = [ids[code] for code in changes.takes]
    hosts = [composition.host_id] * changes.takes_host
    taken = move_blocks(ids=blocks, seen=BlockState.FREE, to=BlockState.ATTACHING) if blocks else 0
    taken += move_hosts(ids=hosts, seen=BlockState.FREE, to=BlockState.ATTACHING) if hosts else 0
    if taken != len(blocks) + len(hosts):
        raise NotReady("A block or the host is no longer free.")


def _open_attachments(composition: Composition, block_ids: Collection[int], since: datetime) -> None:
    """The database refuses a second open one for a block: two owners are an error, never a silent choice."""
    for block_id in block_ids:
        Attachment.objects.get_or_create(
            block_id=block_id,
            composition=composition,
            until=None,
            defaults={"host_id": composition.host_id, "since": since},
        )


def _close_attachments(composition: Composition, block_ids: Collection[int], until: datetime) -> None:
    if block_ids:
        rows = Attachment.objects.filter(composition=composition, block_id__in=block_ids, until=None)
        rows.update(until=until)


def _quarantine(composition: Composition, changes: Changes, ids: Mapping[str, int]) -> None:
    """Each block with its own reason, whatever its state was."""
    for code, reason in sorted(changes.quarantined.items()):
        for seen in QUARANTINABLE:
            move_blocks(ids=[ids[code]], seen=seen, to=BlockState.QUARANTINED, reason=reason)
    if changes.host_quarantined:
        for seen in QUARANTINABLE:
            move_hosts(ids=[composition.host_id], seen=seen, to=BlockState.QUARANTINED, reason=changes.host_quarantined)


def _prove(composition: Composition, proof: Gone, block_id: int, now: datetime) -> None:
    facts = {"is_proven": proof.is_proven, "evidence": proof.evidence, "observed_at": now}
    ReleaseProof.objects.update_or_create(composition=composition, block_id=block_id, defaults=facts)


def _close_resizes(resizes: "QuerySet[Resize]", state: ResizeState, now: datetime) -> None:
    resizes.filter(state=ResizeState.OPEN).update(state=state, finished_at=now)


def _move(composition: Composition, changes: Changes) -> None:
    """An earlier reason is kept: the first failure is the cause."""
    for to in changes.moves:
        if to not in COMPOSITION_TRANSITIONS[CompositionState(composition.state)]:
            if changes.may_stay:
                continue
            raise Turned
        composition.state = to
        composition.state_reason = composition.state_reason or changes.reason
        if to == CompositionState.COMPOSED:
            composition.composed_at = composition.composed_at or changes.at
        if to == CompositionState.CLOSED:
            composition.closed_at = changes.at
            _close_resizes(composition.resizes.all(), ResizeState.UNDONE, changes.at)
        composition.save(update_fields=["state", "state_reason", "composed_at", "closed_at"])
