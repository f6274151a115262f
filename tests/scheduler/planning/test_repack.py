"""Who is moved to make room is not worse off for it."""

from dataclasses import replace

import pytest

from fabric.topology import HostFacts
from scheduler.planning.index import PoolIndex
from scheduler.planning.repack import repack
from scheduler.planning.repacking import Movable, Repacked
from scheduler.requests import Group, Placement
from tests.scheduler.planning.asking import grant
from tests.worlds import GPU, ask, cards, commitments_of, group, host, pru, snapshot, taken, topology

CARD, ALONE = group((GPU, 1)), group()  # a node with a device, and one that is its host and no more


def room_on_host_1(node: Group, *, other: HostFacts) -> Repacked | None:
    """Such a node has `host-1`; somebody asks for a host of its template, and only the other one is free."""
    pool = topology(hosts=[host("host-1"), other], prus=[pru("pru-1")], blocks=cards("pru-1", GPU, 4))
    plan = grant(pool, ask(node), commitments=taken(host="host-2"))
    held = commitments_of(plan, reservation="r-old")
    index = PoolIndex(snapshot(pool, commitments=held))
    newcomer = ask(replace(node, placement=Placement(host_class="host-8")))
    return repack(request=newcomer, index=index, movable=[Movable("r-old", ask(node), plan)])


def moves(made: Repacked | None) -> list[tuple[str, str]] | None:
    return made and [(move.reservation, move.plan.nodes[0].host) for move in made.moves]


def test_a_node_with_devices_moves_to_a_host_that_does_for_them() -> None:
    """Cores and memory that it did not ask for are not kept."""
    smaller = host("host-2", template="host-9", cores=32, memory_gib=256)

    assert moves(room_on_host_1(CARD, other=smaller)) == [("r-old", "host-2")]


@pytest.mark.parametrize("less", [{"hot_add": False, "reboot_seconds": 60}, {"port_generation": 4}, {"port_lanes": 8}])
def test_a_node_with_devices_does_not_move_to_a_host_that_reaches_them_slower(less: dict[str, int]) -> None:
    assert room_on_host_1(CARD, other=host("host-2", template="host-9", **less)) is None


@pytest.mark.parametrize("less", [{"cores": 32}, {"memory_gib": 256}])
def test_a_node_without_devices_does_not_move_to_a_smaller_host(less: dict[str, int]) -> None:
    """The host is all it has."""
    assert room_on_host_1(ALONE, other=host("host-2", template="host-9", **less)) is None
    assert moves(room_on_host_1(ALONE, other=host("host-2", template="host-9", port_lanes=8))) == [("r-old", "host-2")]
