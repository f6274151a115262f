"""What the links of a pool are made of, for people who look at a node: ports, media and networks.

A value of its own beside the topology, because a picture of one reservation should not read ten thousand blocks.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from fabric.models import FabricManager, Host, Network
from fabric.topology import NetworkFacts, PoolTopology


@dataclass(frozen=True, slots=True)
class PortKind:
    """PCIe generation and lanes of a host's ports into the fabric; 0 where nobody published them."""

    generation: int
    lanes: int


@dataclass(frozen=True, slots=True)
class Wiring:
    """`media` is zone → `photonic` or `copper`; what is in no zone belongs to the pool's first fabric manager."""

    ports: Mapping[str, PortKind]  # by host
    media: Mapping[str | None, str] = field(default_factory=dict)
    networks: Mapping[str, NetworkFacts] = field(default_factory=dict)


def wiring(*, pool_code: str, hosts: Collection[str]) -> Wiring:
    """Of these hosts only. Three queries."""
    columns = ("code", "facts__port_generation", "facts__port_lanes")
    found = Host.objects.filter(pool__code=pool_code, code__in=hosts).values_list(*columns)
    networks = Network.objects.filter(pool__code=pool_code, is_present=True).order_by("code")
    return Wiring(
        ports={code: PortKind(generation or 0, lanes or 0) for code, generation, lanes in found},
        media=media_by_zone(pool_code=pool_code),
        networks={
            row.code: NetworkFacts(row.code, row.protocol, row.rails, row.port_rate_gbit_per_s, row.switch_ports)
            for row in networks
        },
    )


def media_by_zone(*, pool_code: str) -> Mapping[str | None, str]:
    """One query."""
    rows = FabricManager.objects.filter(pool__code=pool_code).order_by("id").values_list("medium", "zones__code")
    found: dict[str | None, str] = {}
    for medium, zone in rows:
        found.setdefault(None, medium)
        if zone is not None:
            found[zone] = medium
    return found


def wiring_of(topology: PoolTopology, *, media: Mapping[str | None, str]) -> Wiring:
    """The same from what is known of the whole pool already. No query."""
    return Wiring(
        ports={code: PortKind(host.port_generation, host.port_lanes) for code, host in topology.hosts.items()},
        media=media,
        networks=topology.networks,
    )
