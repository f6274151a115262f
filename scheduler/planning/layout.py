"""What of a pool never changes with time, sorted for the search: hosts that no rule tells apart, and where classes lie.

Made once an inventory, asked by every decision. Pure.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fabric.topology import BlockFacts, HostFacts, PoolTopology
from scheduler.planning.reach import chassis_of, reach_of_block, reach_of_host


@dataclass(frozen=True, slots=True)
class HostKind:
    """Hosts alike in every limit, in one reach; a fixed system is one of a kind. `limits` leaves the reach out."""

    reach: str
    limits: object
    hosts: tuple[HostFacts, ...]  # by code

    @property
    def sample(self) -> HostFacts:
        return self.hosts[0]


class Layout:
    """`chassis[code][reach]` are the chassis that hold blocks of a class, `blocks[code, chassis]` those, by slot."""

    def __init__(self, topology: PoolTopology) -> None:
        self.kinds: Sequence[HostKind] = tuple(_kinds(topology.hosts.values()))
        self.pooled_kinds = tuple(kind for kind in self.kinds if not kind.sample.is_fixed)
        self.fixed_kinds: Mapping[str, HostKind] = {k.sample.code: k for k in self.kinds if k.sample.is_fixed}
        by_reach: defaultdict[str, list[HostKind]] = defaultdict(list)
        for kind in self.kinds:
            by_reach[kind.reach].append(kind)
        self._by_reach: Mapping[str, Sequence[HostKind]] = by_reach
        grouped: defaultdict[tuple[str, str], list[BlockFacts]] = defaultdict(list)
        for block in sorted(topology.blocks.values(), key=lambda b: (b.slot_kind, b.slot, b.code)):
            grouped[block.device_class, chassis_of(block)].append(block)
        self.blocks: Mapping[tuple[str, str], Sequence[BlockFacts]] = grouped
        chassis: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for code, name in sorted(self.blocks):
            for reach in {reach_of_block(block): None for block in self.blocks[code, name]}:
                chassis[code][reach].append(name)
        self.chassis: Mapping[str, Mapping[str, Sequence[str]]] = chassis
        self.healthy = Counter(block.device_class for block in topology.blocks.values() if block.is_usable)
        self.pooled_classes = frozenset(b.device_class for b in topology.blocks.values() if b.pru is not None)
        self.owners: Mapping[str, Sequence[str]] = {
            code: sorted({name for (held, name) in self.blocks if held == code and name in self.fixed_kinds})
            for code in chassis
        }

    def kinds_of(self, reach: str) -> Sequence[HostKind]:
        return self._by_reach.get(reach, ())

    def reaches(self, code: str) -> Mapping[str, Sequence[str]]:
        return self.chassis.get(code, {})


def limits_of(host: HostFacts) -> object:
    """What any rule reads of a host, but for where it is."""
    if host.is_fixed:
        return host.code
    planes = tuple(sorted((port.plane, port.numa or 0) for port in host.ports))
    return (
        host.template,
        planes,
        host.max_accelerators,
        host.mmio_high_gib,
        host.bus_numbers,
        host.hot_add,
        host.reboot_seconds,
        host.driver_families_max,
        host.cores,
        host.memory_gib,
        host.local_nics,
        host.port_generation,
    )


def _kinds(hosts: Iterable[HostFacts]) -> Iterable[HostKind]:
    alike: defaultdict[tuple[str, object], list[HostFacts]] = defaultdict(list)
    for host in sorted(hosts, key=lambda one: one.code):
        alike[reach_of_host(host), limits_of(host)].append(host)
    for (reach, limits), ones in alike.items():
        yield HostKind(reach, limits, tuple(ones))
