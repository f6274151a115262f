"""What is only seen when a pool file is read whole: doubled ids, unknown members, planes without enough ports."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

from fabric.filing import Fields, FileRefused, Problem
from fabric.pools.fabrics import Seat, Zones
from fabric.pools.parsed import ParsedPool


class Coded(Protocol):
    @property
    def code(self) -> str: ...


One = TypeVar("One", bound=Coded)


def indexed(root: Fields, key: str, made: Sequence[One]) -> Mapping[str, One]:
    """By code. Raises FileRefused where a list has an id twice."""
    problems = list(_doubled(root, (key,)))
    if problems:
        raise FileRefused(problems)
    return {one.code: one for one in made}


def check_pool(root: Fields, parsed: ParsedPool, zones: Zones) -> None:
    """Raises FileRefused. Hosts, systems and PRUs share one set of ids: plans and messages name them side by side."""
    problems = [
        *_doubled(root, ("hosts", "systems", "prus")),
        *(problem for key in ("networks", "tenants", "resource_zones") for problem in _doubled(root, (key,))),
        *_strangers(zones.hosts, {host.code for host in parsed.hosts if not host.is_fixed}, "the id of a host"),
        *_strangers(zones.prus, {pru.code for pru in parsed.prus}, "the id of a PRU"),
        *_crowded(root, parsed),
    ]
    if problems:
        raise FileRefused(problems)


def _doubled(root: Fields, keys: Iterable[str]) -> Iterator[Problem]:
    ids = [Fields(spot).at("id") for key in keys for spot in root.items(key, optional=True)]
    counts = Counter(str(spot.value) for spot in ids)
    for spot in ids:
        if counts[str(spot.value)] > 1:
            yield spot.problem("every id once")


def _strangers(seats: Mapping[str, Seat], known: set[str], expected: str) -> Iterator[Problem]:
    for code, seat in seats.items():
        if code not in known:
            yield seat.spot.problem(expected)


def _crowded(root: Fields, parsed: ParsedPool) -> Iterator[Problem]:
    """Every fabric port ends on a plane, so a plane needs as many ports as end on it."""
    fabric_of = {zone.code: zone.fabric for zone in parsed.zones}
    used: Counter[tuple[str, str]] = Counter()
    for host in parsed.hosts:
        used.update((fabric_of[host.zone], port["plane"]) for port in host.facts["ports"] if host.zone)
    for pru in parsed.prus:
        used.update((fabric_of[pru.zone], port["plane"]) for port in pru.facts["uplinks"])
    for fabric_spot in root.items("fabrics"):
        fabric = Fields(fabric_spot)
        for spot in fabric.items("planes"):
            plane = Fields(spot)
            need = used[fabric.code("id"), plane.code("id")]
            if need > plane.integer("ports"):
                yield plane.at("ports").problem(f"enough for the {need} ports of hosts and PRUs that end on it")
