"""The shipped pools as worlds to plan in, read from their real files, as `fabric.queries` makes them of the rows."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from functools import cache
from typing import Any

from fabric.catalogue.attributes import further_facts
from fabric.pools import ParsedPool, load_pool
from fabric.pools.parsed import DeviceState
from fabric.topology import (
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


def lab() -> PoolTopology:
    return _shipped("lab")


def pod() -> PoolTopology:
    return _shipped("pod")


def scale() -> PoolTopology:
    """1,250 hosts and 10,000 devices from the generator: the same on every machine."""
    return _shipped("scale")


@cache
def _shipped(name: str) -> PoolTopology:
    parsed = load_pool(name)
    classes = {one.code: one for one in _classes(parsed)}
    return PoolTopology(
        pool=parsed.code,
        classes=classes,
        hosts={one.code: one for one in _hosts(parsed, classes)},
        prus={
            one.code: PruFacts(
                code=one.code,
                rack=one.rack,
                zone=one.zone,
                base_w=one.base_w,
                uplinks=_ports(one.facts["uplinks"]),
                slot_max_w={kind: slots["max_w"] for kind, slots in one.facts["slots"].items()},
                slot_protocols={kind: tuple(slots["protocols"]) for kind, slots in one.facts["slots"].items()},
            )
            for one in parsed.prus
        },
        blocks={
            one.code: BlockFacts(
                code=one.code,
                device_class=one.device_class,
                pru=one.pru,
                host=one.fixed_host,
                switch=one.switch,
                slot_kind=one.slot_kind,
                slot=one.slot,
                zone=one.zone,
                bridge_group=one.bridge_group or None,
                is_usable=one.state is DeviceState.ENABLED,
                is_mig_capable=one.is_mig_capable,
            )
            for one in parsed.blocks
        },
        racks={one.code: RackFacts(one.code, one.budget_w, one.cooling_limit_w) for one in parsed.racks},
        policy=Policy(**{field.name: parsed.policy[field.name] for field in fields(Policy)}),  # type: ignore[literal-required]
        networks={
            one.code: NetworkFacts(one.code, one.protocol, one.rails, one.port_rate_gbit_per_s, one.switch_ports)
            for one in parsed.networks
        },
        unpoolable={
            code: further_facts(code, entry.entry)["attributes"]
            for code, entry in parsed.catalogue.entries.items()
            if not entry.is_poolable
        },
    )


def _classes(parsed: ParsedPool) -> Iterable[DeviceClassFacts]:
    for entry in parsed.catalogue.entries.values():
        if entry.is_poolable and entry.tdp_w is not None:
            yield DeviceClassFacts(
                code=entry.code,
                name=entry.name,
                vendor=entry.vendor,
                kind=entry.kind,
                poolability=entry.poolability,
                tdp_w=entry.tdp_w,
                bar_gib=entry.bar_gib,
                driver_family=entry.driver_family,
                memory_gib=entry.memory_gib,
                allocation_unit=entry.allocation_unit,
                allocation_unit_devices=entry.entry.get("allocation_unit_devices", 1),
                fabric_partitions=tuple(entry.entry.get("fabric_partitions", ())),
                rate_usd_per_hour=entry.rate_usd_per_hour,
                **further_facts(entry.code, entry.entry),
            )


def _hosts(parsed: ParsedPool, classes: Mapping[str, DeviceClassFacts]) -> Iterable[HostFacts]:
    for one in parsed.hosts:
        limits = one.facts["limits"]
        yield HostFacts(
            code=one.code,
            rack=one.rack,
            zone=one.zone,
            template=one.template,
            cores=one.facts["processor_cores"],
            memory_gib=one.facts["memory_gib"],
            base_w=one.base_w,
            local_w=one.facts["local_w"],
            ports=_ports(one.facts["ports"]),
            max_accelerators=limits["max_accelerators"],
            mmio_high_gib=limits["mmio_high_gib"],
            bus_numbers=limits["bus_numbers"],
            hot_add=limits["hot_add"],
            reboot_seconds=limits["reboot_seconds"],
            driver_families_max=limits["driver_families_max"],
            is_fixed=one.is_fixed,
            fabric_partitions=tuple(one.facts["fabric_partitions"]),
            local_nics=sum(
                local["count"] * classes[local["device"]].rdma_ports for local in one.facts["local_devices"]
            ),
            port_generation=one.facts["port_generation"],
            port_lanes=one.facts["port_lanes"],
        )


def _ports(records: Iterable[Mapping[str, Any]]) -> tuple[PortFacts, ...]:
    return tuple(PortFacts(one["index"], one["plane"], one["numa"]) for one in records)


def catalogue_only(name: str = "lab") -> dict[str, str]:
    """Classes the catalogue knows and no pool can hold."""
    return {
        entry.code: entry.poolability for entry in load_pool(name).catalogue.entries.values() if not entry.is_poolable
    }
