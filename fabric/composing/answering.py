"""The acts of the reconciler that change rows: states of units, and the intents of what is to be done on the fabric."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from fabric.composing.differences import Recorded
from fabric.composing.repairs import Act, Do, RecordedHost
from fabric.models import Drift, FabricManager, Host, Repair, ResourceBlock
from fabric.services.units import move_blocks, move_hosts
from fabric.states import BlockState, DriftKind, RepairKind

RECONCILER = "heddle"
DETACHING = "It is being taken apart."


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What acts are carried out on, in one transaction that has locked the pool. `lost` collects new unusable units."""

    manager: FabricManager
    rows: Mapping[str, Recorded]
    hosts: Mapping[str, RecordedHost]
    now: datetime
    unusable: Callable[[str, str], None]
    offered: Callable[[str], None]
    lost: set[tuple[bool, str]] = field(default_factory=set)


def carry_out(*, act: Act, sheet: Sheet) -> bool:
    """Whether this act is one of these; the others concern people and are the caller's. Twice is harmless."""
    do = _ACTS.get(act.do)
    if do is not None:
        do(act, sheet)
    return do is not None


def open_repair(
    *,
    manager: FabricManager,
    kind: RepairKind,
    now: datetime,
    reason: str,
    by_name: str,
    tag: str = "",
    blocks: Collection[str] = (),
    drift: Drift | None = None,
) -> Repair:
    """The intent. The pool is locked by the caller, so that its key is the next one of its kind and target."""
    base = f"repair/{manager.pool_id}/{kind}/{tag or '+'.join(sorted(blocks))}/"
    return Repair.objects.create(
        pool_id=manager.pool_id,
        fabric_manager=manager,
        drift=drift,
        kind=kind,
        op_key=f"{base}{Repair.objects.filter(op_key__startswith=base).count() + 1}",
        tag=tag,
        blocks=sorted(blocks),
        reason=reason,
        by_name=by_name,
        created_at=now,
    )


def open_cleaning(
    *, manager: FabricManager, block: str, seen: BlockState, now: datetime, reason: str, by_name: str
) -> bool:
    """From `seen` to CLEANING, with its intent; False if somebody was faster."""
    rows = ResourceBlock.objects.filter(pool=manager.pool_id, code=block)
    moved = move_blocks(ids=rows.values_list("id", flat=True), seen=seen, to=BlockState.CLEANING, reason=reason)
    if moved:
        open_repair(manager=manager, kind=RepairKind.CLEAN, blocks=[block], now=now, reason=reason, by_name=by_name)
    return bool(moved)


def _make_unusable(act: Act, sheet: Sheet) -> None:
    """A block that an earlier act of this listing has moved already keeps that act's reason."""
    to = BlockState.MISSING if act.do == Do.MISSING else BlockState.QUARANTINED
    ids = ResourceBlock.objects.filter(pool=sheet.manager.pool_id, code=act.unit).values_list("id", flat=True)
    if move_blocks(ids=list(ids), seen=sheet.rows[act.unit].state, to=to, reason=act.reason):
        sheet.lost.add((False, act.unit))
        sheet.unusable(act.unit, act.reason)


def _quarantine_host(act: Act, sheet: Sheet) -> None:
    if _move_host(act, sheet, BlockState.QUARANTINED):
        sheet.lost.add((True, act.unit))
        sheet.unusable(act.unit, act.reason)


def _free_host(act: Act, sheet: Sheet) -> None:
    if _move_host(act, sheet, BlockState.FREE):
        sheet.offered(act.unit)


def _move_host(act: Act, sheet: Sheet, to: BlockState) -> bool:
    ids = Host.objects.filter(pool=sheet.manager.pool_id, code=act.unit).values_list("id", flat=True)
    return bool(move_hosts(ids=list(ids), seen=sheet.hosts[act.unit].state, to=to, reason=act.reason))


def _detach(act: Act, sheet: Sheet) -> None:
    """Every difference of that name is answered by it."""
    rows = Drift.objects.filter(
        pool=sheet.manager.pool_id, kind=DriftKind.ORPHAN, tag=act.tag, resolved_at=None
    ).order_by("id")
    open_repair(
        manager=sheet.manager,
        kind=RepairKind.DETACH,
        tag=act.tag,
        blocks=act.blocks,
        now=sheet.now,
        reason=act.reason,
        by_name=RECONCILER,
        drift=rows.first(),
    )
    rows.update(resolution=DETACHING)


def _clean(act: Act, sheet: Sheet) -> None:
    open_cleaning(
        manager=sheet.manager,
        block=act.unit,
        seen=sheet.rows[act.unit].state,
        now=sheet.now,
        reason=act.reason,
        by_name=RECONCILER,
    )


def _note_boot(act: Act, sheet: Sheet) -> None:
    Host.objects.filter(pool=sheet.manager.pool_id, code=act.unit).update(boot_id=act.boot_id)


_ACTS: Mapping[Do, Callable[[Act, Sheet], None]] = {
    Do.QUARANTINE: _make_unusable,
    Do.MISSING: _make_unusable,
    Do.DETACH: _detach,
    Do.CLEAN: _clean,
    Do.QUARANTINE_HOST: _quarantine_host,
    Do.FREE_HOST: _free_host,
    Do.NOTE_BOOT: _note_boot,
}
