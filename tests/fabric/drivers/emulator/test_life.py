"""What happens on a host after its devices arrive: work on them, links with fewer lanes, boots, and service."""

from pathlib import Path

import pytest

from fabric.drivers.base import Precondition, SeenHost
from fabric.drivers.emulator import mischief
from fabric.drivers.emulator.faults import FaultKind
from tests.contracts.worlds import EmulatorWorld, compose, decompose, finish


@pytest.fixture
def world(tmp_path: Path) -> EmulatorWorld:
    return EmulatorWorld(tmp_path)


def seen(world: EmulatorWorld, block: str) -> tuple[str, int | None]:
    device = world.driver.find(tag="t-1", blocks=(block,))[0]
    return device.health, device.lanes


def host(world: EmulatorWorld, code: str = "host-1") -> SeenHost:
    return next(one for one in world.driver.inventory().hosts if one.code == code)


def test_a_device_in_use_is_not_let_go_until_its_work_has_ended(world: EmulatorWorld) -> None:
    world.fault(FaultKind.IN_USE, blocks=["gpu-1"], factor=5000.0)
    compose(world)

    busy = world.driver.in_use("t-1")
    with pytest.raises(Precondition, match=r"In use: gpu-1\.") as refused:
        world.driver.decompose(op_key="d", tag="t-1")
    world.advance(5000)

    assert (busy, refused.value.blocks, world.driver.in_use("t-1")) == ({"gpu-1"}, ("gpu-1",), set())
    assert [line.block for line in decompose(world).lines] == ["gpu-1", "gpu-2"]


def test_work_that_never_ends_is_forced_by_switching_the_host_off(world: EmulatorWorld) -> None:
    world.fault(FaultKind.IN_USE, blocks=["gpu-2"], factor=0)
    compose(world)
    world.advance(1_000_000)

    still = world.driver.in_use("t-1")
    world.driver.power(host="host-1", on=False)

    assert (still, world.driver.in_use("t-1")) == ({"gpu-2"}, set())
    assert decompose(world).machine is None


def test_only_the_devices_that_shall_go_must_be_idle_for_a_change_of_a_machine(world: EmulatorWorld) -> None:
    compose(world)
    mischief.occupy(path=world.path, block="gpu-1", now=world.now)

    with pytest.raises(Precondition, match=r"In use: gpu-1\."):
        world.driver.resize(op_key="r1", tag="t-1", add=(), remove=("gpu-1",))
    changed = finish(world, world.driver.resize(op_key="r2", tag="t-1", add=("gpu-3",), remove=("gpu-2",)))

    assert changed.machine is not None
    assert changed.machine.blocks == {"gpu-1", "gpu-3"}


def test_a_link_may_come_up_with_half_of_its_lanes_and_is_whole_after_the_next_try(world: EmulatorWorld) -> None:
    world.fault(FaultKind.NARROW, times=1)

    before = seen(world, "gpu-1")
    compose(world)
    bound = (seen(world, "gpu-1"), seen(world, "gpu-2"))
    decompose(world)

    assert (before, bound, seen(world, "gpu-1")) == (("ok", 16), (("ok", 8), ("ok", 16)), ("ok", 16))


def test_a_boot_gives_the_host_another_id_and_ends_what_ran(world: EmulatorWorld) -> None:
    compose(world)
    mischief.occupy(path=world.path, block="gpu-1", now=world.now)
    first = host(world)

    mischief.reboot(path=world.path, host="host-1", now=world.now)

    assert (first, host(world)) == (SeenHost("host-1", True, "host-1/1"), SeenHost("host-1", True, "host-1/2"))
    assert (world.driver.in_use("t-1"), world.owners()["gpu-1"]) == (set(), "t-1")


def test_switching_off_and_on_is_a_boot_and_on_again_is_none(world: EmulatorWorld) -> None:
    world.driver.power(host="host-1", on=False)
    off = host(world)
    world.driver.power(host="host-1", on=True)
    world.driver.power(host="host-1", on=True)

    assert (off, host(world)) == (SeenHost("host-1", False, "host-1/1"), SeenHost("host-1", True, "host-1/2"))


def test_a_device_in_service_says_so(world: EmulatorWorld) -> None:
    mischief.withdraw(path=world.path, block="gpu-1", now=world.now)

    states = {block["code"]: block["state"] for block in world.truth()["blocks"]}

    assert (seen(world, "gpu-1"), states["gpu-1"], states["gpu-2"]) == (("unavailable", 16), "unavailable", "free")


@pytest.mark.parametrize("unknown", ["host", "block"])
def test_mischief_needs_something_that_is_there(world: EmulatorWorld, unknown: str) -> None:
    with pytest.raises(ValueError, match=f"There is no {unknown} x-1"):
        if unknown == "host":
            mischief.reboot(path=world.path, host="x-1", now=0)
        else:
            mischief.occupy(path=world.path, block="x-1", now=0)
