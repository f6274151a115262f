"""The lab pool as its file has it: one rack that is cooled for less than it could draw."""

from typing import Any

import pytest

from scheduler.planning.snapshot import Commitment
from tests.scheduler.planning.asking import grant, nodes, refused, rows
from tests.shipped import catalogue_only, lab
from tests.worlds import ask, commitments_of, group

H100, A100, L40S = "nvidia-h100-nvl-94gb", "nvidia-a100-pcie-80gb", "nvidia-l40s-48gb"
NVME = "kioxia-cm7-r-15tb"
FIELD = "mix[0].lines[0].count"


def request(*lines: tuple[str, int], **group_facts: Any) -> Any:
    return ask(group(*lines, **group_facts), pool="lab")


def two_projects_hold_the_rest() -> list[Commitment]:
    """8 H100 NVL on one host and 4 A100 on another."""
    first = commitments_of(grant(lab(), request((H100, 8))), reservation="r-1", project="team-research")
    second = grant(lab(), request((A100, 4)), commitments=first)
    return [*first, *commitments_of(second, reservation="r-2", project="team-training")]


def test_cards_and_drives_for_one_node() -> None:
    plan = grant(lab(), request((H100, 4), (NVME, 2)))

    assert nodes(plan) == [
        ("host-02", ("pru-01-b01", "pru-01-b02", "pru-02-s01", "pru-02-s02", "pru-02-s03", "pru-02-s04"))
    ]


def test_the_last_reservation_is_refused_for_cooling_and_not_for_want_of_cards() -> None:
    # At rest: hosts 650 + 500 + 500 + 300, local devices 150 + 25 + 25, PRUs 2 × 350: 2,850 W.
    # Held: 8 × 400 + 4 × 300 = 4,400 W. Asked: 12 × 350 = 4,200 W. In all 11,450 W of 10,500 W.
    held = two_projects_hold_the_rest()

    assert rows(lab(), request((L40S, 12)), commitments=held) == [("RACK_COOLING", FIELD, 11_450, 10_500, "W")]


def test_nine_of_them_are_granted_and_ten_are_not() -> None:
    # 7,250 + 9 × 350 = 10,400 W; + 10 × 350 = 10,750 W
    held = two_projects_hold_the_rest()

    assert len(grant(lab(), request((L40S, 9)), commitments=held).nodes[0].blocks) == 9
    assert rows(lab(), request((L40S, 10)), commitments=held) == [("RACK_COOLING", FIELD, 10_750, 10_500, "W")]


def test_the_refusal_says_when_all_would_fit_and_how_many_fit_now() -> None:
    refusal = refused(lab(), request((L40S, 12)), commitments=two_projects_hold_the_rest())

    assert [(one.kind, one.value) for one in refusal.refusals[0].suggestions] == [
        ("power_cap", 270),  # 10,500 - 7,250 = 3,250 W for twelve cards
        ("start", "2026-11-24T10:10:00Z"),  # held until 10:00, cleaned up until 10:05, set up until 10:10
        ("count", 9),
    ]
    assert [one.message for one in refusal.alternatives] == [
        "The same from 2026-11-24 10:10 UTC to 2026-11-24 12:10 UTC.",
        "The same from 2026-11-24 05:50 UTC to 2026-11-24 07:50 UTC.",
        "9 × NVIDIA L40S 48GB in the same window.",
        "Each NVIDIA L40S 48GB held to 270 W, in the same window.",
    ]


def test_twenty_one_accelerators_on_one_node() -> None:
    # Only host-01 takes 21; its address space: 9 × 64 + 8 × 128 + 4 × 128 = 2,112 of 8,192 GiB; heat 10,400 W.
    plan = grant(lab(), request((L40S, 9), (H100, 8), (A100, 4)), accelerators_max=21)

    assert [(host, len(blocks)) for host, blocks in nodes(plan)] == [("host-01", 21)]


def test_the_quota_of_the_pool_file_stands_in_the_way_of_it() -> None:
    mix = request((L40S, 9), (H100, 8), (A100, 4))

    assert rows(lab(), mix, accelerators_max=12) == [("QUOTA_DEVICES", FIELD, 21, 12, "devices")]


def test_the_old_host_is_used_last_and_only_with_time_for_its_reboot() -> None:
    # Its reboot takes 240 s; the lab's set-up is 300 s.
    plan = grant(lab(), request((L40S, 1), nodes=4))

    assert [host for host, _ in nodes(plan)] == ["host-02", "host-03", "host-01", "host-04"]


def test_a_fifth_node_has_neither_host_nor_uplink() -> None:
    assert rows(lab(), request((L40S, 1), nodes=5)) == [
        ("NO_FREE_HOST", "mix[0].nodes", 5, 4, "hosts"),
        ("PRU_FANOUT", "mix[0].nodes", 5, 4, "uplinks"),
    ]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("nvidia-h200-nvl-141gb", "DEVICE_UNAVAILABLE"),  # could be in a pool, but is not in this one
        ("nvidia-gb200-nvl72", "NOT_POOLABLE"),  # a whole system
        ("google-tpu-v5e", "NOT_POOLABLE"),  # in the cloud
        ("meta-mtia-v2", "NOT_POOLABLE"),  # not sold
        ("graphcore-bow-2000", "NOT_POOLABLE"),  # reached over the network
        ("broadcom-pex89144", "NOT_POOLABLE"),  # a part of the fabric itself
    ],
)
def test_classes_the_catalogue_knows_and_the_lab_has_not(code: str, expected: str) -> None:
    assert [row[0] for row in rows(lab(), request((code, 1)), only=catalogue_only())] == [expected]
