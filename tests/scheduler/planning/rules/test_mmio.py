from tests.scheduler.planning.asking import grant, rows
from tests.worlds import FPGA, GPU, NVME, ask, cards, group, host, pru, topology


def _world(mmio_high_gib: int):
    return topology(
        hosts=[host("host-1", mmio_high_gib=mmio_high_gib)],
        prus=[pru("pru-1")],
        blocks=[*cards("pru-1", GPU, 6), *cards("pru-1", FPGA, 2, first=7), *cards("pru-1", NVME, 4, kind="bay")],
    )


def test_the_sum_of_bars_must_fit() -> None:
    # 6 × 64 GiB = 384 GiB
    assert rows(_world(383), ask(group((GPU, 6)))) == [("MMIO_EXHAUSTED", "mix[0].lines[0].count", 384, 383, "GiB")]
    assert grant(_world(384), ask(group((GPU, 6))))


def test_an_unpublished_bar_counts_one_gib_and_drives_count_too() -> None:
    # 4 × 64 + 3 drives × 1 = 259 GiB
    request = ask(group((GPU, 4), (NVME, 3)))

    assert rows(_world(258), request) == [("MMIO_EXHAUSTED", "mix[0].lines[0].count", 259, 258, "GiB")]
    assert grant(_world(259), request)
