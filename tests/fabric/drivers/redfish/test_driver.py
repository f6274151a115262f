"""What only the Redfish driver has to live with: services that differ, notes that are lost, other writers."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from fabric.drivers.base import BlockOutcome, Conflict, ContractBroken, Done, Permanent, Precondition, SeenHost, Unknown
from fabric.drivers.emulator import mischief
from fabric.drivers.emulator.faults import FaultKind
from fabric.redfish_simulator import app, changes, systems
from fabric.redfish_simulator.knobs import Knob
from fabric.redfish_simulator.manners import Ids, Manners
from fabric.redfish_simulator.web import Reply, Request
from tests.contracts.redfish_world import RedfishWorld
from tests.contracts.worlds import BLOCKS, LONG_SECONDS, compose, decompose, finish


@pytest.fixture
def manners() -> Manners:
    return Manners()


@pytest.fixture
def world(tmp_path: Path, manners: Manners) -> Iterator[RedfishWorld]:
    with closing(RedfishWorld(tmp_path, manners=manners)) as made:
        yield made


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The bodies of all requests for a system."""
    bodies: list[dict[str, Any]] = []

    def create(face: Any, request: Request) -> Reply:
        bodies.append(request.json())
        return _create(face, request)

    monkeypatch.setattr(app.changes, "create", create)
    return bodies


_create = changes.create


@pytest.mark.parametrize(
    ("manners", "keys"),
    [
        (Manners(), {"Name", "Links", "Description"}),
        (Manners(keeps_description=False), {"Name", "Links"}),
        (Manners(has_capabilities=False), {"Name", "Links"}),
        (Manners(ids=Ids.LISTED), {"Name", "Links", "Description", "Id"}),
    ],
)
def test_a_request_carries_what_the_capabilities_ask_for_and_no_more(
    asked: list[dict[str, Any]], world: RedfishWorld, keys: set[str]
) -> None:
    compose(world)

    assert [set(body) for body in asked] == [keys]
    assert asked[0]["Name"] == "t-1"


@pytest.mark.parametrize("manners", [Manners(ids=Ids.CLIENT, has_capabilities=False)])
def test_an_id_that_is_missed_is_given_in_a_second_request(asked: list[dict[str, Any]], world: RedfishWorld) -> None:
    compose(world)

    assert [body.get("Id") for body in asked] == [None, "t-1"]
    assert world.machines() == {"t-1": "host-1"}


@pytest.mark.parametrize("manners", [Manners(success_status=status) for status in (200, 201, 204)])
def test_any_success_that_comes_at_once_is_read_back(world: RedfishWorld) -> None:
    reply = world.driver.compose(op_key="c", tag="t-1", host="host-1", blocks=())

    assert isinstance(reply, Done)
    assert reply.machine is not None
    assert (reply.machine.host, reply.machine.blocks) == ("host-1", frozenset())


def test_another_process_with_the_same_notes_carries_on(world: RedfishWorld) -> None:
    world.driver.compose(op_key="c", tag="t-1", host="host-1", blocks=("gpu-1",))
    other = world.another_driver()
    world.advance(LONG_SECONDS)

    ended, again = other.poll("c"), world.driver.compose(op_key="c", tag="t-1", host="host-1", blocks=("gpu-1",))

    assert ended == again
    assert world.composes("t-1") == 1


def test_a_process_whose_notes_are_lost_finds_its_system_again(world: RedfishWorld) -> None:
    compose(world)
    other = world.another_driver(notes="new")

    with pytest.raises(Unknown):
        other.poll("t-1/compose")
    with pytest.raises(Conflict):
        other.compose(op_key="another", tag="t-1", host="host-1", blocks=("gpu-1", "gpu-2"))
    found = other.compose(op_key="t-1/compose", tag="t-1", host="host-1", blocks=("gpu-1", "gpu-2"))

    assert isinstance(found, Done)
    assert {line.outcome for line in found.lines} == {BlockOutcome.DONE}
    assert world.composes("t-1") == 1
    other.decompose(op_key="d", tag="t-1")
    world.advance(LONG_SECONDS)
    assert world.machines() == {}


