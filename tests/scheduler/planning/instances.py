"""Small hard questions drawn from a seed: a pool, a calendar and a request, with everything a request may say."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from random import Random

from fabric.topology import BlockFacts, HostFacts, NetworkFacts, PoolTopology, PruFacts, RackFacts
from scheduler.planning.snapshot import Commitment
from scheduler.requests import Affinity, Group, Line, Mix, Placement, ReservationRequest, Spread
from tests.scheduler.planning.oracle_facts import Meaning
from tests.worlds import NOW, cards, device_class, host, ports, pru, system, topology, window

PLANES = ("plane-0", "plane-1")
GPU, OTHER, DRIVE, NIC, CXL, BOARD = "gpu-a", "gpu-b", "nvme-a", "nic-a", "cxl-a", "board-a"
CLASSES = tuple(
    replace(one, attributes={"kind": one.kind, "vendor": one.vendor})
    for one in (
        device_class(GPU, mig_profiles={"1g.10gb": 4, "2g.20gb": 2}, mig_instances_max=4),
        device_class(OTHER, driver_family="bolt", tdp_w=200, bar_gib=128, vendor="Bolt"),
        device_class(DRIVE, "nvme", tdp_w=10, bar_gib=None, driver_family="nvme", rate_usd_per_hour=None),
        device_class(NIC, "nic", tdp_w=20, bar_gib=None, driver_family="net", rdma_ports=1),
        device_class(CXL, "cxl_memory", tdp_w=30, bar_gib=None, driver_family="cxl"),
        device_class(BOARD, poolability="baseboard_group", allocation_unit="baseboard", allocation_unit_devices=4),
    )
)
SELECTORS: Mapping[str, Meaning] = {
    'device.kind == "gpu"': lambda facts, _: facts.kind == "gpu",
    'device.vendor == "Bolt" || device.kind == "nvme"': lambda f, _: f.vendor == "Bolt" or f.kind == "nvme",
    'device.kind == "gpu" && device.pru == "pru-1"': lambda facts, block: facts.kind == "gpu" and block.pru == "pru-1",
    'device.kind == "gpu" && device.switch != "sw1"': lambda facts, block: (
        facts.kind == "gpu" and block.switch not in ("", "sw1")  # a device of a fixed system has no switch to ask about
    ),
    "device.bridged": lambda _, block: block.bridge_group is not None,
}
HELD_MAX = 30


@dataclass(frozen=True)
class Instance:
    """`seed` makes it again."""

    seed: int
    topology: PoolTopology
    held: tuple[Commitment, ...]
    request: ReservationRequest

    def __str__(self) -> str:
        """All of it, to read."""
        world, asked = self.topology, self.request
        lines = [f"seed {self.seed}, window {asked.window.starts_at:%d %H:%M} to {asked.window.ends_at:%d %H:%M}"]
        lines += [f"  asks {_group_words(group)}" for group in asked.mix.groups]
        lines.append(f"  network {asked.mix.network}, rails {asked.mix.rails}; {list(world.networks.values())}")
        lines += [f"  {_host_words(one)}" for one in world.hosts.values()]
        lines += [f"  {_pru_words(one)}" for one in world.prus.values()]
        lines += [f"    {_block_words(one)}" for one in world.blocks.values()]
        lines += [f"  {one}" for one in world.racks.values()]
        lines += [
            f"  held by {one.reservation}/{one.node} until {one.busy_until:%d %H:%M} from {one.busy_from:%d %H:%M}: "
            f"{one.unit} of {one.host} {one.watts or ''} {one.network} {one.rails or ''} {dict(one.planes) or ''}"
            for one in self.held
        ]
        return "\n".join(lines)


def _group_words(group: Group) -> str:
    """Only what differs from its default."""
    lines = " + ".join(map(_said, group.lines))
    return f"{group.nodes} × ({lines}) {_said(group.placement)}"


def _said(one: Line | Placement) -> str:
    told = {each.name: getattr(one, each.name) for each in fields(one) if getattr(one, each.name) != each.default}
    return " ".join(f"{name}={value!r}" for name, value in told.items())


def _host_words(one: HostFacts) -> str:
    planes = "".join(port.plane[-1] for port in one.ports)
    limits = f"acc {one.max_accelerators} mmio {one.mmio_high_gib} bus {one.bus_numbers} fam {one.driver_families_max}"
    hot = "hot" if one.hot_add else f"reboot {one.reboot_seconds}"
    more = f"nics {one.local_nics} gen {one.port_generation} cores {one.cores} parts {one.fabric_partitions}"
    well = "" if one.is_usable else " BROKEN"
    return f"{one.code} {one.zone} {one.rack} {one.template} ports {planes} {limits} {hot} {more}{well}"


def _pru_words(one: PruFacts) -> str:
    planes = "".join(port.plane[-1] for port in one.uplinks)
    return f"{one.code} {one.zone} {one.rack} uplinks {planes} {dict(one.slot_max_w)} {dict(one.slot_protocols)}"


def _block_words(one: BlockFacts) -> str:
    bridge = f" {one.bridge_group}" if one.bridge_group else ""
    marks = (" mig" if one.is_mig_capable else "") + ("" if one.is_usable else " BROKEN")
    return f"{one.code} {one.device_class} {one.switch}{bridge}{marks}"


def instance(seed: int, *, hosts_max: int = 12, blocks_max: int = 60) -> Instance:
    chance = Random(seed)
    world = _world(chance, chance.randint(1, hosts_max), blocks_max)
    held = tuple(_calendar(chance, world, chance.choice([0, 2, 6, HELD_MAX])))
    return Instance(seed, world, held, a_request(chance, world))


def _world(chance: Random, hosts: int, blocks_max: int) -> PoolTopology:
    zones = ["zone-1", "zone-1", chance.choice(["zone-1", "zone-2"])]
    racks = [f"rack-{n}" for n in range(1, chance.randint(2, 4))]
    machines = [_host(chance, f"host-{n}", chance.choice(zones), chance.choice(racks)) for n in range(1, hosts + 1)]
    chassis, blocks = [], []
    for n in range(1, chance.randint(2, 5)):
        made, own = _pru(chance, f"pru-{n}", chance.choice(zones), chance.choice(racks))
        chassis.append(made)
        blocks += own
    if chance.random() < 0.25:
        machine, own = system("sys-1", BOARD, devices=4, partitions=(4, 2))
        machines.append(replace(machine, rack=chance.choice(racks), local_nics=chance.randint(0, 2)))
        blocks += own
    blocks = [replace(one, is_usable=chance.random() > 0.06) for one in blocks[:blocks_max]]
    nets = [NetworkFacts(f"net-{n}", "RoCE", chance.randint(1, 2), 400, chance.randint(2, 8)) for n in (1, 2)]
    world = topology(hosts=machines, prus=chassis, blocks=blocks, classes=CLASSES, racks=[])
    feeds = {code: _rack(chance, world, code) for code in racks}
    return replace(world, racks=feeds, networks={one.code: one for one in nets[: chance.randint(1, 2)]})


def _rack(chance: Random, world: PoolTopology, code: str) -> RackFacts:
    """Tight, for half of the racks."""
    rest = sum(h.base_w + h.local_w for h in world.hosts.values() if h.rack == code)
    rest += sum(p.base_w for p in world.prus.values() if p.rack == code)
    spare = chance.choice([chance.randint(2, 14) * 100, 10_000])
    return RackFacts(code, budget_w=rest + spare, cooling_w=rest + chance.choice([spare, spare + 300]))


def _host(chance: Random, code: str, zone: str, rack: str) -> HostFacts:
    hot_add = chance.random() < 0.8
    return host(
        code,
        zone=zone,
        rack=rack,
        ports=ports(*chance.choices(PLANES, k=chance.randint(1, 4))),
        max_accelerators=chance.choice([2, 4, 8, 8]),
        mmio_high_gib=chance.choice([200, 600, 2000]),
        bus_numbers=chance.choice([30, 64, 200, 200]),
        driver_families_max=chance.randint(1, 2),
        hot_add=hot_add,
        reboot_seconds=0 if hot_add else chance.choice([240, 400]),
        template=chance.choice(["host-s", "host-l"]),
        cores=chance.choice([32, 64]),
        local_nics=chance.choice([0, 0, 1, 2]),
        port_generation=chance.choice([4, 5, 5]),
        is_usable=chance.random() > 0.05,
    )


def _pru(chance: Random, code: str, zone: str, rack: str) -> tuple[PruFacts, list[BlockFacts]]:
    gpus, others, switch = chance.randint(1, 6), chance.randint(0, 4), chance.choice([2, 3, 4])
    bridge = chance.choice([1, 1, 2])
    blocks = [
        *cards(code, GPU, gpus, zone=zone, bridge=bridge, per_switch=switch),
        *cards(code, OTHER, others, first=gpus + 1, zone=zone, per_switch=switch),
        *cards(code, DRIVE, chance.randint(0, 3), zone=zone, kind="bay", per_switch=1),
        *cards(code, NIC, chance.randint(0, 3), zone=zone, kind="nic", per_switch=1),
    ]
    if chance.random() < 0.3:
        blocks += cards(code, CXL, 1, first=9, zone=zone, kind="bay", per_switch=9)
    blocks = [replace(one, is_mig_capable=one.device_class == GPU and chance.random() < 0.6) for one in blocks]
    facts = pru(
        code,
        zone=zone,
        rack=rack,
        uplinks=ports(*chance.choices(PLANES, k=chance.randint(1, 4))),
        slot_max_w={"accelerator": chance.choice([150, 300, 300]), "bay": 40, "nic": 50},
        slot_protocols={"bay": chance.choice([("PCIe",), ("PCIe", "CXL2")])},
    )
    return facts, blocks


def _calendar(chance: Random, world: PoolTopology, reservations: int) -> list[Commitment]:
    """Reservations of one node each, of units that are free and over an uplink that is; most with their plane."""
    held: list[Commitment] = []
    for nth in range(reservations):
        begin = NOW + timedelta(minutes=chance.randint(20 * 60, 28 * 60))
        end = begin + timedelta(minutes=chance.randint(30, 6 * 60))
        held += _reservation(chance, world, held, f"r-{nth}", (begin, end))
    return held


def _reservation(
    chance: Random, world: PoolTopology, held: list[Commitment], name: str, span: tuple[datetime, datetime]
) -> list[Commitment]:
    """Nothing where a first guess does not fit."""
    on = chance.choice([one for one in world.hosts.values() if not one.is_fixed])
    at = chance.choice(list(world.prus.values()))
    others = [one for one in held if one.busy_from < span[1] and span[0] < one.busy_until]
    taken = {one.unit for one in others}
    planes = Counter(plane for one in others for pru, plane in one.planes if pru == at.code)
    free = [p.plane for p in on.ports if sum(u.plane == p.plane for u in at.uplinks) > planes[p.plane]]
    blocks = [b for b in world.blocks.values() if b.pru == at.code and b.code not in taken][: chance.randint(1, 3)]
    if on.code in taken or on.zone != at.zone or not free or not blocks:
        return []
    rails = chance.choice([0, 0, 0, 1])
    first = Commitment(
        reservation=name,
        project="team-other",
        unit=on.code,
        is_host=True,
        node=0,
        busy_from=span[0],
        busy_until=span[1],
        host=on.code,
        network="net-1" if rails else "",
        rails=rails,
        planes=((at.code, chance.choice(free)),),
    )
    rest = replace(first, is_host=False, network="", rails=0, planes=())
    return [first, *(replace(rest, unit=block.code, watts=chance.choice([None, 60])) for block in blocks)]


def a_request(chance: Random, world: PoolTopology) -> ReservationRequest:
    groups = tuple(_group(chance, world) for _ in range(chance.choice([1, 1, 1, 2])))
    rails = chance.choice([None] * 8 + [1, 2])
    network = chance.choice([None] * 9 + ["net-1"])
    when = window(hours_ahead=chance.randint(20 * 4, 28 * 4) / 4, hours=chance.randint(2, 16) / 4)
    return ReservationRequest("team-chat", "tiny", "", Mix(groups, network, rails), when)


def _group(chance: Random, world: PoolTopology) -> Group:
    pooled = sorted({b.device_class for b in world.blocks.values() if b.pru is not None})
    lines = tuple(_line(chance, pooled) for _ in range(chance.choice([0, 1, 1, 1, 2, 2])))
    if "sys-1" in world.hosts and chance.random() < 0.3:
        lines = (Line(BOARD, chance.choice([1, 2, 2, 4])),)
    rarely = {
        "same_pru": True,
        "same_switch": True,
        "allow_bridge_split": True,
        "p2p": True,
        "nic_affinity": chance.choice(list(Affinity)),
        "storage_affinity": chance.choice(list(Affinity)),
        "spread": chance.choice(list(Spread)),
        "host_class": "host-s",
        "host_cores": 64,
        "rails": 1,
    }
    asked = {name: value for name, value in rarely.items() if chance.random() < 0.08}
    return Group(role="", nodes=chance.choice([1, 1, 1, 2, 2, 3]), lines=lines, placement=Placement(**asked))


def _line(chance: Random, pooled: list[str]) -> Line:
    count = chance.choice([1, 1, 1, 2, 2, 3])
    what = chance.random()
    if what < 0.2:
        return Line("", count, selector=chance.choice(list(SELECTORS)))
    if what < 0.3 and GPU in pooled:
        return Line(GPU, chance.randint(1, 6), profile=chance.choice(["1g.10gb", "2g.20gb"]))
    if what < 0.4:
        return Line("", 0, first_of=(Line(chance.choice(pooled), count), Line(chance.choice(pooled), 1)))
    cap = chance.choice([None, None, None, 80])
    return Line(chance.choice(pooled), count, power_cap_w=cap)
