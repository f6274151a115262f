"""What only the emulator has: its file, its settings, hosts that reboot, fixed systems, faults by the pool file."""

import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from fabric.drivers.base import CardSetting, Conflict, Done, Pending, Permanent, Precondition, Transient
from fabric.drivers.emulator import EmulatedDevice, EmulatedHost, EmulatorDriver, create, faults
from fabric.drivers.emulator.faults import FaultKind
from fabric.drivers.emulator.seed import mark_of, set_latency_scale
from fabric.drivers.emulator.store import ADDED_COLUMNS
from fabric.drivers.emulator.truth import show
from tests.contracts.worlds import BLOCKS, SIMULATION, EmulatorWorld, compose, configure, decompose, finish, make_small

CUT = CardSetting(layout={"1g.10gb": 7})


@pytest.fixture
def world(tmp_path: Path) -> EmulatorWorld:
    return EmulatorWorld(tmp_path)


def extend(
    world: EmulatorWorld, *, devices: list[EmulatedDevice], hosts: list[EmulatedHost], **simulation: Any
) -> None:
    create(path=world.path, devices=devices, hosts=hosts, simulation={**SIMULATION, **simulation}, inventory_mark="new")


def device(code: str, fixed_host: str | None = None, **more: Any) -> EmulatedDevice:
    return EmulatedDevice(
        code=code, device_class="gpu", serial=f"SN-{code}", pci_id="10de:2321", slot=9, fixed_host=fixed_host, **more
    )


def test_the_file_grows_with_the_inventory_and_keeps_what_is_so(world: EmulatorWorld) -> None:
    compose(world)
    world.fault(FaultKind.SLOW)

    extend(world, devices=[device("gpu-1"), device("gpu-7")], hosts=[EmulatedHost(code="host-7", address="h7")])

    owners = world.owners()
    assert (owners["gpu-1"], owners["gpu-7"], len(owners)) == ("t-1", None, 7)
    assert len(world.truth()["faults"]) == 1
    assert mark_of(world.path) == "new"
    assert mark_of(world.path.with_name("other.sqlite3")) is None


def test_a_file_of_before_cards_could_be_set_grows_and_keeps_what_is_so(world: EmulatorWorld) -> None:
    compose(world)
    owners = world.owners()
    with closing(sqlite3.connect(world.path)) as db, db:
        for table, column, _ in ADDED_COLUMNS:
            db.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        db.execute("DELETE FROM setting WHERE name = 'configure_seconds'")
    mark = mark_of(world.path)

    make_small(world.path)
    configure(world, {"gpu-3": CUT}, tag="t-2")

    assert (world.owners(), world.settings()) == (owners, {"gpu-3": CUT})
    assert (mark, mark_of(world.path)) == (None, "")


def test_a_pool_that_allows_a_card_to_be_cut_later_lets_it_be_cut(world: EmulatorWorld) -> None:
    with pytest.raises(Permanent):
        configure(world, {"gpu-6": CUT})

    extend(world, devices=[device("gpu-6", mig_profiles={"1g.10gb": 7})], hosts=[])
    configure(world, {"gpu-6": CUT})

    assert world.settings() == {"gpu-6": CUT}


def test_a_card_that_lost_its_power_is_as_it_comes(world: EmulatorWorld) -> None:
    configure(world, {"gpu-1": CUT, "gpu-2": CUT})

    world.reset("gpu-1")

    assert world.settings() == {"gpu-2": CUT}


def test_cards_of_one_call_are_set_side_by_side_and_a_fixed_systems_card_takes_its_time_too(
    world: EmulatorWorld,
) -> None:
    fixed = device("fix-1", "sys-1", mig_profiles={"1g.10gb": 7})
    extend(
        world,
        devices=[fixed],
        hosts=[EmulatedHost(code="sys-1", address="s")],
        configure_seconds={"p50": 4.0, "p95": 4.0},
    )

    done = configure(world, {"gpu-1": CUT, "fix-1": CUT})

    assert [(line.block, line.seconds) for line in done.lines] == [("fix-1", 4.0), ("gpu-1", 4.0)]


def test_a_driver_without_a_file_says_so(tmp_path: Path) -> None:
    driver = EmulatorDriver(path=tmp_path / "none.sqlite3", clock=lambda: 0.0)

    with pytest.raises(Permanent):
        driver.inventory()
    assert not (tmp_path / "none.sqlite3").exists()


def test_a_latency_scale_of_zero_is_instant(world: EmulatorWorld) -> None:
    set_latency_scale(path=world.path, scale=0)

    reply = world.driver.compose(op_key="c", tag="t", host="host-1", blocks=BLOCKS)

    assert isinstance(reply, Done)
    assert reply.machine is not None
    assert reply.machine.blocks == frozenset(BLOCKS)
    with pytest.raises(ValueError, match="0 \\(instant\\) or more"):
        set_latency_scale(path=world.path, scale=-1)


def test_a_host_without_hot_add_reboots_to_see_its_blocks(world: EmulatorWorld) -> None:
    extend(world, devices=[], hosts=[EmulatedHost(code="host-1", address="h", hot_add=False, reboot_seconds=240)])

    done = compose(world)

    assert [line.seconds > 240 for line in done.lines] == [True, True]
    assert all(line.seconds < 240 for line in decompose(world).lines)


