"""What is wrong with a placement, measured with plain sums; the second half of the second opinion."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from fabric.topology import BlockFacts, HostFacts
from scheduler.requests import Affinity, Spread
from tests.scheduler.planning.oracle_facts import (
    Party,
    Spot,
    Want,
    World,
    bears,
    free_blocks,
    free_hosts,
    held_planes,
    held_ports,
    held_watts,
    instants,
    mib,
    networks_for,
    partitions,
    place_of,
    rack_of,
    reaches,
    rest_watts,
    slot_bears,
    speaks_cxl,
    watts,
)


def faults(world: World, who: Party, spots: Sequence[Spot]) -> list[str]:
    """Of the nodes of one party among what is held. Empty is well."""
    found = [
        fault
        for want, spot in zip(who.wants, spots, strict=True)
        for fault in (*_units(world, who, want, spot), *_host(world, want, spot), *_paths(world, want, spot))
    ]
    return [*found, *_shared(world, who, spots), *_apart(world, who, spots)]


def _blocks(world: World, spot: Spot) -> list[BlockFacts]:
    return [world.block(code) for part in spot.blocks for code in part]


def _units(world: World, who: Party, want: Want, spot: Spot) -> Iterator[str]:
    host, blocks = world.topology.hosts[spot.host], _blocks(world, spot)
    free = {block.code for block in free_blocks(world, who.begin, who.end)}
    if host not in free_hosts(world, who.begin, who.end) or not bears(world, who, want, host):
        yield f"{host.code} is not to be had"
    for part, codes in zip(want.parts, spot.blocks, strict=True):
        mine = [world.block(code) for code in codes]
        if len(mine) != part.count or not all(part.accepts(block) for block in mine):
            yield f"{codes} is not what was asked for"
        if not all(slot_bears(world, part, block) for block in mine):
            yield f"{codes} overload their slots"
    for block in blocks:
        if block.code not in free:
            yield f"{block.code} is not free"
        if not reaches(host, block):
            yield f"{host.code} does not reach {block.code}"


def _host(world: World, want: Want, spot: Spot) -> Iterator[str]:
    host, blocks = world.topology.hosts[spot.host], _blocks(world, spot)
    facts = [world.facts(block) for block in blocks]
    modules = [block for block in blocks if world.facts(block).kind == "cxl_memory"]
    if modules and (host.port_generation < 5 or not all(speaks_cxl(world, block) for block in modules)):
        yield f"{spot.host} has CXL where none is spoken"
    if host.is_fixed:
        for code in {block.device_class for block in blocks}:
            mine = tuple(sorted(block.code for block in blocks if block.device_class == code))
            if mine not in [tuple(sorted(run)) for run in partitions(world, host, code)]:
                yield f"{mine} is no partition of {host.code}"
        return
    accelerators = [one for one in facts if one.is_accelerator]
    prus = {block.pru for block in blocks}
    yield from _over(f"{spot.host} accelerators", len(accelerators), host.max_accelerators)
    yield from _over(f"{spot.host} address space", sum(map(mib, facts)), host.mmio_high_gib * 1024)
    yield from _over(f"{spot.host} bus numbers", 13 * len(prus) + 2 * len(blocks), host.bus_numbers)
    yield from _over(
        f"{spot.host} families", len({one.driver_family for one in accelerators}), host.driver_families_max
    )
    yield from _over(f"{spot.host} ports", len(prus), len(host.ports))


def _over(what: str, need: float, have: float) -> Iterator[str]:
    if need > have:
        yield f"{what}: {need} of {have}"


def _paths(world: World, want: Want, spot: Spot) -> Iterator[str]:
    host, blocks, asked = world.topology.hosts[spot.host], _blocks(world, spot), want.placement
    taken = {block.code for block in blocks}
    if not asked.allow_bridge_split:
        for group in {block.bridge_group for block in blocks} - {None}:
            whole = {block.code for block in world.topology.blocks.values() if block.bridge_group == group}
            if not whole <= taken:
                yield f"{group} is split"
    accelerators = [block for block in blocks if world.facts(block).is_accelerator]
    peers = accelerators if accelerators or not (asked.same_pru or asked.same_switch) else blocks
    if asked.p2p or asked.same_pru or asked.same_switch:
        places = {place_of(block, by_switch=asked.same_switch) for block in peers}
        yield from _over(f"{spot.host} places of peers", len(places), 1)
    if accelerators:
        yield from _near(world, host, blocks, "nic", asked.nic_affinity, want.rails or 1)
        yield from _near(world, host, blocks, "nvme", asked.storage_affinity, 1)


def _near(
    world: World, host: HostFacts, blocks: Sequence[BlockFacts], kind: str, affinity: Affinity | None, least: int
) -> Iterator[str]:
    if affinity is None:
        return
    if host.is_fixed:
        yield from _over(f"{kind} near {host.code}", least, host.local_nics if kind == "nic" else 0)
        return
    by_switch = affinity is Affinity.SWITCH
    fed = {place_of(block, by_switch=by_switch) for block in blocks if world.facts(block).is_accelerator}
    feeds = Counter(place_of(b, by_switch=by_switch) for b in blocks if world.facts(b).kind == kind)
    yield from (f"no {kind} in {place}" for place in sorted(fed - feeds.keys()))
    yield from _over(f"{kind} near {host.code}", least, sum(feeds[place] for place in fed))


def _shared(world: World, who: Party, spots: Sequence[Spot]) -> Iterator[str]:
    owners = Counter(code for spot in spots for code in (spot.host, *(code for part in spot.blocks for code in part)))
    yield from (f"{code} is taken twice" for code, count in owners.items() if count > 1)
    for at in instants(world, who.begin, who.end):
        for code, rack in world.topology.racks.items():
            draw = sum(
                watts(world, part, world.block(block))
                for want, spot in zip(who.wants, spots, strict=True)
                for part, blocks in zip(want.parts, spot.blocks, strict=True)
                for block in blocks
                if rack_of(world, world.block(block)) == code
            )
            if draw:
                whole = draw + rest_watts(world, code) + held_watts(world, code, at)
                yield from _over(f"{code} watts", whole, min(rack.budget_w, rack.cooling_w))
    yield from _links(world, who, spots)
    yield from _network(world, who, spots)


def _links(world: World, who: Party, spots: Sequence[Spot]) -> Iterator[str]:
    """Every link on a plane for its whole life: all ways are tried, as long as they last."""
    ports = {spot.host: Counter(port.plane for port in world.topology.hosts[spot.host].ports) for spot in spots}
    links = [(spot.host, pru) for spot in spots for pru in sorted({b.pru for b in _blocks(world, spot) if b.pru})]
    left = {(pru, plane): _uplinks_left(world, who, pru, plane) for _, pru in links for plane in _planes(world)}

    def seat(nth: int) -> bool:
        if nth == len(links):
            return True
        host, pru = links[nth]
        for plane in _planes(world):
            if ports[host][plane] > 0 and left[pru, plane] > 0:
                ports[host][plane] -= 1
                left[pru, plane] -= 1
                if seat(nth + 1):
                    return True
                ports[host][plane] += 1
                left[pru, plane] += 1
        return False

    if not seat(0):
        yield "the links find no planes"


def _planes(world: World) -> list[str]:
    return sorted({port.plane for host in world.topology.hosts.values() for port in host.ports})


def _uplinks_left(world: World, who: Party, pru: str, plane: str) -> int:
    held = [held_planes(world, pru, at) for at in instants(world, who.begin, who.end)]
    most = max(planes.count(plane) + planes.count("") for planes in held)
    return sum(port.plane == plane for port in world.topology.prus[pru].uplinks) - most


def _network(world: World, who: Party, spots: Sequence[Spot]) -> Iterator[str]:
    asking = [(want, spot) for want, spot in zip(who.wants, spots, strict=True) if want.asks_for_rdma]
    if not asking:
        return
    for code, rails in networks_for(world, who).items():
        most = max(held_ports(world, code, at) for at in instants(world, who.begin, who.end))
        has = [
            world.topology.hosts[spot.host].local_nics + sum(world.facts(b).rdma_ports for b in _blocks(world, spot))
            for _, spot in asking
        ]
        if min(has) >= rails and most + rails * len(asking) <= world.topology.networks[code].switch_ports:
            return
    yield "no network joins the nodes"


def _apart(world: World, who: Party, spots: Sequence[Spot]) -> Iterator[str]:
    seen: defaultdict[tuple[int, Spread, str], int] = defaultdict(int)
    for want, spot in zip(who.wants, spots, strict=True):
        blocks = _blocks(world, spot)
        places: set[str] = set()
        if want.placement.spread is Spread.RACK:
            places = {world.topology.hosts[spot.host].rack, *(rack_of(world, block) for block in blocks)}
        elif want.placement.spread is Spread.PRU:
            places = {block.pru for block in blocks if block.pru is not None}
        for place in places:
            seen[want.group, want.placement.spread or Spread.RACK, place] += 1
    yield from (f"two nodes in {place}" for (_, _, place), count in seen.items() if count > 1)
