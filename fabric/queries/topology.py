"""One pool as the planner and the composer see it, in a fixed number of queries.

Not kept here: the planner's readers keep it for as long as `Pool.inventory_generation` stays.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import cast

from fabric.catalogue.attributes import further_facts
from fabric.drivers.registry import can_configure
from fabric.models import DeviceClass, FabricManager, Host, Network, Pool, Pru, Rack, ResourceBlock
from fabric.pools.facts import HostRecord, LocalDeviceRecord, PolicyRecord, PortRecord
from fabric.states import UNUSABLE
from fabric.topology import (
    DRAIN_MINUTES,
    POOLABLE,
    PREEMPTION_NOTICE_MINUTES,
    BlockFacts,
    DeviceClassFacts,
    HostFacts,
    NetworkFacts,
    Policy,
    PoolTopology,
    PortFacts,
    PruFacts,
    RackFacts,
)


def topology(*, pool_code: str) -> PoolTopology:
    """Everything of the pool that does not depend on time. Raises Pool.DoesNotExist.

    What the file no longer names stays in it as unusable, because an allocation may still speak of it.
    """
    pool = Pool.objects.get(code=pool_code)
    rows = list(DeviceClass.objects.all())
    classes = {facts.code: facts for facts in _classes(rows)}
    return PoolTopology(
        pool=pool.code,
        classes=classes,
        hosts={facts.code: facts for facts in _hosts(pool.id, classes)},
        prus={facts.code: facts for facts in _prus(pool.id)},
        blocks={facts.code: facts for facts in _blocks(pool.id)},
        racks={rack.code: rack for rack in _racks(pool.id)},
        networks={network.code: network for network in _networks(pool.id)},
        unpoolable={
            row.code: further_facts(row.code, row.facts)["attributes"] for row in rows if not _is_holdable(row)
        },
        policy=policy_facts(cast(PolicyRecord, pool.policy)),
    )


def unit_ids(*, pool_code: str) -> Mapping[tuple[bool, str], int]:
    """The row of every unit, by whether it is a host and its code: what the values above do not carry. Two queries."""
    hosts = Host.objects.filter(pool__code=pool_code).values_list("code", "id")
    blocks = ResourceBlock.objects.filter(pool__code=pool_code).values_list("code", "id")
    return {**{(True, code): pk for code, pk in hosts}, **{(False, code): pk for code, pk in blocks}}


def policy_facts(record: PolicyRecord) -> Policy:
    return Policy(
        slot_minutes=record["slot_minutes"],
        min_duration_minutes=record["min_duration_minutes"],
        max_duration_hours=record["max_duration_hours"],
        horizon_days=record["horizon_days"],
        min_lead_minutes=record["min_lead_minutes"],
        setup_minutes=record["setup_minutes"],
        teardown_minutes=record["teardown_minutes"],
        cancel_free_until_hours=record["cancel_free_until_hours"],
        drain_minutes=record.get("drain_minutes", DRAIN_MINUTES),
        preemption_notice_minutes=record.get("preemption_notice_minutes", PREEMPTION_NOTICE_MINUTES),
    )


def catalogue_only() -> Mapping[str, str]:
    """Classes the catalogue knows and no pool can hold: code → poolability. For NOT_POOLABLE refusals."""
    return {row.code: row.poolability for row in DeviceClass.objects.all() if not _is_holdable(row)}


def _is_holdable(row: DeviceClass) -> bool:
    """A part without a published TDP has no place under power budgets (rule R14)."""
    return row.poolability in POOLABLE and row.tdp_w is not None


def _classes(rows: Iterable[DeviceClass]) -> Iterator[DeviceClassFacts]:
    for row in rows:
        if row.tdp_w is not None and _is_holdable(row):
            yield DeviceClassFacts(
                code=row.code,
                name=row.name,
                vendor=row.vendor,
                kind=row.kind,
                poolability=row.poolability,
                tdp_w=row.tdp_w,
                bar_gib=row.facts.get("bar_gib"),
                driver_family=row.facts["driver_family"],
                memory_gib=row.memory_gib,
                allocation_unit=row.facts["allocation_unit"],
                allocation_unit_devices=row.facts.get("allocation_unit_devices", 1),
                fabric_partitions=tuple(row.facts.get("fabric_partitions", ())),
                rate_usd_per_hour=row.rate_usd_per_hour,
                **further_facts(row.code, row.facts),
            )


def _hosts(pool_id: int, classes: Mapping[str, DeviceClassFacts]) -> Iterator[HostFacts]:
    columns = ("code", "rack__code", "zone__code", "template", "base_w", "is_fixed", "state", "is_cordoned", "facts")
    rows = Host.objects.filter(pool_id=pool_id).order_by("code").values_list(*columns)
    for code, rack, zone, template, base_w, is_fixed, state, is_cordoned, found in rows:
        facts = cast(HostRecord, found)
        limits = facts["limits"]
        yield HostFacts(
            code=code,
            rack=rack,
            zone=zone,
            template=template,
            cores=facts["processor_cores"],
            memory_gib=facts["memory_gib"],
            base_w=base_w,
            local_w=facts["local_w"],
            ports=_ports(facts["ports"]),
            max_accelerators=limits["max_accelerators"],
            mmio_high_gib=limits["mmio_high_gib"],
            bus_numbers=limits["bus_numbers"],
            hot_add=limits["hot_add"],
            reboot_seconds=limits["reboot_seconds"],
            driver_families_max=limits["driver_families_max"],
            is_fixed=is_fixed,
            fabric_partitions=tuple(facts["fabric_partitions"]),
            is_usable=state not in UNUSABLE and not is_cordoned,
            local_nics=local_rdma_ports(facts["local_devices"], classes),
            port_generation=facts["port_generation"],
            port_lanes=facts["port_lanes"],
        )


def local_rdma_ports(local: list[LocalDeviceRecord], classes: Mapping[str, DeviceClassFacts]) -> int:
    """RDMA ports of the NICs that stay with a host."""
    return sum(one["count"] * classes[one["device"]].rdma_ports for one in local if one["device"] in classes)


def _prus(pool_id: int) -> Iterator[PruFacts]:
    """A PRU that is gone from the file draws nothing."""
    columns = ("code", "rack__code", "zone__code", "base_w", "is_present", "facts__uplinks", "facts__slots")
    rows = Pru.objects.filter(pool_id=pool_id).order_by("code").values_list(*columns)
    for code, rack, zone, base_w, is_present, uplinks, slots in rows:
        yield PruFacts(
            code=code,
            rack=rack,
            zone=zone,
            base_w=base_w if is_present else 0,
            uplinks=_ports(uplinks),
            slot_max_w={kind: record["max_w"] for kind, record in slots.items()},
            slot_protocols={kind: tuple(record["protocols"]) for kind, record in slots.items()},
        )


def _blocks(pool_id: int) -> Iterator[BlockFacts]:
    """Plain tuples: ten thousand model instances would cost more than the query."""
    unsettable = _unsettable_zones(pool_id)
    columns = ("code", "device_class__code", "pru__code", "fixed_host__code", "switch", "slot_kind", "slot")
    more = ("zone__code", "bridge_group", "state", "is_cordoned", "is_mig_capable")
    rows = ResourceBlock.objects.filter(pool_id=pool_id).order_by("code").values_list(*columns, *more)
    for code, device_class, pru, host, switch, slot_kind, slot, zone, bridge, state, is_cordoned, is_mig in rows:
        is_usable = state not in UNUSABLE and not is_cordoned
        yield BlockFacts(
            code,
            device_class,
            pru,
            host,
            switch,
            slot_kind,
            slot,
            zone,
            bridge or None,
            is_usable,
            is_mig,
            is_settable=zone not in unsettable,
        )


def _unsettable_zones(pool_id: int) -> frozenset[str | None]:
    """Zones whose fabric cannot cut and cap cards; what is in no zone belongs to the pool's first fabric manager."""
    columns = ("id", "driver", "profile", "zones__code")
    rows = list(FabricManager.objects.filter(pool_id=pool_id).order_by("id").values_list(*columns))
    found = [row for row in rows if not can_configure(driver=row[1], profile=row[2])]
    is_first = bool(found) and found[0][0] == rows[0][0]
    return frozenset({zone for *_, zone in found if zone is not None} | ({None} if is_first else set()))


def _networks(pool_id: int) -> Iterator[NetworkFacts]:
    for row in Network.objects.filter(pool_id=pool_id, is_present=True).order_by("code"):
        yield NetworkFacts(
            code=row.code,
            protocol=row.protocol,
            rails=row.rails,
            port_rate_gbit_per_s=row.port_rate_gbit_per_s,
            switch_ports=row.switch_ports,
        )


def _racks(pool_id: int) -> Iterator[RackFacts]:
    for row in Rack.objects.filter(pool_id=pool_id).order_by("code"):
        yield RackFacts(code=row.code, budget_w=row.budget_w, cooling_w=row.cooling_limit_w)


def _ports(records: list[PortRecord]) -> tuple[PortFacts, ...]:
    return tuple(PortFacts(index=record["index"], plane=record["plane"], numa=record["numa"]) for record in records)