def test_devices_of_a_fixed_system_are_granted_at_once_and_to_their_own_host_only(world: EmulatorWorld) -> None:
    extend(world, devices=[device("fix-1", "sys-1")], hosts=[EmulatedHost(code="sys-1", address="sys-1.example")])

    with pytest.raises(Permanent):
        world.driver.compose(op_key="no", tag="t", host="host-1", blocks=("fix-1",))
    reply = world.driver.compose(op_key="yes", tag="t", host="sys-1", blocks=("fix-1",))

    assert isinstance(reply, Done)
    assert world.owners()["fix-1"] == "t"


def test_a_fabric_that_needs_the_host_off_refuses_while_it_is_on(tmp_path: Path) -> None:
    world = EmulatorWorld(tmp_path, needs_host_off=True)

    with pytest.raises(Precondition):
        compose(world)
    world.driver.power(host="host-1", on=False)
    compose(world)
    with pytest.raises(Precondition):
        world.driver.prove(tag="t-1", expected=("gpu-1", "gpu-2"))
    world.driver.power(host="host-1", on=True)

    assert world.driver.prove(tag="t-1", expected=("gpu-1", "gpu-2")).holds


def test_the_profile_overlays_the_capabilities(tmp_path: Path) -> None:
    world = EmulatorWorld(tmp_path, max_parallel_mutations=1, site="ignored")

    world.driver.compose(op_key="a", tag="t-1", host="host-1", blocks=("gpu-1",))
    with pytest.raises(Transient):
        world.driver.compose(op_key="b", tag="t-2", host="host-2", blocks=("gpu-2",))

    assert world.driver.capabilities().max_parallel_mutations == 1


def test_faults_are_off_until_the_pool_files_are_switched_on_and_only_once(world: EmulatorWorld) -> None:
    before = world.truth()["faults"]
    faults.set_from_pool(path=world.path)
    faults.set_from_pool(path=world.path)

    assert before == []
    assert [(f["kind"], f["probability"]) for f in world.truth()["faults"]] == [("bind_failure", 0.01)]
    assert faults.clear(path=world.path) == 1
    assert world.truth()["faults"] == []


def test_a_probability_strikes_about_as_often_as_it_says(world: EmulatorWorld) -> None:
    set_latency_scale(path=world.path, scale=0)
    world.fault(FaultKind.BIND_FAILURE, probability=0.25)
    outcomes: Counter[str] = Counter()
    for number in range(25):
        outcomes.update(str(line.outcome) for line in compose(world, tag=f"t-{number}", blocks=BLOCKS[:4]).lines)
        decompose(world, tag=f"t-{number}")
        finish(world, world.driver.clean(op_key=f"clean-{number}", blocks=BLOCKS[:4]))

    assert outcomes.total() == 100
    assert 15 <= outcomes["not_done"] <= 35


def test_a_slow_fabric_takes_its_factor_longer(tmp_path: Path) -> None:
    usual, slow = EmulatorWorld(tmp_path / "a"), EmulatorWorld(tmp_path / "b")
    slow.fault(FaultKind.SLOW, factor=3)

    times = [[line.seconds for line in compose(world).lines] for world in (usual, slow)]

    assert times[1] == [pytest.approx(3 * seconds, abs=0.002) for seconds in times[0]]


def test_a_device_that_vanishes_during_a_mutation_is_not_bound(world: EmulatorWorld) -> None:
    world.fault(FaultKind.VANISH, blocks=["gpu-2"], times=1)

    done = compose(world)

    assert [(line.block, str(line.outcome), line.reason) for line in done.lines] == [
        ("gpu-1", "done", ""),
        ("gpu-2", "not_done", "the device has vanished"),
    ]


@pytest.mark.parametrize("probability", [-0.1, 1.1, float("nan")])
def test_a_fault_that_cannot_be_is_refused(world: EmulatorWorld, probability: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        world.fault(FaultKind.BIND_FAILURE, probability=probability)
    with pytest.raises(ValueError, match="No such block: gpu-99"):
        world.fault(FaultKind.BIND_FAILURE, blocks=["gpu-99"])


def test_eight_threads_racing_for_one_block_have_one_winner(world: EmulatorWorld) -> None:
    def race(number: int) -> str:
        driver = EmulatorDriver(path=world.path, clock=lambda: world.now)
        try:
            reply = driver.compose(
                op_key=f"c{number}", tag=f"t{number}", host=f"host-{number % 6 + 1}", blocks=("gpu-1",)
            )
        except Conflict:
            return "refused"
        assert isinstance(reply, Pending)
        return "taken"

    with ThreadPoolExecutor(8) as threads:
        results = Counter(threads.map(race, range(8)))

    assert results == Counter(refused=7, taken=1)


def test_the_truth_shows_everything_and_settles_what_is_due(world: EmulatorWorld) -> None:
    world.driver.compose(op_key="c", tag="t-1", host="host-1", blocks=("gpu-1",))

    before = show(path=world.path, now=world.now)
    after = show(path=world.path, now=world.now + 3600)

    assert (before["blocks"][0]["state"], after["blocks"][0]["state"]) == ("free", "attached")
    assert [(op["op_key"], op["state"]) for op in after["operations"]] == [("c", "done")]
    assert after["machines"] == [{"tag": "t-1", "host": "host-1", "is_foreign": 0}]


def test_making_the_same_file_again_changes_nothing(world: EmulatorWorld) -> None:
    before = world.truth()

    make_small(world.path)

    assert world.truth() == before
