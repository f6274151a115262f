"""What always holds of a set of commitments, checked the slow and simple way, independent of the planner. Pure.

1. At no instant does a unit belong to two reservations, or to two nodes of one, or to one and to a maintenance.
3. At no instant is a limit exceeded: devices at once, power and cooling, with power caps counted, slots, ports, address
   space, bus numbers, driver families, CXL, the ports of RDMA networks; and a reservation is on one of those at most.

It shares no code with the planner but the value types, so that a mistake there is not made here again. The tests ask
it about everything the planner and the services accept; `within` a window it can be asked about a part.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fabric.topology import BlockFacts, HostFacts, PoolTopology
from scheduler.planning.snapshot import Commitment, QuotaFacts

Nodes = Mapping[tuple[str, int], Sequence[Commitment]]


@dataclass(frozen=True, slots=True)
class Broken:
    """One invariant that does not hold, where, from which instant on, and by how much."""

    invariant: int
    what: str
    at: datetime
    need: float
    have: float


def broken(
    *,
    topology: PoolTopology,
    commitments: Iterable[Commitment],
    quotas: Iterable[QuotaFacts] = (),
    within: tuple[datetime, datetime] | None = None,
) -> tuple[Broken, ...]:
    """Everything that does not hold at the instants something starts, which is when sums are highest. Empty is well."""
    ones = [one for one in commitments if one.busy_from < one.busy_until and (within is None or _overlaps(one, within))]
    instants = {max(one.busy_from, within[0]) if within else one.busy_from for one in ones}
    found: dict[tuple[int, str], Broken] = {}
    for at in sorted(instants):
        present = [one for one in ones if one.busy_from <= at < one.busy_until]
        for wrong in _at(topology, present, tuple(quotas), at):
            found.setdefault((wrong.invariant, wrong.what), wrong)
    return tuple(found.values())


def _overlaps(one: Commitment, span: tuple[datetime, datetime]) -> bool:
    return one.busy_from < span[1] and span[0] < one.busy_until


def _at(
    topology: PoolTopology, present: Sequence[Commitment], quotas: Sequence[QuotaFacts], at: datetime
) -> Iterator[Broken]:
    owners = Counter((one.is_host, one.unit) for one in present)
    for (_, unit), count in sorted(owners.items()):
        if count > 1:
            yield Broken(1, f"{unit} belongs to several", at, count, 1)
    nodes: defaultdict[tuple[str, int], list[Commitment]] = defaultdict(list)
    present = [one for one in present if not one.is_maintenance]  # it keeps units from others, and wires none
    for one in present:
        nodes[one.reservation, one.node].append(one)
    for limit in (
        _racks(topology, present),
        _cards(topology, present),
        _hosts(topology, nodes),
        _prus(topology, nodes),
        _networks(topology, present, nodes),
        _held(topology, present, quotas),
    ):
        for what, need, have in limit:
            if need > have:
                yield Broken(3, what, at, need, have)


Limits = Iterator[tuple[str, float, float]]  # what, need, have


def _blocks(topology: PoolTopology, ones: Iterable[Commitment]) -> list[BlockFacts]:
    return [topology.blocks[one.unit] for one in ones if not one.is_host]


def _racks(topology: PoolTopology, present: Sequence[Commitment]) -> Limits:
    for code, rack in sorted(topology.racks.items()):
        draw = sum(host.base_w + host.local_w for host in topology.hosts.values() if host.rack == code)
        draw += sum(pru.base_w for pru in topology.prus.values() if pru.rack == code)
        mine = [one for one in present if not one.is_host and _rack(topology, topology.blocks[one.unit]) == code]
        draw += sum(_watts(topology, one) for one in mine)
        if mine:  # a rack that is over its limit at rest is nobody's reservation's fault
            yield f"{code} power", draw, rack.budget_w
            yield f"{code} cooling", draw, rack.cooling_w


def _watts(topology: PoolTopology, one: Commitment) -> int:
    return topology.classes[topology.blocks[one.unit].device_class].tdp_w if one.watts is None else one.watts


def _cards(topology: PoolTopology, present: Sequence[Commitment]) -> Limits:
    for one in present:
        if one.is_host:
            continue
        block = topology.blocks[one.unit]
        if one.watts is not None:
            yield f"{block.code} cap", one.watts, topology.classes[block.device_class].tdp_w
        if block.pru is not None and block.slot_kind in topology.prus[block.pru].slot_max_w:
            yield f"{block.code} slot", _watts(topology, one), topology.prus[block.pru].slot_max_w[block.slot_kind]


def _rack(topology: PoolTopology, block: BlockFacts) -> str:
    return topology.prus[block.pru].rack if block.pru is not None else topology.hosts[block.host or ""].rack


def _hosts(topology: PoolTopology, nodes: Nodes) -> Limits:
    for (reservation, node), ones in sorted(nodes.items()):
        hosts = {one.unit if one.is_host else one.host for one in ones}
        name = f"{reservation} node {node}"
        yield f"{name} hosts", len(hosts), 1
        for code in sorted(hosts & topology.hosts.keys()):
            yield from _host(topology, topology.hosts[code], _blocks(topology, ones), name)


def _host(topology: PoolTopology, host: HostFacts, blocks: Sequence[BlockFacts], name: str) -> Limits:
    classes = [topology.classes[block.device_class] for block in blocks]
    foreign = sum(
        block.host != host.code if host.is_fixed or block.pru is None else block.zone != host.zone for block in blocks
    )
    yield f"{name} devices out of reach", foreign, 0
    if host.is_fixed:
        yield (
            f"{name} partition",
            0 if len(blocks) in {*host.fabric_partitions, _all_of(topology, host)} else len(blocks),
            0,
        )
        return
    accelerators = [facts for facts in classes if facts.is_accelerator]
    yield f"{name} accelerators", len(accelerators), host.max_accelerators
    yield (
        f"{name} address space",
        sum(1 if facts.bar_gib is None else facts.bar_gib for facts in classes),
        host.mmio_high_gib,
    )
    yield f"{name} driver families", len({facts.driver_family for facts in accelerators}), host.driver_families_max
    prus = {block.pru for block in blocks}
    yield f"{name} ports", len(prus), len(host.ports)
    yield f"{name} bus numbers", 13 * len(prus) + 2 * len(blocks), host.bus_numbers
    yield f"{name} CXL", sum(not _may_be_here(topology, host, block) for block in blocks), 0


def _may_be_here(topology: PoolTopology, host: HostFacts, block: BlockFacts) -> bool:
    if topology.classes[block.device_class].kind != "cxl_memory":
        return True
    protocols = topology.prus[block.pru or ""].slot_protocols.get(block.slot_kind, ())
    return host.port_generation >= 5 and any("CXL" in protocol for protocol in protocols)


def _all_of(topology: PoolTopology, host: HostFacts) -> int:
    return sum(block.host == host.code for block in topology.blocks.values())


def _prus(topology: PoolTopology, nodes: Nodes) -> Limits:
    joined: Counter[str] = Counter()
    for ones in nodes.values():
        joined.update({block.pru for block in _blocks(topology, ones) if block.pru is not None})
    for code, count in sorted(joined.items()):
        yield f"{code} uplinks", count, len(topology.prus[code].uplinks)


def _networks(topology: PoolTopology, present: Sequence[Commitment], nodes: Nodes) -> Limits:
    joined = [one for one in present if one.network]
    for code, network in sorted(topology.networks.items()):
        mine = [one for one in joined if one.network == code]
        yield f"{code} switch ports", sum(one.rails for one in mine), network.switch_ports
        for one in mine:
            own = _blocks(topology, nodes[one.reservation, one.node])
            ports = sum(topology.classes[block.device_class].rdma_ports for block in own)
            yield f"{one.reservation} node {one.node} rails", one.rails, network.rails
            yield (
                f"{one.reservation} node {one.node} RDMA ports",
                one.rails,
                ports + topology.hosts[one.unit].local_nics,
            )
    for reservation in sorted({one.reservation for one in joined}):
        mine = [one for one in joined if one.reservation == reservation]
        yield f"{reservation} networks", len({one.network for one in mine}), 1
        yield f"{reservation} kinds of rails", len({one.rails for one in mine}), 1


def _held(topology: PoolTopology, present: Sequence[Commitment], quotas: Sequence[QuotaFacts]) -> Limits:
    for quota in quotas:
        classes = [
            topology.classes[b.device_class]
            for b in _blocks(topology, (o for o in present if o.project == quota.project))
        ]
        if quota.accelerators_max is not None:
            yield (
                f"{quota.project} accelerators",
                sum(facts.is_accelerator for facts in classes),
                quota.accelerators_max,
            )
        counts: Callable[[str], int] = [facts.code for facts in classes].count
        for code, most in sorted(quota.per_class_max.items()):
            yield f"{quota.project} {code}", counts(code), most
        for kind, most in sorted(quota.per_kind_max.items()):
            yield f"{quota.project} {kind}", sum(facts.kind == kind for facts in classes), most
