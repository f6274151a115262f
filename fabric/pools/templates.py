"""Host and PRU templates: what a machine of that kind is, before it stands anywhere."""

from collections.abc import Mapping
from dataclasses import dataclass

from fabric.catalogue import Catalogue
from fabric.filing import Fields
from fabric.pools.devices import device_at, watts_of
from fabric.pools.facts import HostLimits, LocalDeviceRecord, SlotsRecord, SwitchRecord
from fabric.pools.switches import check_switches, switch_record

PCIE_GENERATION_MAX = 8
LANES_CHOICES_MAX = 16  # of one link
BUS_NUMBERS_MAX = 65_536
COUNT_MAX = 1_024
SLOT_KEYS = {"accelerator": "accelerator_slots", "bay": "bays", "nic": "nic_slots"}  # key in the file by slot kind


@dataclass(frozen=True, slots=True)
class HostTemplate:
    code: str
    model: str
    processor_sockets: int
    processor_cores: int
    memory_gib: int
    numa_nodes: int
    base_w: int
    port_generation: int
    port_lanes: int
    port_numa: tuple[int, ...]  # of each port in order
    limits: HostLimits
    local_devices: tuple[LocalDeviceRecord, ...]
    local_w: int


@dataclass(frozen=True, slots=True)
class PruTemplate:
    code: str
    model: str
    chassis_type: str
    height_u: int
    base_w: int
    uplinks: int
    slots: Mapping[str, SlotsRecord]  # by slot kind
    switches: tuple[SwitchRecord, ...]

    def switch_of(self, slot_kind: str, slot: int) -> str:
        """Every slot is on exactly one switch: `check_switches` saw to it."""
        return next(record["id"] for record in self.switches if slot in slots_on(record, slot_kind))


@dataclass(frozen=True, slots=True)
class Templates:
    hosts: Mapping[str, HostTemplate]
    prus: Mapping[str, PruTemplate]


def read_templates(fields: Fields, catalogue: Catalogue) -> Templates:
    return Templates(
        hosts=fields.each_named("hosts", lambda code, one: _host(code, one, catalogue)),
        prus=fields.each_named("prus", lambda code, one: _pru(code, one, catalogue)),
    )


def slots_on(record: SwitchRecord, slot_kind: str) -> list[int]:
    return {"accelerator": record["accelerator_slots"], "bay": record["bays"], "nic": record["nic_slots"]}[slot_kind]


def _host(code: str, fields: Fields, catalogue: Catalogue) -> HostTemplate:
    numa_nodes = fields.integer("numa_nodes", least=1, most=COUNT_MAX)
    ports = fields.nested("fabric_ports")
    count = ports.integer("count", least=1, most=COUNT_MAX)
    port_numa = ports.integers("numa", most=numa_nodes - 1)
    if len(port_numa) != count:
        ports.at("numa").refuse(f"the NUMA node of each of the {count} ports", found=f"{len(port_numa)} values")
    local = fields.each("local_devices", lambda one: _local_device(one, catalogue, numa_nodes))
    made = HostTemplate(
        code=code,
        model=fields.text("model"),
        processor_sockets=fields.integer("processor_sockets", least=1, most=COUNT_MAX),
        processor_cores=fields.integer("processor_cores", least=1),
        memory_gib=fields.integer("memory_gib", least=1),
        numa_nodes=numa_nodes,
        base_w=fields.integer("base_w"),
        port_generation=ports.integer("generation", least=1, most=PCIE_GENERATION_MAX),
        port_lanes=ports.integer("lanes", least=1, most=LANES_CHOICES_MAX),
        port_numa=tuple(port_numa),
        limits=_limits(fields.nested("limits")),
        local_devices=tuple(local),
        local_w=sum(watts_of(catalogue, one["device"]) * one["count"] for one in local),
    )
    ports.close()
    return made


def _limits(fields: Fields) -> HostLimits:
    hot_add = fields.truth("hot_add")
    made = HostLimits(
        max_accelerators=fields.integer("max_accelerators", most=COUNT_MAX),
        mmio_high_gib=fields.integer("mmio_high_gib"),
        bus_numbers=fields.integer("bus_numbers", most=BUS_NUMBERS_MAX),
        hot_add=hot_add,
        reboot_seconds=fields.integer("reboot_seconds", default=0 if hot_add else None),
        driver_families_max=fields.integer("driver_families_max", least=1, most=COUNT_MAX),
    )
    fields.close()
    return made


def _local_device(fields: Fields, catalogue: Catalogue, numa_nodes: int) -> LocalDeviceRecord:
    return LocalDeviceRecord(
        device=device_at(fields.at("device"), catalogue).code,
        count=fields.integer("count", least=1, most=COUNT_MAX),
        numa=fields.integer("numa", most=numa_nodes - 1),
    )


def _pru(code: str, fields: Fields, catalogue: Catalogue) -> PruTemplate:
    uplinks = fields.nested("uplinks")
    made = PruTemplate(
        code=code,
        model=fields.text("model"),
        chassis_type=fields.choice("chassis_type", {"Expansion"}),
        height_u=fields.integer("height_u", least=1, most=COUNT_MAX),
        base_w=fields.integer("base_w"),
        uplinks=uplinks.integer("count", least=1, most=COUNT_MAX),
        slots={kind: _slots(fields.nested(key)) for kind, key in SLOT_KEYS.items()},
        switches=tuple(fields.each("switches", lambda one: switch_record(one, catalogue))),
    )
    uplinks.integer("generation", least=1, most=PCIE_GENERATION_MAX)
    uplink_lanes = uplinks.integer("lanes", least=1, most=LANES_CHOICES_MAX)
    uplinks.close()
    where = fields.at("switches")
    check_switches(where, made.switches, slots=made.slots, uplinks=made.uplinks, uplink_lanes=uplink_lanes)
    return made


def _slots(fields: Fields) -> SlotsRecord:
    made = SlotsRecord(
        count=fields.integer("count", most=COUNT_MAX),
        generation=fields.integer("generation", least=1, most=PCIE_GENERATION_MAX),
        lanes=fields.integer("lanes", least=1, most=LANES_CHOICES_MAX),
        max_w=fields.integer("max_w", least=1),
        protocols=fields.texts("protocols", optional=True) or ["PCIe"],
    )
    fields.close()
    return made
