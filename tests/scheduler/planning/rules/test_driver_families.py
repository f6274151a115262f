from tests.scheduler.planning.asking import grant, rows
from tests.worlds import GPU, NIC, NVME, ask, cards, group, host, pru, topology

MIXED = ask(group((GPU, 1), ("gpu-b", 1)))


def _world(driver_families_max: int):
    return topology(
        hosts=[host("host-1", driver_families_max=driver_families_max)],
        prus=[pru("pru-1")],
        blocks=[
            *cards("pru-1", GPU, 2),
            *cards("pru-1", "gpu-b", 2, first=3),
            *cards("pru-1", NVME, 1, kind="bay"),
            *cards("pru-1", NIC, 1, kind="nic"),
        ],
    )


def test_two_families_are_one_too_many_for_a_host_that_runs_one() -> None:
    # acme and bolt
    assert rows(_world(1), MIXED) == [("DRIVER_CONFLICT", "mix[0].lines", 2, 1, "driver families")]
    assert grant(_world(2), MIXED)


def test_drives_and_nics_bring_no_family() -> None:
    assert grant(_world(1), ask(group((GPU, 1), (NVME, 1), (NIC, 1))))
