import pytest

from scheduler.planning.rules import bus_numbers
from tests.scheduler.planning.drafting import broken, drafted, run
from tests.shipped import lab
from tests.worlds import GPU, NVME, ask, cards, group, host, pru, topology

L40S, DRIVE, NIC = "nvidia-l40s-48gb", "kioxia-cm7-r-15tb", "nvidia-connectx-7-400g"


def _lab_node(nics: int):
    """Everything of one PRU that the small old host of the lab could bear otherwise."""
    request = ask(group((L40S, 4), (DRIVE, 8), (NIC, nics), host_class="host-legacy"), pool="lab")
    blocks = (*run("pru-01-s", 1, 4), *run("pru-01-b", 1, 8), *run("pru-01-n", 1, nics))
    return request, ("host-04", *blocks)


def test_the_legacy_host_of_the_lab_has_forty_numbers() -> None:
    # 1 PRU × 13 + (4 + 8 + 2) × 2 = 41; with one NIC less 39.
    request, node = _lab_node(2)
    assert broken(bus_numbers.RULE, lab(), request, node) == [
        ("BUS_EXHAUSTED", "mix[0].lines[1].count", 41, 40, "bus numbers")
    ]

    request, node = _lab_node(1)
    assert broken(bus_numbers.RULE, lab(), request, node) == []


def _two_prus(numbers: int):
    return topology(
        hosts=[host("host-1", bus_numbers=numbers)],
        prus=[pru("pru-1"), pru("pru-2")],
        blocks=[*cards("pru-1", GPU, 4), *cards("pru-2", GPU, 4)],
    )


@pytest.mark.parametrize(("numbers", "is_refused"), [(33, True), (34, False)])
def test_every_pru_takes_its_bridge_and_its_reserve(numbers: int, is_refused: bool) -> None:
    # 4 GPUs in two PRUs: 2 × 13 + 4 × 2 = 34; in one PRU 13 + 8 = 21.
    request = ask(group((GPU, 4)))
    apart = ("host-1", "pru-1-s01", "pru-1-s02", "pru-2-s01", "pru-2-s02")

    found = broken(bus_numbers.RULE, _two_prus(numbers), request, apart)

    assert found == [("BUS_EXHAUSTED", "mix[0].lines[0].count", 34, 33, "bus numbers")] * is_refused
    assert broken(bus_numbers.RULE, _two_prus(21), request, ("host-1", *run("pru-1-s", 1, 4))) == []


def test_the_count_that_would_fit_is_proposed() -> None:
    # 13 + 4 × 2 = 21 > 18: two devices less are 17. The line of most devices is the one to make smaller.
    case, draft = drafted(_two_prus(18), ask(group((GPU, 3), (NVME, 1))), ("host-1", *run("pru-1-s", 1, 4)))

    (refusal,) = bus_numbers.RULE.violations(case, draft)

    assert [(one.kind, one.value) for one in refusal.suggestions] == [("count", 1)]
    assert refusal.field == "mix[0].lines[0].count"


@pytest.mark.parametrize(("numbers", "over"), [(20, 1 / 21), (21, 0.0)])
def test_a_host_is_left_out_that_could_not_bear_even_one_pru(numbers: int, over: float) -> None:
    world = _two_prus(numbers)
    case, _ = drafted(world, ask(group((GPU, 4))), ("host-1",))
    assert bus_numbers.RULE.excess is not None

    assert bus_numbers.RULE.excess(case, case.wishes[0], world.hosts["host-1"]) == over


def test_a_node_without_devices_needs_none() -> None:
    assert broken(bus_numbers.RULE, _two_prus(0), ask(group()), ("host-1",)) == []
