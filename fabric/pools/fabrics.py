"""Fabrics with their optical planes, networks, and the zones that say who may be composed with whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fabric.filing import Fields, FileRefused, Problem, Spot
from fabric.pools.facts import PlaneRecord, PortRecord
from fabric.pools.parsed import ParsedFabric, ParsedNetwork, ParsedZone

PORTS_MAX = 1_000_000
RAILS_MAX = 64
MEDIA = frozenset({"photonic", "copper"})
PROTOCOLS = frozenset({"InfiniBand", "RoCEv2", "Ethernet"})


@dataclass(frozen=True, slots=True)
class Seat:
    """A member of a zone: which one, and where the file says so."""

    zone: str
    fabric: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class Zones:
    zones: tuple[ParsedZone, ...]
    hosts: Mapping[str, Seat]
    prus: Mapping[str, Seat]


def read_fabric(fields: Fields) -> ParsedFabric:
    fields.choice("fabric_type", {"PCIe"})
    fields.choice("port_placement", {"round_robin"})
    planes = fields.each("planes", _plane)
    if not planes or len({plane["id"] for plane in planes}) != len(planes):
        fields.at("planes").refuse("one or more planes, every id once")
    return ParsedFabric(code=fields.code("id"), medium=fields.choice("medium", MEDIA), planes=tuple(planes))


def read_network(fields: Fields) -> ParsedNetwork:
    return ParsedNetwork(
        code=fields.code("id"),
        protocol=fields.choice("protocol", PROTOCOLS),
        rails=fields.integer("rails", least=1, most=RAILS_MAX),
        port_rate_gbit_per_s=fields.integer("port_rate_gbit_per_s", least=1),
        switch_ports=fields.integer("switch_ports", least=1, most=PORTS_MAX),
    )


def read_zones(root: Fields, fabrics: Mapping[str, ParsedFabric]) -> Zones:
    """Raises FileRefused for a host or PRU named by two zones (or twice by one)."""
    hosts: dict[str, Seat] = {}
    prus: dict[str, Seat] = {}
    problems: list[Problem] = []

    def read(fields: Fields) -> ParsedZone:
        zone = ParsedZone(code=fields.code("id"), fabric=fields.choice("fabric", set(fabrics)))
        for key, seats in (("hosts", hosts), ("prus", prus)):
            problems.extend(_seat(fields.items(key), zone, seats))
        return zone

    zones = root.each("resource_zones", read)
    if problems:
        raise FileRefused(problems)
    return Zones(tuple(zones), hosts, prus)


def ports(count: int, fabric: ParsedFabric, *, numa: Sequence[int] = ()) -> list[PortRecord]:
    """Round robin: the ports of a machine are spread over its fabric's planes in order."""
    return [
        PortRecord(
            index=index + 1, plane=fabric.planes[index % len(fabric.planes)]["id"], numa=numa[index] if numa else None
        )
        for index in range(count)
    ]


def _seat(spots: Sequence[Spot], zone: ParsedZone, seats: dict[str, Seat]) -> list[Problem]:
    problems = []
    for spot in spots:
        code = str(spot.value)
        if code in seats:
            problems.append(spot.problem("a member of one zone", found=f"{code}, already in {seats[code].zone}"))
        seats[code] = Seat(zone.code, zone.fabric, spot)
    return problems


def _plane(fields: Fields) -> PlaneRecord:
    return PlaneRecord(
        id=fields.code("id"),
        switch=fields.code("switch"),
        ports=fields.integer("ports", least=1, most=PORTS_MAX),
        reconfigure_ms=fields.integer("reconfigure_ms"),
    )
