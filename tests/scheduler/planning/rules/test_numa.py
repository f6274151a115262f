from dataclasses import replace

from fabric.topology import PoolTopology, PortFacts
from scheduler.planning.rules import numa
from scheduler.planning.sockets import sockets_of
from tests.scheduler.planning.drafting import drafted
from tests.shipped import lab, pod
from tests.worlds import ask, cards, group, host, pru, topology

L40S = "nvidia-l40s-48gb"


def _warnings(world: PoolTopology, host: str, *blocks: str) -> list[str]:
    case, draft = drafted(world, ask(group((L40S, len(blocks))), pool=world.pool), (host, *blocks))
    return list(numa.warnings(case, draft))


def test_two_prus_behind_one_socket_are_not_worth_a_word() -> None:
    # A host of the pod has two ports at each socket, one on each plane.
    assert _warnings(pod(), "host-01", "pru-01-s01", "pru-02-s01") == []


def test_a_third_is_at_the_other_socket() -> None:
    assert _warnings(pod(), "host-01", "pru-01-s01", "pru-02-s01", "pru-03-s01") == [
        "NUMA_SPLIT: Node 1 on host-01 reaches its 3 PRUs through ports of 2 sockets; what goes between them "
        "crosses the sockets."
    ]


def test_a_host_of_one_port_at_each_socket_splits_with_the_second() -> None:
    world = lab()

    assert _warnings(world, "host-02", "pru-01-s01", "pru-01-s02") == []
    assert [one[:20] for one in _warnings(world, "host-02", "pru-01-s01", "pru-02-s01")] == ["NUMA_SPLIT: Node 1 o"]


def _planes(*uplinks: str) -> PoolTopology:
    """A host with planes 0 and 1 at socket 0 and plane 0 at socket 1; two PRUs whose uplinks end on these."""
    ports = (PortFacts(1, "plane-0", 0), PortFacts(2, "plane-1", 0), PortFacts(3, "plane-0", 1))
    prus = [pru(f"pru-{n}", uplinks=(PortFacts(1, plane),)) for n, plane in enumerate(uplinks, 1)]
    blocks = [block for one in prus for block in cards(one.code, "gpu-a", 1)]
    return topology(hosts=[host("host-1", ports=ports)], prus=prus, blocks=blocks)


def test_the_plane_of_an_uplink_may_force_the_other_socket() -> None:
    def sockets(world: PoolTopology) -> dict[str, int]:
        _, (placed,) = drafted(world, ask(group(("gpu-a", 2))), ("host-1", "pru-1-s01", "pru-2-s01"))
        return dict(sockets_of(world, placed))

    assert sockets(_planes("plane-0", "plane-1")) == {"pru-1": 0, "pru-2": 0}
    assert sockets(_planes("plane-0", "plane-0")) == {"pru-1": 0, "pru-2": 1}
    assert sockets(_planes("plane-1", "plane-1")) == {}


def test_the_planes_of_a_plan_settle_it() -> None:
    """Either plane would do for both PRUs; once both links are on plane 0, the second ends at the other socket."""
    world = _planes("plane-0", "plane-1")
    wide = {
        code: replace(one, uplinks=(PortFacts(1, "plane-0"), PortFacts(2, "plane-1")))
        for code, one in world.prus.items()
    }
    _, (placed,) = drafted(replace(world, prus=wide), ask(group(("gpu-a", 2))), ("host-1", "pru-1-s01", "pru-2-s01"))

    assert sockets_of(world, placed, {"pru-1": "plane-0", "pru-2": "plane-1"}) == {"pru-1": 0, "pru-2": 0}
    assert sockets_of(world, placed, {"pru-1": "plane-0", "pru-2": "plane-0"}) == {"pru-1": 0, "pru-2": 1}


def test_ports_at_no_known_socket_are_at_one() -> None:
    world = replace(_planes("plane-0", "plane-0"), hosts={"host-1": host("host-1")})

    _, (placed,) = drafted(world, ask(group(("gpu-a", 2))), ("host-1", "pru-1-s01", "pru-2-s01"))

    assert sockets_of(world, placed) == {"pru-1": 0, "pru-2": 0}
