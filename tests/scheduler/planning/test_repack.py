"""Who is moved to make room is not worse off for it."""

import pytest

from fabric.topology import HostFacts
from scheduler.planning.index import PoolIndex
from scheduler.planning.repack import repack
from scheduler.planning.repacking import Movable, Repacked
from tests.scheduler.planning.asking import grant
from tests.worlds import ask, commitments_of, group, host, snapshot, taken, topology

CPU_NODE = ask(group())


def room_on_host_1(*, other: HostFacts) -> Repacked | None:
    """A CPU node has `host-1`; somebody asks for a host of its template, and only the other one is free."""
    pool = topology(hosts=[host("host-1"), other], prus=[], blocks=[])
    plan = grant(pool, CPU_NODE, commitments=taken(host="host-2"))
    held = commitments_of(plan, reservation="r-old")
    index = PoolIndex(snapshot(pool, commitments=held))
    newcomer = ask(group(host_class="host-8"))
    return repack(request=newcomer, index=index, movable=[Movable("r-old", CPU_NODE, plan)])


def test_a_node_moves_to_a_host_that_does_for_its_request() -> None:
    """Cores and memory that it did not ask for are not kept."""
    made = room_on_host_1(other=host("host-2", template="host-9", cores=32, memory_gib=256))

    assert made is not None
    assert [(move.reservation, move.plan.nodes[0].host) for move in made.moves] == [("r-old", "host-2")]


@pytest.mark.parametrize("less", [{"hot_add": False}, {"port_generation": 4}, {"port_lanes": 8}])
def test_a_node_does_not_move_to_a_host_that_reaches_devices_slower(less: dict[str, int]) -> None:
    assert room_on_host_1(other=host("host-2", template="host-9", **less)) is None
