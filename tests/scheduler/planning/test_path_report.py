"""Worked out by hand.

A lane of generation 5 carries 32 × 128 / 130 = 31.508 Gb/s, so sixteen of them 504.1 and four 126.0; generation 4 half
of that: 252.1 on sixteen lanes.
"""

import pytest

from scheduler.planning.path_report import path_report
from scheduler.planning.pcie import gbit_per_s
from scheduler.planning.plan import PathReport
from tests.scheduler.planning.drafting import drafted, run
from tests.shipped import lab, pod
from tests.worlds import ask, group

L40S, H100, H200 = "nvidia-l40s-48gb", "nvidia-h100-nvl-94gb", "nvidia-h200-nvl-141gb"
SXM, DRIVE = "nvidia-h200-sxm5-141gb", "kioxia-cm7-r-15tb"


def _report(world, lines: list[tuple[str, int]], host: str, *blocks: str) -> PathReport:
    _, (placed,) = drafted(world, ask(group(*lines), pool=world.pool), (host, *blocks))
    return path_report(world, placed)


@pytest.mark.parametrize(
    ("generation", "lanes", "gbit"),
    [(3, 16, 126.0), (4, 16, 252.1), (5, 16, 504.1), (5, 4, 126.0), (6, 16, 968.0), (1, 1, 2.0), (0, 16, 0.0)],
)
def test_what_a_link_carries(generation: int, lanes: int, gbit: float) -> None:
    assert round(gbit_per_s(generation, lanes), 1) == gbit


def test_a_whole_pru_behind_one_link() -> None:
    # Three switches of four: 3 × 6 pairs on one switch, of 66 in all. Twelve cards of generation 4 on one x16 of 5.
    assert _report(lab(), [(L40S, 12)], "host-01", *run("pru-01-s", 1, 12)) == PathReport(
        {"PIX": 18, "PXB": 48}, uplink_gbit_per_s=504.1, device_gbit_per_s=3024.7, oversubscription=6.0
    )


def test_two_prus_at_two_sockets() -> None:
    # The large host of the lab has one port at each socket: 4 × 4 pairs go across.
    blocks = (*run("pru-01-s", 1, 4), *run("pru-02-s", 1, 4))

    assert _report(lab(), [(L40S, 4), (H100, 4)], "host-01", *blocks) == PathReport(
        {"PIX": 12, "SYS": 16}, uplink_gbit_per_s=1008.2, device_gbit_per_s=3024.7, oversubscription=3.0
    )


def test_an_older_host_has_slower_links() -> None:
    # Slots 3 and 4 share a switch, 5 and 6 another.
    assert _report(lab(), [(L40S, 4)], "host-04", *run("pru-01-s", 3, 6)) == PathReport(
        {"PIX": 2, "PXB": 4}, uplink_gbit_per_s=252.1, device_gbit_per_s=1008.2, oversubscription=4.0
    )


def test_thirty_two_cards_on_one_host() -> None:
    # A PRU of four switches of four: 24 pairs on one switch, 120 − 24 = 96 beside; 16 × 16 through socket 0.
    blocks = (*run("pru-07-s", 1, 16), *run("pru-08-s", 1, 16))

    assert _report(pod(), [(H200, 32)], "host-07", *blocks) == PathReport(
        {"PIX": 48, "PXB": 192, "PHB": 256}, uplink_gbit_per_s=1008.2, device_gbit_per_s=16131.9, oversubscription=16.0
    )


def test_a_third_pru_is_at_the_other_socket() -> None:
    # Eight in each, on two switches: 12 and 16 pairs. The first two PRUs share socket 0: 64; with the third 2 × 64.
    blocks = (*run("pru-01-s", 1, 8), *run("pru-02-s", 1, 8), *run("pru-03-s", 1, 8))

    assert _report(pod(), [(L40S, 24)], "host-01", *blocks) == PathReport(
        {"PIX": 36, "PXB": 48, "PHB": 64, "SYS": 128},
        uplink_gbit_per_s=1512.4,
        device_gbit_per_s=6049.5,
        oversubscription=4.0,
    )


def test_drives_share_the_link_and_make_no_pairs() -> None:
    assert _report(pod(), [(L40S, 1), (DRIVE, 2)], "host-01", "pru-01-s01", "pru-01-b01", "pru-01-b02") == PathReport(
        {}, uplink_gbit_per_s=504.1, device_gbit_per_s=504.1, oversubscription=1.0
    )


def test_nothing_is_reported_of_what_is_not_composed() -> None:
    nothing = PathReport({}, uplink_gbit_per_s=0.0, device_gbit_per_s=0.0, oversubscription=None)

    assert _report(pod(), [(SXM, 8)], "sys-hgx-01", *run("sys-hgx-01-s", 1, 8)) == nothing
    assert _report(pod(), [], "host-01") == nothing
