"""Worlds, calendars and requests drawn from a seed, for what must hold of all of them."""

from random import Random

from fabric.topology import PoolTopology
from scheduler.planning.attempts import attempt
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan
from scheduler.planning.snapshot import Commitment
from scheduler.requests import ReservationRequest
from tests.worlds import GPU, NVME, ask, cards, group, host, ports, pru, snapshot, system, topology, window, with_rack

PLANES = ("plane-a", "plane-b")


def a_world(chance: Random) -> PoolTopology:
    """Up to four hosts and three PRUs in one or two zones, tight enough for every rule to matter."""
    zones = ["zone-1", chance.choice(["zone-1", "zone-2"])]
    hosts = [_host(chance, f"host-{n}", chance.choice(zones)) for n in range(chance.randint(1, 4))]
    prus, blocks = [], []
    for n in range(chance.randint(1, 3)):
        zone = chance.choice(zones)
        prus.append(pru(f"pru-{n}", zone=zone, uplinks=ports(*chance.choices(PLANES, k=chance.randint(1, 3)))))
        cut = chance.randint(1, 4)
        blocks += cards(f"pru-{n}", GPU, cut, zone=zone, bridge=chance.choice([1, 2]), per_switch=2)
        blocks += cards(f"pru-{n}", "gpu-b", chance.randint(0, 2), first=cut + 1, zone=zone, per_switch=2)
        blocks += cards(f"pru-{n}", NVME, chance.randint(0, 2), zone=zone, kind="bay", per_switch=1)
    if chance.random() < 0.3:
        machine, own = system("sys-1", "board-a", devices=4, partitions=(4, 2))
        hosts.append(machine)
        blocks += own
    world = topology(hosts=hosts, prus=prus, blocks=blocks)
    rest = sum(h.base_w + h.local_w for h in hosts) + sum(p.base_w for p in prus)
    return with_rack(
        world, "rack-1", budget_w=rest + chance.randint(3, 16) * 100, cooling_w=rest + chance.randint(3, 16) * 100
    )


def a_world_that_bears_one(chance: Random) -> PoolTopology:
    """One in which at least a single GPU can be had."""
    while True:
        world = a_world(chance)
        if isinstance(
            attempt(request=ask(group((GPU, 1), allow_bridge_split=True)), index=PoolIndex(snapshot(world))), Plan
        ):
            return world


def _host(chance: Random, code: str, zone: str):
    hot_add = chance.random() < 0.8
    return host(
        code,
        zone=zone,
        ports=ports(*chance.choices(PLANES, k=chance.randint(1, 3))),
        max_accelerators=chance.randint(2, 6),
        mmio_high_gib=chance.choice([150, 300, 600]),
        driver_families_max=chance.randint(1, 2),
        hot_add=hot_add,
        reboot_seconds=0 if hot_add else 240,
        template=chance.choice(["host-s", "host-l"]),
    )


def a_request(
    chance: Random, world: PoolTopology, *, hours_ahead: float | None = None, project: str = "team-chat"
) -> ReservationRequest:
    """One or two groups of one or two nodes; now and then a wish for a path, a waiver or the fixed system."""
    groups = []
    pooled = [block.device_class for block in world.blocks.values() if block.pru is not None]
    for _ in range(chance.choice([1, 1, 2])):
        lines = [(chance.choice(pooled), chance.choice([1, 1, 2, 2, 3])) for _ in range(chance.choice([1, 1, 2]))]
        if "sys-1" in world.hosts and chance.random() < 0.2:
            lines = [("board-a", chance.randint(1, 4))]
        wishes = {name: chance.random() < 0.2 for name in ("same_pru", "same_switch", "allow_bridge_split")}
        groups.append(group(*lines, nodes=chance.choice([1, 1, 2]), **wishes))
    ahead = chance.randint(1, 60) / 2 if hours_ahead is None else hours_ahead
    return ask(*groups, when=window(hours_ahead=ahead, hours=chance.randint(1, 12) / 2), project=project)


def shuffled(
    chance: Random, world: PoolTopology, commitments: list[Commitment]
) -> tuple[PoolTopology, list[Commitment]]:
    """The same world with every mapping and list in another order."""
    maps = ("classes", "hosts", "prus", "blocks", "racks")
    changed = {
        name: dict(chance.sample(list(getattr(world, name).items()), len(getattr(world, name)))) for name in maps
    }
    return PoolTopology(pool=world.pool, policy=world.policy, **changed), chance.sample(commitments, len(commitments))
