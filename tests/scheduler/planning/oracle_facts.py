"""What a second opinion takes for granted: how a request reads, what is free, and the arithmetic of single rules.

Written from the rules as people read them. It knows the value types (inventory, request, commitment) and no word of
the planner's. Selectors are not read here: their meanings are given as functions, by their text.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import product
from math import ceil

from fabric.topology import BlockFacts, DeviceClassFacts, HostFacts, PoolTopology
from scheduler.planning.snapshot import Commitment
from scheduler.requests import Line, Mix, Placement, ReservationRequest

Meaning = Callable[[DeviceClassFacts, BlockFacts], bool]
Place = tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """One line of one node: so many devices of those it accepts."""

    count: int
    accepts: Callable[[BlockFacts], bool]
    cap: int | None = None


@dataclass(frozen=True)
class Spot:
    """Where a node is: its host and its blocks, by the part they answer."""

    host: str
    blocks: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Want:
    """One node. `like` is where it is by now, if it must not be made worse, and `planes` those of its links there."""

    group: int
    parts: tuple[Part, ...]
    placement: Placement
    network: str | None
    rails: int | None
    like: Spot | None = None
    planes: Mapping[str, str] = field(default_factory=dict)

    @property
    def asks_for_rdma(self) -> bool:
        return self.network is not None or self.rails is not None


@dataclass(frozen=True)
class Party:
    """One reservation: its padded window, and its nodes."""

    name: str
    begin: datetime
    end: datetime
    starts_at: datetime
    wants: tuple[Want, ...]


@dataclass(frozen=True)
class World:
    """`held` are the commitments that nobody moves."""

    topology: PoolTopology
    held: Sequence[Commitment]
    now: datetime
    meanings: Mapping[str, Meaning] = field(default_factory=dict)

    def block(self, code: str) -> BlockFacts:
        return self.topology.blocks[code]

    def facts(self, block: BlockFacts) -> DeviceClassFacts:
        return self.topology.classes[block.device_class]


def settlements(mix: Mix) -> Iterator[Mix]:
    """The mix with every `first_of` settled, in order of preference."""
    places = [(at, nth) for at, group in enumerate(mix.groups) for nth, one in enumerate(group.lines) if one.first_of]
    options = [mix.groups[at].lines[nth].first_of for at, nth in places]
    for picks in product(*options):
        chosen = dict(zip(places, picks, strict=True))
        yield replace(
            mix,
            groups=tuple(
                replace(group, lines=tuple(chosen.get((at, nth), line) for nth, line in enumerate(group.lines)))
                for at, group in enumerate(mix.groups)
            ),
        )


def party(world: World, request: ReservationRequest, mix: Mix, name: str = "new") -> Party:
    """`mix` has no `first_of` left."""
    policy, window = world.topology.policy, request.window
    wants = []
    for at, group in enumerate(mix.groups):
        parts = tuple(_parts(world, group.lines))
        asked = group.placement
        one = Want(at, parts, asked, asked.network or mix.network, asked.rails or mix.rails)
        wants += [one] * group.nodes
    begin = max(world.now, window.starts_at - timedelta(minutes=policy.setup_minutes))
    end = window.ends_at + timedelta(minutes=policy.teardown_minutes)
    return Party(name, begin, end, window.starts_at, tuple(wants))


def _parts(world: World, lines: Sequence[Line]) -> Iterator[Part]:
    slices: Counter[tuple[str, str, str]] = Counter()
    for line in lines:
        if line.profile:
            slices[line.device_class, line.selector, line.profile] += line.count
            continue
        yield Part(line.count, _accepting(world, line), line.power_cap_w)
    for (code, selector, profile), count in slices.items():
        most = world.topology.classes[code].mig_profiles.get(profile, 0)
        accepts = _accepting(world, Line(code, count, selector))
        cards = ceil(count / most) if most else 1
        yield Part(cards, lambda b, ok=accepts, most=most: bool(most) and b.is_mig_capable and ok(b))  # type: ignore[misc]


def _accepting(world: World, line: Line) -> Callable[[BlockFacts], bool]:
    if not line.selector:
        return lambda block: block.device_class == line.device_class
    meaning = world.meanings[line.selector]
    return lambda block: meaning(world.topology.classes[block.device_class], block)


def free_blocks(world: World, begin: datetime, end: datetime) -> list[BlockFacts]:
    taken = {one.unit for one in world.held if not one.is_host and one.busy_from < end and begin < one.busy_until}
    return [b for b in world.topology.blocks.values() if b.is_usable and b.code not in taken]


def free_hosts(world: World, begin: datetime, end: datetime) -> list[HostFacts]:
    taken = {one.unit for one in world.held if one.is_host and one.busy_from < end and begin < one.busy_until}
    return [h for h in world.topology.hosts.values() if h.is_usable and h.code not in taken]


def bears(world: World, who: Party, want: Want, host: HostFacts) -> bool:
    """What the host alone decides, whatever devices it gets (R0, R18). A node without devices needs no reboot."""
    asked = want.placement
    setup = int((who.starts_at - max(who.begin, world.now)).total_seconds())
    return (
        (asked.host_class is None or host.template == asked.host_class)
        and host.cores >= asked.host_cores
        and host.memory_gib >= asked.host_memory_gib
        and (host.is_fixed or host.hot_add or not want.parts or host.reboot_seconds <= setup)
        and (bool(want.parts) or not host.is_fixed)
        and (want.like is None or _is_at_least(host, world.topology.hosts[want.like.host], has_parts=bool(want.parts)))
    )


def _is_at_least(host: HostFacts, as_before: HostFacts, *, has_parts: bool) -> bool:
    """What a moved node may count on; without devices it has the host alone."""
    kept = ("hot_add", "port_generation", "port_lanes") if has_parts else ("cores", "memory_gib")
    return all(getattr(host, what) >= getattr(as_before, what) for what in kept)


def reaches(host: HostFacts, block: BlockFacts) -> bool:
    """R1."""
    if block.pru is None:
        return block.host == host.code
    return not host.is_fixed and host.zone is not None and host.zone == block.zone


def watts(world: World, part: Part, block: BlockFacts) -> int:
    tdp = world.topology.classes[block.device_class].tdp_w
    return tdp if part.cap is None else min(part.cap, tdp)


def slot_bears(world: World, part: Part, block: BlockFacts) -> bool:
    """R14 at the slot."""
    if block.pru is None:
        return True
    most = world.topology.prus[block.pru].slot_max_w.get(block.slot_kind)
    return most is None or watts(world, part, block) <= most


def speaks_cxl(world: World, block: BlockFacts) -> bool:
    if block.pru is None:
        return False
    spoken = world.topology.prus[block.pru].slot_protocols.get(block.slot_kind, ())
    return any(one.startswith("CXL") for one in spoken)


def rack_of(world: World, block: BlockFacts) -> str:
    return world.topology.prus[block.pru].rack if block.pru else world.topology.hosts[block.host or ""].rack


def rest_watts(world: World, rack: str) -> int:
    """R14: what a rack draws before any device is allocated."""
    hosts = sum(h.base_w + h.local_w for h in world.topology.hosts.values() if h.rack == rack)
    return hosts + sum(p.base_w for p in world.topology.prus.values() if p.rack == rack)


def partitions(world: World, host: HostFacts, device_class: str) -> list[tuple[str, ...]]:
    """R9: aligned runs of the devices of one class in a fixed system, in the sizes it knows, and the whole."""
    own = [b for b in world.topology.blocks.values() if b.host == host.code and b.device_class == device_class]
    codes = [b.code for b in sorted(own, key=lambda b: (b.slot_kind, b.slot, b.code))]
    sizes = {n for n in (*host.fabric_partitions, len(codes)) if 0 < n <= len(codes)}
    return [tuple(codes[at : at + n]) for n in sorted(sizes) for at in range(0, len(codes), n) if at + n <= len(codes)]


def networks_for(world: World, who: Party) -> Mapping[str, int]:
    """R21: networks that could join all nodes of a party that ask for one, and the rails each takes there."""
    asking = [want for want in who.wants if want.asks_for_rdma]
    found = {}
    for code, network in world.topology.networks.items():
        rails = {want.rails or network.rails for want in asking}
        is_named = all(want.network in (None, code) for want in asking)
        if is_named and len(rails) == 1 and max(rails) <= network.rails:
            found[code] = max(rails)
    return found


def held_ports(world: World, network: str, at: datetime) -> int:
    here = [one for one in world.held if one.is_host and one.network == network]
    return sum(one.rails for one in here if one.busy_from <= at < one.busy_until)


def instants(world: World, begin: datetime, end: datetime, more: Sequence[datetime] = ()) -> list[datetime]:
    """When a sum can be at its highest within a span: at its beginning, and where something begins in it."""
    return sorted({begin, *(at for at in (*more, *(o.busy_from for o in world.held)) if begin <= at < end)})


def held_watts(world: World, rack: str, at: datetime) -> int:
    total = 0
    for one in world.held:
        block = None if one.is_host else world.topology.blocks.get(one.unit)
        if block is not None and one.busy_from <= at < one.busy_until and rack_of(world, block) == rack:
            total += world.topology.classes[block.device_class].tdp_w if one.watts is None else one.watts
    return total


def held_planes(world: World, pru: str, at: datetime) -> list[str]:
    """R2: the plane of each link that others have to a PRU; "" where none was written down, so that it may be any."""
    present = [one for one in world.held if one.busy_from <= at < one.busy_until]
    promised = {(o.reservation, o.node): dict(o.planes).get(pru, "") for o in present if o.is_host}
    blocks = [one for one in present if not one.is_host and one.unit in world.topology.blocks]
    joined = {(one.reservation, one.node) for one in blocks if world.block(one.unit).pru == pru}
    return [promised.get(node, "") for node in sorted(joined)]


def place_of(block: BlockFacts, *, by_switch: bool) -> Place:
    chassis = block.pru or block.host or ""
    return (chassis, block.switch) if by_switch else (chassis,)


def mib(facts: DeviceClassFacts) -> int:
    """R5: a BAR that nobody published counts 1 GiB."""
    return int((1 if facts.bar_gib is None else facts.bar_gib) * 1024)
