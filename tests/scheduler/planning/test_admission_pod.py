"""The pod as its file has it: two zones, two planes, eight kinds of card, three fixed systems."""

from typing import Any

from tests.scheduler.planning.asking import grant, nodes, rows
from tests.shipped import pod
from tests.worlds import ask, commitments_of, group

H100, H200, L40S = "nvidia-h100-nvl-94gb", "nvidia-h200-nvl-141gb", "nvidia-l40s-48gb"
RTX, HGX, MI325X = "nvidia-rtx-pro-6000-server-96gb", "nvidia-h200-sxm5-141gb", "amd-mi325x-256gb"
NVME = "kioxia-cm7-r-15tb"
FIELD = "mix[0].lines[0].count"


def request(*lines: tuple[str, int], **group_facts: Any) -> Any:
    return ask(group(*lines, **group_facts), pool="pod", project="inference-prod")


def test_thirty_two_cards_on_one_host() -> None:
    # Address space: 32 × 256 = 8,192 of 16,384 GiB.
    # rack-b1: 2 × 900 + 4 × 150 + 2 × 500 + 32 × 600 = 22,600 of 34,502 W.
    plan = grant(pod(), request((H200, 32)), accelerators_max=128, project="inference-prod")

    assert [(host, len(blocks)) for host, blocks in nodes(plan)] == [("host-07", 32)]


def test_thirty_three_are_more_than_any_host_takes_any_zone_has_and_whole_bridges_give() -> None:
    assert rows(pod(), request((H200, 33)), accelerators_max=128) == [
        ("HOST_SLOT_LIMIT", FIELD, 33, 32, "accelerators"),
        ("ZONE_MISMATCH", FIELD, 33, 32, "devices"),
        ("BRIDGE_SPLIT", FIELD, 33, 32, "devices"),
    ]


def test_a_prefill_group_and_a_decode_group_on_two_hosts() -> None:
    prefill = group((H100, 4), role="prefill", same_pru=True)
    decode = group((H200, 4), (NVME, 1), role="decode")

    plan = grant(pod(), ask(prefill, decode, pool="pod"))

    assert [(node.role, node.group, len(node.blocks)) for node in plan.nodes] == [("prefill", 0, 4), ("decode", 1, 5)]
    assert len({node.host for node in plan.nodes}) == 2


def test_an_oversubscribed_rack_feeds_25_of_its_32_cards() -> None:
    # rack-b3 at rest: 2 × 900 + 4 × 150 + 2 × 500 = 3,400 W. 32 × 600 = 19,200 W. (18,401 − 3,400) / 600 = 25.0
    assert rows(pod(), request((RTX, 32))) == [("RACK_POWER", FIELD, 22_600, 18_401, "W")]
    assert len(grant(pod(), request((RTX, 25))).nodes[0].blocks) == 25
    assert rows(pod(), request((RTX, 26))) == [("RACK_POWER", FIELD, 19_000, 18_401, "W")]


def test_all_sixty_four_bridged_cards_are_too_warm_for_one_of_their_racks() -> None:
    # rack-a3 at rest: 2 × 750 + 2 × 150 + 2 × 500 = 2,800 W; with 32 × 400 W it is 15,600 of 15,000 W.
    assert rows(pod(), request((H100, 16), nodes=4)) == [("RACK_COOLING", FIELD, 15_600, 15_000, "W")]
    assert len(grant(pod(), request((H100, 14), nodes=4)).nodes) == 4


def test_the_fixed_systems() -> None:
    assert rows(pod(), request((MI325X, 4))) == [("UNIT_INDIVISIBLE", FIELD, 4, 8, "devices")]
    assert nodes(grant(pod(), request((MI325X, 8))))[0][0] == "sys-mi-01"
    assert rows(pod(), request((HGX, 3))) == [("UNIT_INDIVISIBLE", FIELD, 3, 2, "devices")]
    assert [(h, len(b)) for h, b in nodes(grant(pod(), request((HGX, 4))))] == [("sys-hgx-01", 4)]
    assert rows(pod(), request((HGX, 4), nodes=3)) == [("NO_FREE_HOST", "mix[0].nodes", 3, 2, "hosts")]


def test_a_second_partition_goes_to_the_second_system() -> None:
    held = commitments_of(grant(pod(), request((HGX, 4))))

    assert nodes(grant(pod(), request((HGX, 4)), commitments=held))[0][0] == "sys-hgx-02"


def test_more_nodes_than_the_zone_of_the_cards_has_hosts() -> None:
    # All 48 L40S are in zone-a, which has 8 hosts; 9 nodes need 9 hosts. The three PRUs have 12 uplinks.
    assert rows(pod(), request((L40S, 5), nodes=9)) == [("NO_FREE_HOST", "mix[0].nodes", 9, 8, "hosts")]
    assert len(grant(pod(), request((L40S, 6), nodes=8)).nodes) == 8
