"""Hosts that expand: a node is a host and what was added to it since, and only our own notes say whose it is."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from fabric.drivers.base import Conflict, Done, Machine, Pending, Transient, Unknown
from fabric.redfish_simulator.manners import Resizing
from tests.contracts.expanded_world import ExpandedWorld
from tests.contracts.worlds import BLOCKS, LONG_SECONDS, compose, decompose, finish

NOBODY = dict.fromkeys(BLOCKS)


@pytest.fixture(params=list(Resizing))
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ExpandedWorld]:
    with closing(ExpandedWorld(tmp_path, resizing=request.param)) as made:
        yield made


def test_the_service_says_which_kind_it_is_and_the_profile_outranks_it(world: ExpandedWorld) -> None:
    told = world.another_driver().found()
    otherwise = world.another_driver(hosts="composed").found()

    assert (told, otherwise["hosts"]) == ({"hosts": "expanded"}, "composed")


def test_a_node_is_made_changed_and_taken_apart_without_a_system_being_made(world: ExpandedWorld) -> None:
    made = compose(world)
    reply = world.driver.resize(op_key="r", tag="t-1", add=("gpu-3",), remove=("gpu-1",))
    changed = finish(world, reply)
    gone = decompose(world)

    assert made.machine == Machine("t-1", "host-1", frozenset({"gpu-1", "gpu-2"}), "host-1.example")
    assert changed.machine == Machine("t-1", "host-1", frozenset({"gpu-2", "gpu-3"}), "host-1.example")
    assert [line.block for line in gone.lines] == ["gpu-2", "gpu-3"]
    assert (world.owners(), world.driver.inventory().machines) == (NOBODY, ())


def test_another_process_with_the_same_notes_knows_whose_it_is_and_one_without_does_not(world: ExpandedWorld) -> None:
    compose(world)

    same, stranger = world.another_driver(), world.another_driver(notes="none")

    assert same.read("t-1") == Machine("t-1", "host-1", frozenset({"gpu-1", "gpu-2"}), "host-1.example")
    assert (stranger.read("t-1"), stranger.inventory().machines) == (None, ())
    assert {(seen.host, seen.tag) for seen in stranger.find(tag="", blocks=("gpu-1",))} == {("host-1", None)}


def test_what_somebody_else_added_stays_and_is_no_part_of_the_node(world: ExpandedWorld) -> None:
    compose(world)
    world.attach_foreign("gpu-3", "host-1", "stranger")

    machine, proof = world.driver.read("t-1"), world.driver.prove(tag="t-1", expected=("gpu-1", "gpu-2"))
    decompose(world)

    assert machine is not None
    assert (machine.blocks, proof.extra) == ({"gpu-1", "gpu-2"}, {"gpu-3"})
    assert world.owners() == {**NOBODY, "gpu-3": "stranger"}


def test_a_host_is_one_nodes_until_it_is_given_back(world: ExpandedWorld) -> None:
    compose(world, blocks=("gpu-1",))

    with pytest.raises(Conflict, match="host-1 is in use by somebody else"):
        compose(world, tag="t-2", blocks=("gpu-2",))
    decompose(world)
    other = compose(world, tag="t-2", blocks=("gpu-2",))

    assert other.machine == Machine("t-2", "host-1", frozenset({"gpu-2"}), "host-1.example")


def test_a_compose_that_was_refused_gives_the_host_back(world: ExpandedWorld) -> None:
    world.face.turn({"kind": "busy", "times": 1})
    with pytest.raises(Transient):
        compose(world, blocks=("gpu-1",))

    other = compose(world, tag="t-2", blocks=("gpu-1",))

    assert other.machine == Machine("t-2", "host-1", frozenset({"gpu-1"}), "host-1.example")


def test_a_node_that_is_only_wished_for_is_none(world: ExpandedWorld) -> None:
    world.face.turn({"kind": "lost_before", "times": 1})
    with pytest.raises(Unknown):
        compose(world)

    assert (world.driver.read("t-1"), world.driver.inventory().machines) == (None, ())
    world.advance(LONG_SECONDS)
    compose(world)
    assert world.driver.read("t-1") is not None


def test_a_release_waits_for_what_may_still_arrive_and_then_calls_it_off(world: ExpandedWorld) -> None:
    world.face.turn({"kind": "lost_before", "times": 1})
    with pytest.raises(Unknown):
        compose(world, blocks=("gpu-1",))

    with pytest.raises(Unknown):
        world.driver.decompose(op_key="d", tag="t-1")
    world.advance(LONG_SECONDS)
    reply = world.driver.poll("d")
    late = world.driver.poll("t-1/compose")

    assert not isinstance(reply, Pending)
    assert isinstance(late, Done)
    assert world.owners() == NOBODY
    with pytest.raises(Conflict):
        world.driver.compose(op_key="again", tag="t-1", host="host-1", blocks=("gpu-1",))
