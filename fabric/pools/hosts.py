"""Hosts, and fixed systems: hosts whose accelerators never leave them (rule R9)."""

import math

from fabric.catalogue import CatalogueEntry
from fabric.filing import Fields
from fabric.pools.devices import device_at, poolable_at
from fabric.pools.fabrics import ports
from fabric.pools.facts import HostLimits, HostRecord, LocalDeviceRecord
from fabric.pools.identity import address_of, block_code, serial_of
from fabric.pools.parsed import ParsedBlock, ParsedFabric, ParsedHost
from fabric.pools.site import Site, seat_of
from fabric.pools.templates import HostTemplate

HOST_HEIGHT_U = 2
SYSTEM_HEIGHT_U = 1  # the file does not say how high a system is
SYSTEM_TEMPLATE = "system"
SYSTEM_DEVICES_MAX = 64
BUS_NUMBERS = 256  # of one PCI segment
UNPUBLISHED_BAR_GIB = 1  # rule R5


def read_host(fields: Fields, site: Site) -> ParsedHost:
    template = site.templates.hosts[fields.choice("template", set(site.templates.hosts))]
    rack, unit = site.standing(fields, height_u=HOST_HEIGHT_U)
    seat = seat_of(fields, site.zones.hosts)
    code = fields.code("id")
    return host_of(
        template, code=code, pool=site.pool, rack=rack, unit=unit, zone=seat.zone, fabric=site.fabrics[seat.fabric]
    )


def host_of(
    template: HostTemplate, *, code: str, pool: str, rack: str, unit: int, zone: str, fabric: ParsedFabric
) -> ParsedHost:
    return ParsedHost(
        code=code,
        rack=rack,
        zone=zone,
        unit=unit,
        template=template.code,
        model=template.model,
        is_fixed=False,
        address=address_of(pool=pool, host=code),
        base_w=template.base_w,
        facts=HostRecord(
            processor_sockets=template.processor_sockets,
            processor_cores=template.processor_cores,
            memory_gib=template.memory_gib,
            numa_nodes=template.numa_nodes,
            port_generation=template.port_generation,
            port_lanes=template.port_lanes,
            ports=ports(len(template.port_numa), fabric, numa=template.port_numa),
            limits=template.limits,
            local_devices=list(template.local_devices),
            local_w=template.local_w,
            fabric_partitions=[],
        ),
    )


def read_system(fields: Fields, site: Site) -> tuple[ParsedHost, list[ParsedBlock]]:
    """The machine and its accelerators. Its base_w is the draw of all the rest, NICs included."""
    device = poolable_at(fields.at("device"), site.catalogue)
    devices = fields.integer("devices", least=1, most=SYSTEM_DEVICES_MAX)
    rack, unit = site.standing(fields, height_u=SYSTEM_HEIGHT_U)
    code = fields.code("id")
    host = ParsedHost(
        code=code,
        rack=rack,
        zone=None,
        unit=unit,
        template=SYSTEM_TEMPLATE,
        model=f"{devices} × {device.name}",
        is_fixed=True,
        address=address_of(pool=site.pool, host=code),
        base_w=fields.integer("base_w"),
        facts=_system_record(fields, site, device, devices),
    )
    return host, [_fixed_block(site.pool, code, device, slot) for slot in range(1, devices + 1)]


def _system_record(fields: Fields, site: Site, device: CatalogueEntry, devices: int) -> HostRecord:
    return HostRecord(
        processor_sockets=0,
        processor_cores=0,
        memory_gib=0,
        numa_nodes=1,
        port_generation=0,
        port_lanes=0,
        ports=[],
        limits=HostLimits(
            max_accelerators=devices,
            mmio_high_gib=devices * math.ceil(device.bar_gib or UNPUBLISHED_BAR_GIB),
            bus_numbers=BUS_NUMBERS,
            hot_add=True,  # access and network only: nothing is plugged
            reboot_seconds=0,
            driver_families_max=1,
        ),
        local_devices=[_nics(fields.nested("nics"), site)] if "nics" in fields else [],
        local_w=0,
        fabric_partitions=_partitions(fields, devices),
    )


def _nics(fields: Fields, site: Site) -> LocalDeviceRecord:
    made = LocalDeviceRecord(
        device=device_at(fields.at("device"), site.catalogue).code,
        count=fields.integer("count", least=1, most=SYSTEM_DEVICES_MAX),
        numa=0,
    )
    fields.close()
    return made


def _partitions(fields: Fields, devices: int) -> list[int]:
    """Absent means whole only."""
    if "fabric_partitions" not in fields:
        return [devices]
    sizes = fields.integers("fabric_partitions", least=1, most=devices)
    if not sizes or len(set(sizes)) != len(sizes):
        fields.at("fabric_partitions").refuse("one or more sizes, each once")
    return sizes


def _fixed_block(pool: str, system: str, device: CatalogueEntry, slot: int) -> ParsedBlock:
    code = block_code(chassis=system, slot_kind="accelerator", slot=slot)
    return ParsedBlock(
        code=code,
        device_class=device.code,
        pru=None,
        fixed_host=system,
        zone=None,
        switch="",
        slot_kind="accelerator",
        slot=slot,
        bridge_group="",
        is_mig_capable=False,
        serial=serial_of(pool=pool, block=code),
        pci_id=device.pci_ids[0] if device.pci_ids else "",
    )