@pytest.mark.parametrize("manners", [Manners(keeps_description=False)])
def test_a_name_alone_is_ours_only_where_the_profile_says_so(world: RedfishWorld) -> None:
    compose(world)

    with pytest.raises(Conflict, match="not ours"):
        world.another_driver(notes="new").decompose(op_key="d", tag="t-1")
    world.another_driver(notes="new", tag_prefix="t-").decompose(op_key="d", tag="t-1")
    world.advance(LONG_SECONDS)

    assert world.machines() == {}


def test_a_decompose_waits_for_a_compose_that_may_still_arrive(world: RedfishWorld) -> None:
    world.face.turn({"kind": "lost_before", "times": 1})
    with pytest.raises(Unknown):
        world.driver.compose(op_key="c", tag="t-1", host="host-1", blocks=("gpu-1",))

    with pytest.raises(Unknown):
        world.driver.decompose(op_key="d", tag="t-1")
    world.advance(LONG_SECONDS)
    done = world.driver.poll("d")
    late = world.driver.poll("c")

    assert done == Done(op_key="d", machine=None, lines=())
    assert isinstance(late, Done)
    assert [line.outcome for line in late.lines] == [BlockOutcome.NOT_DONE]
    assert world.composes("t-1") == 0


def test_two_systems_of_one_name_are_never_chosen_between(world: RedfishWorld) -> None:
    compose(world)
    world.turn(Knob.TWIN)

    with pytest.raises(ContractBroken):
        world.driver.read("t-1")
    with pytest.raises(ContractBroken):
        world.driver.decompose(op_key="d", tag="t-1")
    assert world.machines() == {"t-1": "host-1"}


def test_a_block_of_two_systems_is_shown_as_not_well_and_never_worked_with(world: RedfishWorld) -> None:
    compose(world)
    world.turn(Knob.TWO_OWNERS)

    health = {device.block: device.health for device in world.driver.inventory().devices}
    with pytest.raises(ContractBroken) as broken:
        world.driver.find(tag="t-1", blocks=("gpu-1",))

    assert [code for code, told in health.items() if told == "failed"] == ["gpu-1", "gpu-2"]
    assert broken.value.blocks == ("gpu-1",)


