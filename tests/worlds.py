"""Small pure worlds to plan in, invented and of a few parts. (`tests.shipped` reads the real pools.)

Every builder returns fresh frozen values; change one with `dataclasses.replace` or the `with_…` functions here. The
moment `NOW` is fixed, so that nothing depends on a clock.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from fabric.topology import (
    BlockFacts,
    DeviceClassFacts,
    HostFacts,
    Policy,
    PoolTopology,
    PortFacts,
    PruFacts,
    RackFacts,
)
from scheduler.planning.plan import Plan
from scheduler.planning.snapshot import Commitment, QuotaFacts, Snapshot
from scheduler.requests import Group, Line, Mix, Placement, ReservationRequest, Window

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
POLICY = Policy(
    slot_minutes=15,
    min_duration_minutes=30,
    max_duration_hours=168,
    horizon_days=28,
    min_lead_minutes=0,
    setup_minutes=5,
    teardown_minutes=5,
)
GPU, NVME, NIC, FPGA = "gpu-a", "nvme-a", "nic-a", "fpga-a"


def device_class(code: str, kind: str = "gpu", **changes: Any) -> DeviceClassFacts:
    facts = DeviceClassFacts(
        code=code,
        name=code.upper(),
        vendor="Acme",
        kind=kind,
        poolability="pcie_composable",
        tdp_w=100,
        bar_gib=64,
        driver_family="acme",
        memory_gib=48,
        allocation_unit="device",
        allocation_unit_devices=1,
        fabric_partitions=(),
        rate_usd_per_hour=Decimal("2.50"),
    )
    return replace(facts, **changes)


CLASSES = (
    device_class(GPU),
    device_class("gpu-b", driver_family="bolt", tdp_w=200),
    device_class(NVME, "nvme", tdp_w=10, bar_gib=None, driver_family="nvme", memory_gib=None, rate_usd_per_hour=None),
    device_class(NIC, "nic", tdp_w=20, bar_gib=None, driver_family="net", memory_gib=None, rate_usd_per_hour=None),
    device_class(FPGA, "fpga", driver_family="fern", tdp_w=50, bar_gib=None),
    device_class("board-a", poolability="baseboard_group", allocation_unit="baseboard", allocation_unit_devices=8),
    device_class("board-b", poolability="baseboard_group", allocation_unit="baseboard", allocation_unit_devices=8),
)


def ports(*planes: str) -> tuple[PortFacts, ...]:
    return tuple(PortFacts(index, plane) for index, plane in enumerate(planes, 1))


def host(code: str, **changes: Any) -> HostFacts:
    facts = HostFacts(
        code=code,
        rack="rack-1",
        zone="zone-1",
        template="host-8",
        cores=64,
        memory_gib=512,
        base_w=500,
        local_w=50,
        ports=ports("plane-0", "plane-0"),
        max_accelerators=8,
        mmio_high_gib=1024,
        bus_numbers=200,
        hot_add=True,
        reboot_seconds=0,
        driver_families_max=1,
    )
    return replace(facts, **changes)


def pru(code: str, **changes: Any) -> PruFacts:
    facts = PruFacts(
        code=code,
        rack="rack-1",
        zone="zone-1",
        base_w=300,
        uplinks=ports("plane-0", "plane-0", "plane-0", "plane-0"),
        slot_max_w={"accelerator": 600, "bay": 25, "nic": 150},
    )
    return replace(facts, **changes)


def cards(
    chassis: str,
    code: str,
    count: int,
    *,
    first: int = 1,
    zone: str | None = "zone-1",
    kind: str = "accelerator",
    bridge: int = 1,
    per_switch: int = 4,
) -> list[BlockFacts]:
    """A run of equal devices in a PRU; every `bridge` of them are joined, every `per_switch` share a switch."""
    letter = {"accelerator": "s", "bay": "b", "nic": "n"}[kind]
    return [
        BlockFacts(
            code=f"{chassis}-{letter}{slot:02d}",
            device_class=code,
            pru=chassis,
            host=None,
            switch=f"sw{(slot - 1) // per_switch}",
            slot_kind=kind,
            slot=slot,
            zone=zone,
            bridge_group=f"{chassis}-bridge-{(slot - 1) // bridge}" if bridge > 1 else None,
        )
        for slot in range(first, first + count)
    ]


def system(
    code: str, device: str, devices: int = 8, partitions: tuple[int, ...] = ()
) -> tuple[HostFacts, list[BlockFacts]]:
    """A fixed machine: in no zone, without ports, its devices its own."""
    machine = host(
        code,
        zone=None,
        template="system",
        ports=(),
        base_w=2000,
        local_w=0,
        max_accelerators=devices,
        is_fixed=True,
        fabric_partitions=partitions or (devices,),
    )
    blocks = [
        BlockFacts(f"{code}-s{slot:02d}", device, None, code, "", "accelerator", slot, None, None)
        for slot in range(1, devices + 1)
    ]
    return machine, blocks


def topology(
    *,
    hosts: Iterable[HostFacts],
    prus: Iterable[PruFacts],
    blocks: Iterable[BlockFacts],
    racks: Iterable[RackFacts] = (RackFacts("rack-1", budget_w=50_000, cooling_w=50_000),),
    classes: Iterable[DeviceClassFacts] = CLASSES,
    policy: Policy = POLICY,
) -> PoolTopology:
    return PoolTopology(
        pool="tiny",
        classes={one.code: one for one in classes},
        hosts={one.code: one for one in hosts},
        prus={one.code: one for one in prus},
        blocks={one.code: one for one in blocks},
        racks={one.code: one for one in racks},
        policy=policy,
    )


def two_hosts_eight_gpus(**changes: Any) -> PoolTopology:
    """One zone, one rack.

    Host-1 and host-2, and a PRU of eight unbridged GPUs on two switches, four drives and two NICs.
    """
    parts: dict[str, Any] = {
        "hosts": [host("host-1"), host("host-2")],
        "prus": [pru("pru-1")],
        "blocks": [
            *cards("pru-1", GPU, 8),
            *cards("pru-1", NVME, 4, kind="bay", per_switch=2),
            *cards("pru-1", NIC, 2, kind="nic", per_switch=1),
        ],
    }
    return topology(**{**parts, **changes})


def with_host(world: PoolTopology, code: str, **changes: Any) -> PoolTopology:
    return replace(world, hosts={**world.hosts, code: replace(world.hosts[code], **changes)})


def with_block(world: PoolTopology, code: str, **changes: Any) -> PoolTopology:
    return replace(world, blocks={**world.blocks, code: replace(world.blocks[code], **changes)})


def with_rack(world: PoolTopology, code: str, **changes: Any) -> PoolTopology:
    return replace(world, racks={**world.racks, code: replace(world.racks[code], **changes)})


def window(*, hours_ahead: float = 24, hours: float = 2, now: datetime = NOW) -> Window:
    starts_at = now + timedelta(hours=hours_ahead)
    return Window(starts_at=starts_at, ends_at=starts_at + timedelta(hours=hours))


def group(*lines: tuple[str, int], nodes: int = 1, role: str = "", **placement: Any) -> Group:
    return Group(role=role, nodes=nodes, lines=tuple(Line(*line) for line in lines), placement=Placement(**placement))


def ask(
    *groups: Group, when: Window | None = None, project: str = "team-chat", pool: str = "tiny"
) -> ReservationRequest:
    return ReservationRequest(project=project, pool=pool, title="", mix=Mix(groups), window=when or window())


def snapshot(
    world: PoolTopology,
    *,
    commitments: Iterable[Commitment] = (),
    project: str = "team-chat",
    accelerators_max: int | None = None,
    per_class_max: Mapping[str, int] | None = None,
    mig_only: bool = False,
    now: datetime = NOW,
    only: Mapping[str, str] | None = None,
    limits: Mapping[str, Any] | None = None,
) -> Snapshot:
    """`limits` are further fields of the quota, by their names."""
    return Snapshot(
        topology=world,
        generation=7,
        commitments=tuple(commitments),
        quota=QuotaFacts(project, accelerators_max, per_class_max or {}, mig_only, **(limits or {})),
        now=now,
        catalogue_only=only or {},
    )


def commitments_of(plan: Plan, *, reservation: str = "r-1", project: str = "team-other") -> list[Commitment]:
    """What committing a plan leaves behind: the host and every block of each node."""
    made = []
    for node in plan.nodes:
        for unit in (node.host, *node.blocks):
            is_host = unit == node.host
            one = Commitment(
                reservation=reservation,
                project=project,
                unit=unit,
                is_host=is_host,
                node=node.index,
                busy_from=plan.busy_from,
                busy_until=plan.busy_until,
                host=node.host,
                watts=None if is_host else node.settings[unit].power_cap_w if unit in node.settings else None,
                network=node.network if is_host else "",
                rails=node.rails if is_host else 0,
                planes=tuple(sorted(node.planes.items())) if is_host else (),
            )
            made.append(one)
    return made


def taken(
    *blocks: str,
    host: str,
    when: Window | None = None,
    reservation: str = "r-1",
    project: str = "team-other",
    node: int = 0,
    with_host: bool = True,
    planes: Mapping[str, str] | None = None,
) -> list[Commitment]:
    """Blocks held on a host for exactly the window given, no padding added. Planes of its links that are known."""
    span = when or window()
    promised = tuple(sorted((planes or {}).items()))
    units = [(host, True)] * with_host + [(block, False) for block in blocks]
    return [
        Commitment(
            reservation,
            project,
            unit,
            is_host,
            node,
            span.starts_at,
            span.ends_at,
            host,
            planes=promised if is_host else (),
        )
        for unit, is_host in units
    ]
