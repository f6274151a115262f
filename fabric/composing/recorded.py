"""What the rows say of the units that one fabric manager wires, as the reconciler's values."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Max, Q

from fabric.composing.differences import Recorded
from fabric.composing.freezing import BROKEN
from fabric.composing.ledger_rows import settings_of
from fabric.composing.repairs import RecordedHost
from fabric.drivers.base import AS_IT_COMES, Inventory
from fabric.models import (
    Attachment,
    Composition,
    CompositionStep,
    Device,
    Drift,
    FabricManager,
    Repair,
    ResourceBlock,
)
from fabric.services._presence import GONE as GONE_FROM_FILE
from fabric.services._presence import OFFLINE
from fabric.services.belonging import blocks_of, hosts_of
from fabric.states import LIVE_COMPOSITIONS, UNUSABLE, BlockState, CompositionState, RepairState

BATCH = 1000  # rows an INSERT: a pool has thousands of blocks
KINDS_WITH_DATA = frozenset({"nvme"})
MOVING = LIVE_COMPOSITIONS - {CompositionState.COMPOSED}


def recorded(*, manager: FabricManager) -> dict[str, Recorded]:
    """By block code. What the pool file itself calls missing is not expected on the fabric, and left out."""
    rows = blocks_of(manager=manager).select_related("fixed_host", "device_class").order_by("id")
    owned = _owned(manager)
    moving = set(Composition.objects.filter(pool=manager.pool_id, state__in=MOVING).values_list("blocks", flat=True))
    serials = _serials(manager)
    settled = _settled(manager)
    return {
        row.code: Recorded(
            code=row.code,
            state=BlockState(row.state),
            tag=owned[row.pk].tag if row.pk in owned else None,
            host=owned[row.pk].host.code if row.pk in owned else None,
            is_moving=row.pk in moving,
            reason=row.state_reason,
            serial=serials.get(row.pk, ""),
            home=row.fixed_host.code if row.fixed_host else None,
            setting=settings_of(owned[row.pk].settings).get(row.code, AS_IT_COMES) if row.pk in owned else AS_IT_COMES,
            keeps_data=row.device_class.kind in KINDS_WITH_DATA,
            settled_at=settled.get(row.pk),
        )
        for row in rows
        if not is_missing_by_file(row)
    }


def recorded_hosts(*, manager: FabricManager) -> tuple[RecordedHost, ...]:
    """A boot id that is older than the node on the host says nothing: wiring it may have taken a boot."""
    live = {
        one.host_id: one
        for one in Composition.objects.filter(pool=manager.pool_id, state__in=LIVE_COMPOSITIONS).order_by("id")
    }
    fresh = _wired_since_listed(manager)
    return tuple(
        RecordedHost(
            code=row.code,
            state=BlockState(row.state),
            reason=row.state_reason,
            tag=live[row.pk].tag if row.pk in live and live[row.pk].state == CompositionState.COMPOSED else None,
            is_moving=row.pk in live and live[row.pk].state in MOVING,
            boot_id="" if row.pk in live and live[row.pk].pk in fresh else row.boot_id,
        )
        for row in hosts_of(manager=manager).order_by("code")
    )


def names(*, manager: FabricManager, inventory: Inventory) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Of the tags that the listing shows: those of live compositions, all that we gave, and those that are frozen."""
    shown = {device.tag for device in inventory.devices} | {machine.tag for machine in inventory.machines}
    given = dict(Composition.objects.filter(pool=manager.pool_id, tag__in=shown - {None}).values_list("tag", "state"))
    frozen = CompositionStep.objects.filter(composition__tag__in=given, error=BROKEN).values_list(
        "composition__tag", flat=True
    )
    return (
        frozenset(tag for tag, state in given.items() if state in LIVE_COMPOSITIONS),
        frozenset(given),
        frozenset(frozen),
    )


def busy(*, manager: FabricManager) -> frozenset[str]:
    """Blocks and tags that an open repair is at."""
    rows = Repair.objects.filter(fabric_manager=manager, state=RepairState.OPEN).values_list("tag", "blocks")
    return frozenset(name for tag, blocks in rows for name in (tag, *blocks) if name)


