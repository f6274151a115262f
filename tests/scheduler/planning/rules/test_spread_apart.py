"""The pod: hosts 1 and 2 and PRUs 1 and 2 stand in rack-a1, host 3 and PRU 3 in rack-a2."""

from scheduler.planning.rules import fanout, free_host
from scheduler.requests import Spread
from tests.scheduler.planning.drafting import broken
from tests.shipped import pod
from tests.worlds import ask, group

L40S = "nvidia-l40s-48gb"
FIELD = "mix[0].placement.spread"


def _request(nodes: int, spread: Spread | None, *more):
    return ask(group((L40S, 1), nodes=nodes, spread=spread), *more, pool="pod")


def _racks(*nodes: tuple[str, ...]):
    return broken(free_host.RULE, pod(), _request(len(nodes), Spread.RACK), *nodes)


def test_two_hosts_of_one_rack_are_not_apart() -> None:
    assert _racks(("host-01", "pru-01-s01"), ("host-02", "pru-03-s01")) == [("NO_FREE_HOST", FIELD, 2, 1, "nodes")]


def test_a_device_in_the_rack_of_the_other_node_is_not_apart() -> None:
    assert _racks(("host-01", "pru-01-s01"), ("host-03", "pru-02-s01")) == [("NO_FREE_HOST", FIELD, 2, 1, "nodes")]
    assert _racks(("host-01", "pru-01-s01"), ("host-03", "pru-03-s01")) == []


def test_the_nodes_that_can_be_apart_are_counted() -> None:
    # The third shares a rack with both.
    assert _racks(("host-01", "pru-01-s01"), ("host-03", "pru-03-s01"), ("host-02", "pru-03-s02")) == [
        ("NO_FREE_HOST", FIELD, 3, 2, "nodes")
    ]


def test_prus_apart_may_share_a_rack() -> None:
    request = _request(2, Spread.PRU)

    assert broken(fanout.PRU_RULE, pod(), request, ("host-01", "pru-01-s01"), ("host-02", "pru-01-s02")) == [
        ("PRU_FANOUT", FIELD, 2, 1, "nodes")
    ]
    assert broken(fanout.PRU_RULE, pod(), request, ("host-01", "pru-01-s01"), ("host-02", "pru-02-s01")) == []
    assert broken(free_host.RULE, pod(), request, ("host-01", "pru-01-s01"), ("host-02", "pru-02-s01")) == []


def test_only_nodes_of_one_group_are_kept_apart() -> None:
    # Two groups of one node each, and one that does not ask.
    node = (("host-01", "pru-01-s01"), ("host-02", "pru-01-s02"))

    for spread in (Spread.RACK, Spread.PRU):
        mine = group((L40S, 1), spread=spread)
        for rule in (free_host.RULE, fanout.PRU_RULE):
            assert broken(rule, pod(), ask(mine, mine, pool="pod"), *node) == []
            assert broken(rule, pod(), _request(2, None), *node) == []
