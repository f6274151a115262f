"""The pod: rdma-1 of 2 rails and 128 ports, rdma-2 of 1 rail and 64. A host-24 has one NIC of its own."""

from dataclasses import replace

import pytest

from fabric.topology import PoolTopology
from scheduler.planning.admission import fits
from scheduler.planning.rules import rdma
from scheduler.planning.snapshot import Commitment
from scheduler.requests import Group, Mix
from tests.scheduler.planning.asking import grant
from tests.scheduler.planning.drafting import broken, drafted
from tests.shipped import pod
from tests.worlds import ask, group, snapshot, window

L40S, NIC = "nvidia-l40s-48gb", "nvidia-connectx-7-400g"
FIRST, SECOND = ("host-01", "pru-01-s01"), ("host-02", "pru-01-s02")


def _pod(**switch_ports: int) -> PoolTopology:
    world = pod()
    changed = {code.replace("_", "-"): ports for code, ports in switch_ports.items()}
    networks = {
        code: replace(one, switch_ports=changed.get(code, one.switch_ports)) for code, one in world.networks.items()
    }
    return replace(world, networks=networks)


def _nodes(count: int, **placement: object) -> Group:
    return group((L40S, 1), nodes=count, **placement)


def _found(world: PoolTopology, *groups: Group, network: str | None = None, rails: int | None = None, **around: object):
    request = replace(ask(*groups, pool="pod"), mix=Mix(groups, network=network, rails=rails))
    count = request.mix.node_count
    return broken(rdma.RULE, world, request, *(FIRST, SECOND)[:count], **around)


def _chosen(world: PoolTopology, *groups: Group, **around: object) -> str | None:
    case, _ = drafted(world, ask(*groups, pool="pod"), *(FIRST, SECOND)[: sum(one.nodes for one in groups)], **around)
    network = rdma.network_of(case)
    return network.code if network else None


def _held(network: str, rails: int, **when: float) -> Commitment:
    span = window(**when)
    return Commitment(
        "r-9", "team-other", "host-09", True, 0, span.starts_at, span.ends_at, "host-09", network=network, rails=rails
    )


def test_a_node_has_a_port_for_every_rail() -> None:
    # host-01 has one NIC of its own; a pooled one makes two.
    request = ask(group((L40S, 1), (NIC, 1), rails=2), pool="pod")

    assert _found(pod(), _nodes(1, rails=2)) == [("RDMA_MISMATCH", "mix[0].placement.rails", 2, 1, "RDMA ports")]
    assert _found(pod(), _nodes(1, rails=1)) == []
    assert broken(rdma.RULE, pod(), request, (*FIRST, "pru-01-n01")) == []


def test_a_network_alone_asks_for_all_its_rails() -> None:
    # rdma-1 has two, host-01 one port; rdma-2 has one.
    assert _found(pod(), _nodes(1), network="rdma-1") == [("RDMA_MISMATCH", "placement.network", 2, 1, "RDMA ports")]
    assert _found(pod(), _nodes(1), network="rdma-2") == []


def test_no_more_rails_than_the_network_has() -> None:
    assert _found(pod(), _nodes(1, rails=2), network="rdma-2") == [
        ("RDMA_MISMATCH", "mix[0].placement.rails", 2, 1, "rails")
    ]
    assert _found(pod(), _nodes(1, rails=1), network="rdma-2") == []


def test_all_nodes_take_equally_many_rails() -> None:
    assert _found(pod(), _nodes(1, rails=1), _nodes(1, rails=2)) == [
        ("RDMA_MISMATCH", "mix[1].placement.rails", 2, 1, "rails")
    ]
    assert _found(pod(), _nodes(1, rails=1), _nodes(1, rails=1)) == []


def test_all_nodes_are_on_one_network() -> None:
    assert _found(pod(), _nodes(1, network="rdma-1"), _nodes(1, network="rdma-2")) == [
        ("RDMA_MISMATCH", "mix[1].placement.network", 1, 2, "networks")
    ]
    assert _found(pod(), _nodes(1, network="rdma-2"), _nodes(1, rails=1)) == []


def test_a_network_the_pool_has_not() -> None:
    assert _found(pod(), _nodes(1), network="rdma-9") == [("RDMA_MISMATCH", "placement.network", 1, 0, "networks")]


@pytest.mark.parametrize(("ports", "is_refused"), [(1, True), (2, False)])
def test_the_switches_have_so_many_ports(ports: int, is_refused: bool) -> None:
    # Two nodes of one rail each.
    found = _found(_pod(rdma_2=ports), _nodes(2), network="rdma-2")

    assert found == [("RDMA_MISMATCH", "placement.network", 2, 1, "switch ports")] * is_refused


def test_ports_are_counted_over_time_with_those_of_others() -> None:
    # 3 ports: two are held all the time, one is left for two nodes; what ends before the set-up does not count.
    world = _pod(rdma_2=3)

    assert _found(world, _nodes(2), network="rdma-2", commitments=[_held("rdma-2", 2)]) == [
        ("RDMA_MISMATCH", "placement.network", 4, 3, "switch ports")
    ]
    assert _found(world, _nodes(2), network="rdma-2", commitments=[_held("rdma-2", 1)]) == []
    assert _found(world, _nodes(2), network="rdma-2", commitments=[_held("rdma-2", 2, hours_ahead=21)]) == []
    assert _found(world, _nodes(2), network="rdma-2", commitments=[_held("rdma-1", 2)]) == []


def test_the_first_network_that_serves_all_is_taken() -> None:
    assert _chosen(pod(), _nodes(2, rails=1)) == "rdma-1"
    assert _chosen(_pod(rdma_1=1), _nodes(2, rails=1)) == "rdma-2"
    assert _chosen(_pod(rdma_1=1, rdma_2=1), _nodes(2, rails=1)) is None
    assert _chosen(pod(), _nodes(2)) is None


def test_where_none_serves_the_one_that_comes_nearest_is_told() -> None:
    # rdma-2 has too few rails, rdma-1 too few ports: 2 nodes × 2 rails.
    assert _found(_pod(rdma_1=3), _nodes(2, rails=2)) == [
        ("RDMA_MISMATCH", "mix[0].placement.rails", 4, 3, "switch ports")
    ]


def test_a_line_of_nics_is_proposed_to_a_node_with_too_few_ports() -> None:
    case, draft = drafted(pod(), ask(_nodes(1, rails=2), pool="pod"), FIRST)

    (refusal,) = rdma.RULE.violations(case, draft)

    assert [(one.kind, one.value) for one in refusal.suggestions] == [("line", NIC)]


def test_nodes_that_do_not_ask_are_left_alone() -> None:
    assert _found(_pod(rdma_1=0, rdma_2=0), _nodes(2)) == []


def test_a_plan_stays_on_the_network_it_was_made_for() -> None:
    # rdma-1 has three ports and is taken for two nodes. Two ports of it go to others; rdma-2 would still do.
    request = ask(group(nodes=2, rails=1), pool="pod")
    world = _pod(rdma_1=3)
    plan = grant(world, request)
    assert [(node.network, node.rails) for node in plan.nodes] == [("rdma-1", 1), ("rdma-1", 1)]

    for held, refused in ((1, []), (2, [("RDMA_MISMATCH", 4, 3)])):
        now = snapshot(world, commitments=[_held("rdma-1", held)])
        for known in (request, None):
            found = fits(plan=plan, snapshot=now, request=known)
            assert [(one.code.value, one.need, one.have) for one in found] == refused