def test_a_system_without_a_host_does_not_hide_the_others(world: RedfishWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    compose(world)
    shown = systems.system

    def without_host(face: Any, identity: str) -> dict[str, Any] | None:
        document = shown(face, identity)
        if document is None or document["Name"] != "t-1":
            return document
        kept = [one for one in document["Links"]["ResourceBlocks"] if not one["@odata.id"].endswith("host-1")]
        return document | {"Links": {"ResourceBlocks": kept}}

    monkeypatch.setattr(systems, "system", without_host)
    machine = world.driver.read("t-1")
    devices = {device.block: (device.host, device.tag) for device in world.driver.inventory().devices}

    assert machine is not None
    assert (machine.host, machine.blocks) == ("", {"gpu-1", "gpu-2"})
    assert (devices["gpu-1"], devices["gpu-3"]) == ((None, "t-1"), (None, None))


def test_a_location_on_another_server_is_not_followed(world: RedfishWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = {"Location": "http://elsewhere.example/monitor"}
    monkeypatch.setattr(
        app.changes, "create", lambda face, request: _create(face, request).but(headers=elsewhere, body=None)
    )
    with closing(RedfishWorld(world.folder / "other")) as other:
        with pytest.raises(Unknown):
            other.driver.compose(op_key="c", tag="t-1", host="host-1", blocks=("gpu-1",))
        other.advance(LONG_SECONDS)
        done = other.driver.poll("c")

    assert isinstance(done, Done)
    assert [line.outcome for line in done.lines] == [BlockOutcome.DONE]


def test_hosts_are_switched_through_their_own_systems(world: RedfishWorld) -> None:
    world.turn(Knob.HOST_ON)
    with pytest.raises(Precondition):
        compose(world)
    world.driver.power(host="host-1", on=False)
    world.driver.power(host="host-1", on=False)
    compose(world)

    with pytest.raises(Precondition):
        world.driver.prove(tag="t-1", expected=("gpu-1", "gpu-2"))
    world.driver.power(host="host-1", on=True)
    assert world.driver.prove(tag="t-1", expected=("gpu-1", "gpu-2")).holds
    with pytest.raises(Permanent):
        world.driver.power(host="gpu-1", on=True)


def test_a_profile_that_needs_the_host_off_refuses_before_it_asks(world: RedfishWorld) -> None:
    driver = world.another_driver(needs_host_off=True)

    with pytest.raises(Precondition):
        driver.compose(op_key="c", tag="t-1", host="host-1", blocks=("gpu-1",))
    assert world.mutations_accepted() == 0


def test_hosts_say_whether_they_are_on_and_when_they_booted(world: RedfishWorld) -> None:
    before = {host.code: host for host in world.driver.inventory().hosts}
    mischief.reboot(path=world.path, host="host-1", now=world.now)
    world.driver.power(host="host-2", on=False)
    after = {host.code: host for host in world.driver.inventory().hosts}

    assert before["host-1"] == SeenHost("host-1", True, "2026-01-01T00:00:01+00:00")
    assert after["host-1"] == SeenHost("host-1", True, "2026-01-01T00:00:02+00:00")
    assert after["host-2"] == SeenHost("host-2", False, before["host-2"].boot_id)
    assert after["host-3"] == before["host-3"]


def test_what_the_service_has_taken_for_itself_is_unavailable_and_what_is_broken_failed(world: RedfishWorld) -> None:
    mischief.withdraw(path=world.path, block="gpu-1", now=world.now)
    mischief.fail(path=world.path, block="gpu-2", now=world.now)

    health = [(device.block, device.health) for device in world.driver.find(tag="", blocks=BLOCKS[:3])]

    assert health == [("gpu-1", "unavailable"), ("gpu-2", "failed"), ("gpu-3", "ok")]


def test_a_device_that_is_in_use_is_not_taken_away_until_its_host_is_off(world: RedfishWorld) -> None:
    compose(world)
    mischief.occupy(path=world.path, block="gpu-1", now=world.now)

    with pytest.raises(Precondition, match="In use: gpu-1"):
        decompose(world)
    world.driver.power(host="host-1", on=False)
    decompose(world)

    assert world.machines() == {}


def test_a_cleaning_says_what_was_done(world: RedfishWorld) -> None:
    compose(world)
    decompose(world)

    done = finish(world, world.driver.clean(op_key="k", blocks=("gpu-1",)))

    assert [(line.outcome, line.method) for line in done.lines] == [(BlockOutcome.DONE, "Redfish Processor.Reset")]


def test_the_width_of_a_link_is_told_while_it_is_up(world: RedfishWorld) -> None:
    with sqlite3.connect(world.path) as db:
        db.execute("UPDATE block SET lanes = 16")
    world.fault(FaultKind.NARROW, blocks=["gpu-2"])
    compose(world)

    seen = world.driver.prove(tag="t-1", expected=("gpu-1", "gpu-2")).devices
    free = world.driver.find(tag="", blocks=("gpu-3",))

    assert [(device.block, device.lanes) for device in (*seen, *free)] == [("gpu-1", 16), ("gpu-2", 8), ("gpu-3", None)]


def test_a_device_that_offers_no_reset_is_not_clean_unless_the_profile_says_so(world: RedfishWorld) -> None:
    compose(world)
    decompose(world)
    strict, lenient = (
        world.another_driver(clean_actions=["#Processor.Shine"], is_clean_without_action=lenient)
        for lenient in (False, True)
    )

    refused = finish_with(world, strict, "k1")
    accepted = finish_with(world, lenient, "k2")

    assert [(line.outcome, line.reason) for line in refused.lines] == [
        (BlockOutcome.NOT_DONE, "The block offers no way to be reset.")
    ]
    assert [line.outcome for line in accepted.lines] == [BlockOutcome.DONE]


def test_one_change_at_a_time_is_the_default(world: RedfishWorld) -> None:
    world.driver = world.another_driver(max_parallel_mutations=1)
    compose(world, blocks=BLOCKS[:3])
    decompose(world)

    reply, under_way = world.driver.clean(op_key="k", blocks=BLOCKS[:3]), []
    while not isinstance(reply, Done):
        under_way.append(sum(1 for one in world.truth()["operations"] if one["state"] == "running"))
        world.advance(LONG_SECONDS)
        reply = world.driver.poll("k")

    assert under_way == [1, 1, 1]
    assert [line.outcome for line in reply.lines] == [BlockOutcome.DONE] * 3


def finish_with(world: RedfishWorld, driver: Any, op_key: str) -> Done:
    world.driver = driver
    return finish(world, driver.clean(op_key=op_key, blocks=("gpu-1",)))
