from dataclasses import replace

import pytest

from fabric.topology import PoolTopology
from scheduler.planning.rules import cxl
from tests.scheduler.planning.drafting import broken
from tests.shipped import pod
from tests.worlds import ask, group, with_host

MODULE, FIELD = "cxl-memory-256gb", "mix[0].lines[0].count"


def _speaking(*protocols: str) -> PoolTopology:
    """The pod, the bays of its CXL PRU speaking these."""
    world = pod()
    changed = replace(world.prus["pru-15"], slot_protocols={"bay": protocols})
    return replace(world, prus={**world.prus, "pru-15": changed})


def _found(world: PoolTopology):
    request = ask(group((MODULE, 2)), pool="pod")
    return broken(cxl.RULE, world, request, ("host-09", "pru-15-b01", "pru-15-b02"))


def test_a_module_is_in_a_bay_that_speaks_cxl() -> None:
    assert _found(_speaking("PCIe")) == [("CXL_UNSUPPORTED", FIELD, 2, 0, "CXL bays")]
    assert _found(_speaking("PCIe", "CXL2")) == []
    assert _found(pod()) == []


@pytest.mark.parametrize(("generation", "is_refused"), [(4, True), (5, False)])
def test_a_host_speaks_cxl_from_generation_five_on(generation: int, is_refused: bool) -> None:
    world = with_host(pod(), "host-09", port_generation=generation)

    assert _found(world) == [("CXL_UNSUPPORTED", FIELD, 5, 4, "PCIe generation")] * is_refused


def test_other_devices_ask_no_host_for_it() -> None:
    world = with_host(pod(), "host-09", port_generation=4)
    drives = ask(group(("kioxia-cm7-r-15tb", 1)), pool="pod")

    assert broken(cxl.RULE, world, drives, ("host-09", "pru-16-b01")) == []
