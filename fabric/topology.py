"""Frozen value types of one pool as the planner and the composer see it. Pure.

Watts are ints, memory and address space GiB, times seconds. Every `code` is unique inside its pool and kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

ACCELERATOR_KINDS = frozenset({"gpu", "xpu", "fpga"})
DRAIN_MINUTES = 1  # where a pool says nothing
PREEMPTION_NOTICE_MINUTES = 10  # likewise
POOLABLE = frozenset({"pcie_composable", "pcie_group", "baseboard_group"})


@dataclass(frozen=True, slots=True)
class DeviceClassFacts:
    """What the catalogue says of one kind of device; None is "not published", never zero."""

    code: str
    name: str
    vendor: str
    kind: str
    poolability: str
    tdp_w: int
    bar_gib: float | None
    driver_family: str
    memory_gib: float | None
    allocation_unit: str
    allocation_unit_devices: int
    fabric_partitions: tuple[int, ...]
    rate_usd_per_hour: Decimal | None
    mig_profiles: Mapping[str, int] = field(default_factory=dict)  # profile → most of it on one card
    mig_instances_max: int = 0  # slices of all profiles on one card
    pcie_generation: int = 0  # 0 is "not published"
    pcie_lanes: int = 0
    rdma_ports: int = 0  # of a NIC
    attributes: Mapping[str, str | int | float | bool] = field(default_factory=dict)  # what selectors may ask
    scrub_method: str = ""  # how it is made clean between two tenants
    scrub_seconds: int = 0  # how long that takes; 0 is "not known", and then the pool's own clean-up counts

    @property
    def is_accelerator(self) -> bool:
        return self.kind in ACCELERATOR_KINDS


@dataclass(frozen=True, slots=True)
class PortFacts:
    """One link of a host or a PRU into the fabric, and the optical plane it ends on."""

    index: int
    plane: str
    numa: int | None = None


@dataclass(frozen=True, slots=True)
class HostFacts:
    """A compute side. A fixed system is a host with `is_fixed`: its devices never leave it (rule R9)."""

    code: str
    rack: str
    zone: str | None
    template: str
    cores: int
    memory_gib: int
    base_w: int
    local_w: int  # sum of the TDP of devices that stay with the host
    ports: tuple[PortFacts, ...]
    max_accelerators: int
    mmio_high_gib: int
    bus_numbers: int
    hot_add: bool
    reboot_seconds: int
    driver_families_max: int
    is_fixed: bool = False
    fabric_partitions: tuple[int, ...] = ()  # sizes a fixed system may be granted in
    is_usable: bool = True  # healthy and not cordoned
    local_nics: int = 0  # RDMA ports that stay with the host
    port_generation: int = 5  # PCIe generation of its fabric ports
    port_lanes: int = 16


@dataclass(frozen=True, slots=True)
class PruFacts:
    """A chassis of pooled blocks. `slot_max_w` and `slot_protocols` by slot kind: accelerator, bay, nic."""

    code: str
    rack: str
    zone: str | None
    base_w: int
    uplinks: tuple[PortFacts, ...]
    slot_max_w: Mapping[str, int]
    slot_protocols: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # such as PCIe, CXL2


@dataclass(frozen=True, slots=True)
class BlockFacts:
    """One card, drive or NIC. `pru` is None for a device of a fixed system, whose `host` is set."""

    code: str
    device_class: str
    pru: str | None
    host: str | None
    switch: str
    slot_kind: str  # accelerator, bay or nic
    slot: int
    zone: str | None
    bridge_group: str | None  # code of the group of bridged cards (rule R10)
    is_usable: bool = True  # healthy, present and not cordoned
    is_mig_capable: bool = False  # the pool allows this card to be cut
    is_settable: bool = True  # its fabric can cut cards and hold them to a limit


@dataclass(frozen=True, slots=True)
class NetworkFacts:
    """An RDMA network that joins hosts, across zones too (rule R21)."""

    code: str
    protocol: str
    rails: int
    port_rate_gbit_per_s: int
    switch_ports: int


@dataclass(frozen=True, slots=True)
class RackFacts:
    code: str
    budget_w: int  # what one side of the feeds may carry alone
    cooling_w: int  # heat it may shed


@dataclass(frozen=True, slots=True)
class Policy:
    """Bounds of a reservation and its padding, from the pool file. Minutes and hours as named."""

    slot_minutes: int
    min_duration_minutes: int
    max_duration_hours: int
    horizon_days: int
    min_lead_minutes: int
    setup_minutes: int
    teardown_minutes: int
    cancel_free_until_hours: int = 0
    drain_minutes: int = DRAIN_MINUTES  # grace of work on devices that are given back
    preemption_notice_minutes: int = PREEMPTION_NOTICE_MINUTES  # that low priority in use is told before it gives way


def check_in_minutes(policy: Mapping[str, object]) -> int | None:
    """How long an unclaimed start is kept; None: for good.

    `policy` as a pool file has it. No grace at all would give everything back as soon as it begins, so it means that
    nobody need check in.
    """
    minutes = policy.get("checkin_grace_minutes")
    return minutes if isinstance(minutes, int) and minutes > 0 and policy.get("on_no_show") == "release" else None


@dataclass(frozen=True)
class PoolTopology:
    """Everything of one pool that does not depend on time, keyed by code."""

    pool: str
    classes: Mapping[str, DeviceClassFacts]
    hosts: Mapping[str, HostFacts]
    prus: Mapping[str, PruFacts]
    blocks: Mapping[str, BlockFacts]
    racks: Mapping[str, RackFacts]
    policy: Policy
    networks: Mapping[str, NetworkFacts] = field(default_factory=dict)
    unpoolable: Mapping[str, Mapping[str, str | int | float | bool]] = field(default_factory=dict)
    """Attributes of the classes that the catalogue knows and no pool can hold, for selectors that match only them."""

    @cached_property
    def stock(self) -> Mapping[str, tuple[BlockFacts, ...]]:
        """Blocks by class, in the order of their codes; only classes of which the pool has something."""
        found: dict[str, list[BlockFacts]] = {}
        for code in sorted(self.blocks):
            found.setdefault(self.blocks[code].device_class, []).append(self.blocks[code])
        return {device_class: tuple(blocks) for device_class, blocks in found.items()}

    @cached_property
    def unsettable(self) -> frozenset[str]:
        """Blocks whose fabric neither cuts cards nor holds them to a limit."""
        return frozenset(code for code, block in self.blocks.items() if not block.is_settable)

    @cached_property
    def remembered(self) -> dict[object, object]:
        """What pure functions found out about this inventory, kept as long as it is; each bounds what it adds."""
        return {}
