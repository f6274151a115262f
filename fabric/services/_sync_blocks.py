"""The part of a sync that has ten thousand rows: blocks, and the device in each."""

from collections.abc import Mapping

from fabric.models import Device, DeviceClass, Host, Pool, Pru, ResourceBlock, Zone
from fabric.pools import ParsedBlock, ParsedPool
from fabric.pools.parsed import DeviceState
from fabric.services._presence import first_columns, follow_blocks
from fabric.services._settle import BATCH, Settled, settle


def settle_blocks(
    *, pool: Pool, parsed: ParsedPool, hosts: Settled[Host], prus: Settled[Pru], zones: Settled[Zone]
) -> bool:
    """Whether any block or device changed, left, came back or was cordoned."""
    classes = dict(DeviceClass.objects.values_list("code", "id"))
    wanted = {
        one.code: {
            "device_class_id": classes[one.device_class],
            "pru_id": prus.ids[one.pru] if one.pru else None,
            "fixed_host_id": hosts.ids[one.fixed_host] if one.fixed_host else None,
            "zone_id": zones.ids[one.zone] if one.zone else None,
            "switch": one.switch,
            "slot_kind": one.slot_kind,
            "slot": one.slot,
            "bridge_group": one.bridge_group,
            "is_mig_capable": one.is_mig_capable,
        }
        for one in parsed.blocks
    }
    at_first = {one.code: first_columns(block=one) for one in parsed.blocks if one.state != DeviceState.ENABLED}
    blocks = settle(ResourceBlock, pool=pool, wanted=wanted, at_first=at_first)
    by_id = {blocks.ids[one.code]: one for one in parsed.blocks}
    is_device_changed = _settle_devices(pool, by_id)
    is_moved = follow_blocks(pool=pool, gone=blocks.gone, parsed=by_id)
    return blocks.is_changed or is_device_changed or is_moved


def _settle_devices(pool: Pool, wanted: Mapping[int, ParsedBlock]) -> bool:
    """A file knows one device a block. Another serial is another device: the old one is no longer in the block."""
    there = {row.block_id: row for row in Device.objects.filter(block__pool=pool)}
    kept = {
        block_id
        for block_id, row in there.items()
        if block_id not in wanted or (row.serial, row.pci_id) == (wanted[block_id].serial, wanted[block_id].pci_id)
    }
    Device.objects.filter(block_id__in=there.keys() - kept).delete()
    new = [
        Device(block_id=block_id, serial=one.serial, pci_id=one.pci_id)
        for block_id, one in wanted.items()
        if block_id not in kept
    ]
    Device.objects.bulk_create(new, batch_size=BATCH)
    return bool(new)
