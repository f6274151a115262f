"""The shape of every JSON column a pool file fills: what the rows' `facts`, `planes` and `policy` hold.

Written by the pool loader and the generator, read by `fabric.queries`. Watts, GiB and seconds, as the keys say.
"""

from typing import NotRequired, TypedDict


class PortRecord(TypedDict):
    """One link into the fabric. `numa` is None for a PRU's uplink."""

    index: int  # from 1
    plane: str
    numa: int | None


class LocalDeviceRecord(TypedDict):
    """Devices that stay with their host."""

    device: str
    count: int
    numa: int


class HostLimits(TypedDict):
    max_accelerators: int
    mmio_high_gib: int
    bus_numbers: int
    hot_add: bool
    reboot_seconds: int  # 0 where a reboot is never needed
    driver_families_max: int


class HostRecord(TypedDict):
    """`Host.facts`."""

    processor_sockets: int
    processor_cores: int
    memory_gib: int
    numa_nodes: int
    port_generation: int  # PCIe generation of every port; 0 without ports
    port_lanes: int
    ports: list[PortRecord]
    limits: HostLimits
    local_devices: list[LocalDeviceRecord]
    local_w: int  # their TDP; 0 for a fixed system, whose base_w says it
    fabric_partitions: list[int]  # sizes a fixed system is granted in; [] for any other host


class SlotsRecord(TypedDict):
    """One kind of slot of a PRU."""

    count: int
    generation: int
    lanes: int
    max_w: int
    protocols: list[str]


class SwitchRecord(TypedDict):
    """One PCIe switch inside a PRU, and what hangs on it, by slot number."""

    id: str
    device: str
    lanes: int
    uplinks: list[int]
    accelerator_slots: list[int]
    bays: list[int]
    nic_slots: list[int]
    inter_switch_x16_links: int


class PruRecord(TypedDict):
    """`Pru.facts`."""

    chassis_type: str
    height_u: int
    uplinks: list[PortRecord]
    slots: dict[str, SlotsRecord]  # by slot kind: accelerator, bay, nic
    switches: list[SwitchRecord]


class PowerRecord(TypedDict):
    feeds: int
    redundancy: str
    breaker_w: int
    derate: float
    budget_w: int


class CoolingRecord(TypedDict):
    method: str
    limit_w: int


class RackRecord(TypedDict):
    """`Rack.facts`."""

    power: PowerRecord
    cooling: CoolingRecord


class PlaneRecord(TypedDict):
    """One of `FabricManager.planes`."""

    id: str
    switch: str
    ports: int
    reconfigure_ms: int


class ExtensionRecord(TypedDict):
    allowed_within_hours: int
    max_hours: int


class IdleRecord(TypedDict):
    percent: int  # busy is more than that
    warn_minutes: int
    release_minutes: int  # from the warning on
    action: str  # warn, shrink or release


class PolicyRecord(TypedDict):
    """`Pool.policy`."""

    slot_minutes: int
    min_duration_minutes: int
    max_duration_hours: int
    horizon_days: int
    min_lead_minutes: int
    setup_minutes: int
    teardown_minutes: int
    checkin_grace_minutes: int
    on_no_show: str  # release or keep
    extension: ExtensionRecord
    cancel_free_until_hours: int
    charge_unit: str
    charge_reserved_time: bool
    drain_minutes: NotRequired[int]  # of a pool loaded before the key existed it is not there
    preemption_notice_minutes: NotRequired[int]  # likewise
    late_cancel_percent: NotRequired[int]  # of the price, once it may no longer be cancelled for nothing
    fair_share_half_life_days: NotRequired[int]
    idle: NotRequired[IdleRecord]


class SpreadRecord(TypedDict):
    """Median and 95th percentile, seconds."""

    p50: float
    p95: float


class SimulationRecord(TypedDict):
    """`Pool.simulation`: what the emulator imitates."""

    seed: int
    bind_seconds: SpreadRecord
    unbind_seconds: SpreadRecord
    reboot_seconds: int
    bind_failure_probability: float
    idle_power_fraction: float
