"""One pool as its file says it is: frozen, checked, and in the rows' own terms."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from fabric.catalogue import Catalogue
from fabric.pools.facts import HostRecord, PlaneRecord, PolicyRecord, PruRecord, RackRecord, SimulationRecord
from fabric.pools.templates import Templates


class DeviceState(StrEnum):
    """Redfish Status.State of a device, as far as pool files use it."""

    ENABLED = "Enabled"
    DISABLED = "Disabled"  # cordoned
    UPDATING = "Updating"  # cordoned
    UNAVAILABLE_OFFLINE = "UnavailableOffline"  # missing


@dataclass(frozen=True, slots=True)
class ParsedRack:
    code: str
    room: str
    height_u: int
    budget_w: int
    cooling_limit_w: int
    facts: RackRecord


@dataclass(frozen=True, slots=True)
class ParsedFabric:
    code: str
    medium: str
    planes: tuple[PlaneRecord, ...]


@dataclass(frozen=True, slots=True)
class ParsedZone:
    code: str
    fabric: str


@dataclass(frozen=True, slots=True)
class ParsedNetwork:
    code: str
    protocol: str
    rails: int
    port_rate_gbit_per_s: int
    switch_ports: int


@dataclass(frozen=True, slots=True)
class ParsedHost:
    """A host, or a fixed system (`is_fixed`, in no zone, without ports)."""

    code: str
    rack: str
    zone: str | None
    unit: int
    template: str
    model: str
    is_fixed: bool
    address: str
    base_w: int
    facts: HostRecord


@dataclass(frozen=True, slots=True)
class ParsedPru:
    code: str
    rack: str
    zone: str
    unit: int
    template: str
    model: str
    base_w: int
    facts: PruRecord


@dataclass(frozen=True, slots=True)
class ParsedBlock:
    """One card, drive or NIC: in a PRU, or (fixed) in a system."""

    code: str
    device_class: str
    pru: str | None
    fixed_host: str | None
    zone: str | None
    switch: str
    slot_kind: str
    slot: int
    bridge_group: str
    is_mig_capable: bool
    serial: str
    pci_id: str
    state: DeviceState = DeviceState.ENABLED


@dataclass(frozen=True, slots=True)
class Tenant:
    """Who uses the pool: the demo makes a project of each. None is unlimited."""

    code: str
    name: str
    share: int  # per cent of the pool
    accelerators_max: int | None  # at once
    gpu_hours_per_month_max: int | None
    is_mig_only: bool
    priority: str  # production opens that to it; normal and low are open to everybody


@dataclass(frozen=True)
class ParsedPool:
    """Everything of one pool file. `templates` is kept for generators that build on this file."""

    code: str
    name: str
    time_zone: str
    currency: str
    source: Path
    catalogue: Catalogue
    templates: Templates
    racks: tuple[ParsedRack, ...]
    fabrics: tuple[ParsedFabric, ...]
    zones: tuple[ParsedZone, ...]
    networks: tuple[ParsedNetwork, ...]
    hosts: tuple[ParsedHost, ...]
    prus: tuple[ParsedPru, ...]
    blocks: tuple[ParsedBlock, ...]
    policy: PolicyRecord
    tenants: tuple[Tenant, ...]
    simulation: SimulationRecord

    def counts(self) -> Mapping[str, int]:
        """Blocks by device class."""
        found: dict[str, int] = {}
        for block in self.blocks:
            found[block.device_class] = found.get(block.device_class, 0) + 1
        return found
