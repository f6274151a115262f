"""What a fabric tells of hosts, links and use, and what it does not take away from under a process."""

from contextlib import closing
from pathlib import Path

import pytest

from fabric.drivers.base import BlockOutcome, Done, Permanent, Precondition
from fabric.drivers.emulator.faults import FaultKind
from tests.contracts.every_world import TELLS_NO_USE, WORLDS
from tests.contracts.worlds import ASKED, BLOCKS, HOSTS, LANES, NOBODY, World, compose, decompose, finish, held


def boots(world: World) -> dict[str, str]:
    return {host.code: host.boot_id for host in world.driver.inventory().hosts}


def test_every_host_is_listed_with_its_power_and_its_boot(world: World) -> None:
    hosts = world.driver.inventory().hosts

    assert [(host.code, host.is_on) for host in hosts] == [(code, True) for code in HOSTS]
    assert [host.code for host in hosts if host.boot_id == ""] == []


def test_a_host_that_has_booted_is_told_by_another_boot_id(world: World) -> None:
    before = boots(world)
    world.reboot("host-2")
    after = boots(world)

    assert {code for code in HOSTS if after[code] != before[code]} == {"host-2"}


def test_a_host_that_is_off_proves_nothing_and_has_booted_when_it_is_on_again(world: World) -> None:
    given = world.given(ASKED)
    compose(world)
    before = boots(world)

    world.driver.power(host="host-1", on=False)
    world.driver.power(host="host-1", on=False)
    off = {host.code: host.is_on for host in world.driver.inventory().hosts}
    with pytest.raises(Precondition):
        world.driver.prove(tag="t-1", expected=given)
    world.driver.power(host="host-1", on=True)
    world.driver.power(host="host-1", on=True)

    assert off == {**dict.fromkeys(HOSTS, True), "host-1": False}
    assert world.driver.prove(tag="t-1", expected=given).holds
    assert {code for code, boot in boots(world).items() if boot != before[code]} == {"host-1"}
    with pytest.raises(Permanent):
        world.driver.power(host="host-9", on=True)


@pytest.mark.parametrize("name", sorted(WORLDS))
def test_blocks_in_use_are_told_where_the_fabric_can_tell(name: str, tmp_path: Path) -> None:
    with closing(WORLDS[name](tmp_path)) as world:
        busy, _ = world.given(ASKED)
        compose(world)
        idle = world.driver.in_use("t-1")
        world.occupy(busy)
        used = world.driver.in_use("t-1")
        nobody = world.driver.in_use("t-9")

    assert (idle, nobody) == (frozenset(), frozenset())
    assert used == (frozenset() if name in TELLS_NO_USE else {busy})


def test_what_a_process_holds_is_not_taken_away_until_the_host_is_off(world: World) -> None:
    given = world.given(ASKED)
    compose(world)
    world.occupy(given[0])

    with pytest.raises(Precondition):
        world.driver.decompose(op_key="d", tag="t-1")
    assert world.owners() == held(given)
    world.driver.power(host="host-1", on=False)
    done = finish(world, world.driver.decompose(op_key="d", tag="t-1"))

    assert {line.block: line.outcome for line in done.lines} == dict.fromkeys(given, BlockOutcome.DONE)
    assert world.owners() == NOBODY


def test_a_machine_stays_as_it_was_where_a_process_holds_what_should_go(world: World) -> None:
    """Whether it is refused before anything is added, or the fabric refuses in the midst of it."""
    given = world.given(ASKED)
    compose(world)
    world.occupy(given[0])

    with pytest.raises(Precondition):
        world.driver.resize(op_key="r", tag="t-1", add=(), remove=given[:1])

    assert world.owners() == held(given)


def test_a_link_that_came_up_narrow_is_told_in_the_proof(world: World) -> None:
    narrow, wide = world.given(ASKED)
    world.fault(FaultKind.NARROW, blocks=[narrow])
    compose(world)

    proof = world.driver.prove(tag="t-1", expected=(narrow, wide))

    assert proof.holds
    assert {seen.block: seen.lanes for seen in proof.devices} == {narrow: LANES // 2, wide: LANES}


def test_how_well_a_block_is_is_told(world: World) -> None:
    world.fail("gpu-1")
    world.withdraw("gpu-2")

    listed = {seen.block: seen.health for seen in world.driver.inventory().devices}
    found = {seen.block: seen.health for seen in world.driver.find(tag="", blocks=ASKED)}

    assert found == {"gpu-1": "failed", "gpu-2": "unavailable"}
    assert listed == {**dict.fromkeys(BLOCKS, "ok"), **found}


def test_a_cleaning_says_what_was_done(world: World) -> None:
    given = world.given(ASKED)
    compose(world)
    decompose(world)

    done = finish(world, world.driver.clean(op_key="k", blocks=given))

    assert isinstance(done, Done)
    assert [line.method != "" for line in done.lines] == [True, True]
