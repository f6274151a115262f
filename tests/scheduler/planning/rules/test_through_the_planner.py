"""The wider wishes, asked of the whole planner and of the exact search alone, on the shipped pools.

Each is refused, and granted one unit less.
"""

from dataclasses import dataclass

import pytest

from fabric.topology import PoolTopology
from scheduler.planning import diagnosis
from scheduler.planning.attempts import case_of
from scheduler.planning.index import PoolIndex
from scheduler.requests import Affinity, Group, Line, ReservationRequest, Spread
from tests.scheduler.planning.asking import Row, grant, rows
from tests.shipped import lab, pod
from tests.worlds import ask, group, snapshot

L40S, H100, A100 = "nvidia-l40s-48gb", "nvidia-h100-nvl-94gb", "nvidia-a100-pcie-80gb"
DRIVE, NIC, MODULE = "kioxia-cm7-r-15tb", "nvidia-connectx-7-400g", "cxl-memory-256gb"
AT = "mix[0].placement"


@dataclass(frozen=True)
class Pair:
    world: PoolTopology
    refused: ReservationRequest
    row: Row
    granted: ReservationRequest


def _lab(refused: Group, row: Row, granted: Group) -> Pair:
    return Pair(lab(), ask(refused, pool="lab"), row, ask(granted, pool="lab"))


def _pod(refused: Group, row: Row, granted: Group) -> Pair:
    return Pair(pod(), ask(refused, pool="pod"), row, ask(granted, pool="pod"))


def _capped(watts: int) -> Group:
    return Group("", 1, (Line(L40S, 12, power_cap_w=watts), Line(H100, 8), Line(A100, 1)))


PAIRS = {
    # Twelve L40S fill the first PRU; an A100 is in the second.
    "p2p": _lab(
        group((L40S, 12), (A100, 1), p2p=True),
        ("P2P_PATH", f"{AT}.p2p", 13, 12, "devices"),
        group((L40S, 12), p2p=True),
    ),
    # L40S are in the first PRU, A100 in the second; each needs a NIC.
    "a NIC in every PRU": _lab(
        group((L40S, 2), (A100, 2), (NIC, 1), nic_affinity=Affinity.PRU),
        ("NIC_AFFINITY", f"{AT}.nic_affinity", 2, 1, "PRUs"),
        group((L40S, 2), (A100, 2), (NIC, 2), nic_affinity=Affinity.PRU),
    ),
    # Two of three switches have a NIC slot, with four cards each: nine cards reach the third.
    "a NIC on every switch": _lab(
        group((L40S, 9), (NIC, 2), nic_affinity=Affinity.SWITCH),
        ("NIC_AFFINITY", f"{AT}.nic_affinity", 3, 2, "switches"),
        group((L40S, 8), (NIC, 2), nic_affinity=Affinity.SWITCH),
    ),
    # Sixteen cards lie on four switches of four at least.
    "a drive on every switch": _pod(
        group((L40S, 16), (DRIVE, 3), storage_affinity=Affinity.SWITCH),
        ("GDS_AFFINITY", f"{AT}.storage_affinity", 4, 3, "switches"),
        group((L40S, 16), (DRIVE, 4), storage_affinity=Affinity.SWITCH),
    ),
    # L40S stand in rack-a1 and rack-a2 only.
    "racks apart": _pod(
        group((L40S, 1), nodes=3, spread=Spread.RACK),
        ("NO_FREE_HOST", f"{AT}.spread", 3, 2, "nodes"),
        group((L40S, 1), nodes=2, spread=Spread.RACK),
    ),
    # They are in three PRUs.
    "PRUs apart": _pod(
        group((L40S, 1), nodes=4, spread=Spread.PRU),
        ("PRU_FANOUT", f"{AT}.spread", 4, 3, "nodes"),
        group((L40S, 1), nodes=3, spread=Spread.PRU),
    ),
    # One host of the lab has 128 cores.
    "hosts of a size": _lab(
        group((L40S, 1), nodes=2, host_cores=128),
        ("NO_FREE_HOST", f"{AT}.host", 128, 64, "cores"),
        group((L40S, 1), host_cores=128),
    ),
    # Eight hosts of the pod have two NICs of their own, the other eight one.
    "rails of CPU nodes": _pod(
        group(nodes=9, rails=2), ("RDMA_MISMATCH", f"{AT}.rails", 2, 1, "RDMA ports"), group(nodes=8, rails=2)
    ),
    # At rest the lab's rack draws 2,850 W; 12 × 346 + 8 × 400 + 300 = 7,652 more, of 10,500 that are cooled.
    "a power cap": _lab(_capped(346), ("RACK_COOLING", "mix[0].lines[0].count", 10_502, 10_500, "W"), _capped(345)),
}
each_pair = pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS.keys())


@each_pair
def test_the_planner(pair: Pair) -> None:
    assert rows(pair.world, pair.refused) == [pair.row]
    assert grant(pair.world, pair.granted)


@each_pair
def test_the_exact_search(pair: Pair) -> None:
    refused, granted = (
        case_of(request=one, index=PoolIndex(snapshot(pair.world))) for one in (pair.refused, pair.granted)
    )

    assert diagnosis.prove(refused) is None
    assert diagnosis.prove(granted) is not None