def adopt_hardware(*, manager: FabricManager, inventory: Inventory) -> None:
    """The first complete listing says which hardware is there: until then a serial number is the pool file's guess."""
    ids = dict(blocks_of(manager=manager).values_list("code", "id"))
    known = set(Device.objects.filter(block__pool=manager.pool_id).values_list("block_id", "serial"))
    new = {
        ids[seen.block]: seen
        for seen in inventory.devices
        if seen.serial and seen.block in ids and (ids[seen.block], seen.serial) not in known
    }
    Device.objects.filter(block__in=new).delete()
    Device.objects.bulk_create(
        [Device(block_id=pk, serial=seen.serial, pci_id=seen.pci_id) for pk, seen in new.items()], batch_size=BATCH
    )


def note_hardware(*, block_id: int, serial: str, pci_id: str) -> bool:
    """Whether it was other hardware until now."""
    if Device.objects.filter(block_id=block_id, serial=serial).exists():
        return False
    Device.objects.filter(block_id=block_id).delete()
    Device.objects.create(block_id=block_id, serial=serial, pci_id=pci_id)
    return True


def close_stale_attachments(
    *, inventory: Inventory, rows: Collection[str], manager: FabricManager, now: datetime
) -> None:
    """Of compositions that were closed without proof: over once the fabric shows the block, and not under that name."""
    if not inventory.is_complete:
        return
    shown = {seen.block: seen for seen in inventory.devices if seen.block in rows}
    stale = Attachment.objects.filter(
        block__pool=manager.pool_id, block__code__in=shown, until=None, composition__state=CompositionState.CLOSED
    ).select_related("block", "composition")
    over = [one.pk for one in stale if shown[one.block.code].tag != one.composition.tag]
    Attachment.objects.filter(id__in=over, until=None).update(until=now)


def is_missing_by_file(row: ResourceBlock) -> bool:
    return row.state == BlockState.MISSING and row.state_reason in (GONE_FROM_FILE, OFFLINE)


def _owned(manager: FabricManager) -> dict[int, Composition]:
    """By block: the live composition it is attached to, or else the node in use that it is a device of."""
    nodes = {
        one.pk: one
        for one in Composition.objects.filter(pool=manager.pool_id, state__in=LIVE_COMPOSITIONS).select_related("host")
    }
    in_use = Composition.objects.filter(id__in=nodes, state=CompositionState.COMPOSED, blocks__isnull=False)
    owned = {block: nodes[node] for node, block in in_use.values_list("id", "blocks")}
    attached = Attachment.objects.filter(composition__in=nodes, until=None).values_list("block_id", "composition_id")
    return {**owned, **{block: nodes[node] for block, node in attached}}


def _wired_since_listed(manager: FabricManager) -> set[int]:
    """Nodes in use that were composed, or changed, after the last complete listing."""
    listed_at = FabricManager.objects.filter(id=manager.pk).values_list("listed_at", flat=True).get()
    in_use = Composition.objects.filter(pool=manager.pool_id, state=CompositionState.COMPOSED)
    if listed_at is None:
        return set(in_use.values_list("id", flat=True))
    since = Q(composed_at__gte=listed_at) | Q(resizes__finished_at__gte=listed_at)
    return set(in_use.filter(since).values_list("id", flat=True))


def _serials(manager: FabricManager) -> dict[int, str]:
    """Of a block with one device; with several of them no single one is expected."""
    found: dict[int, str] = {}
    for block_id, serial in Device.objects.filter(block__pool=manager.pool_id).values_list("block_id", "serial"):
        found[block_id] = "" if block_id in found else serial
    return found


def _settled(manager: FabricManager) -> dict[int, datetime]:
    """Asked only of blocks that wait to return."""
    waiting = ResourceBlock.objects.filter(pool=manager.pool_id, state__in=sorted(UNUSABLE))
    rows = Drift.objects.filter(block__in=waiting, resolved_at__isnull=False)
    return {row["block"]: row["at"] for row in rows.order_by().values("block").annotate(at=Max("resolved_at"))}
