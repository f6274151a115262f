"""The same key is the same operation, however often and whatever became of the replies."""

from contextlib import closing
from pathlib import Path

import pytest

from fabric.drivers.base import BlockOutcome, Conflict, Done, Machine, Pending, Permanent, Transient, Unknown
from fabric.drivers.emulator.faults import FaultKind
from tests.contracts.every_world import WORLDS
from tests.contracts.worlds import ASKED, BLOCKS, LONG_SECONDS, NOBODY, World, compose, decompose, finish, held


def test_compose_binds_exactly_what_was_asked(world: World) -> None:
    """Or as many equal ones, and says which."""
    given = world.given(ASKED)
    done = compose(world)

    assert done.machine == Machine("t-1", "host-1", frozenset(given), "host-1.example")
    assert [(line.block, line.outcome) for line in done.lines] == [(block, BlockOutcome.DONE) for block in given]
    assert world.owners() == held(given)
    assert world.driver.capabilities().picks_devices == world.picks_devices
    assert (given == ASKED) != world.picks_devices


def test_a_machine_may_have_no_blocks(world: World) -> None:
    done = compose(world, blocks=())

    assert done.machine == Machine("t-1", "host-1", frozenset(), "host-1.example")
    assert decompose(world).machine is None
    assert world.machines() == {}


def test_compose_again_with_the_same_key_is_the_same_operation(world: World) -> None:
    first = compose(world)
    second = compose(world)

    assert second == first
    assert world.mutations_accepted() == 1


def test_a_key_means_one_request(world: World) -> None:
    given = world.given(ASKED)
    compose(world)

    with pytest.raises(Permanent):
        world.driver.compose(op_key="t-1/compose", tag="t-1", host="host-1", blocks=("gpu-3",))
    with pytest.raises(Permanent):
        world.driver.compose(op_key="", tag="t-2", host="host-2", blocks=("gpu-3",))
    assert world.owners() == held(given)


def test_a_reply_lost_before_commit_has_done_nothing(world: World) -> None:
    world.fault(FaultKind.LOST_BEFORE, times=1)

    with pytest.raises(Unknown):
        compose(world)

    assert world.driver.read("t-1") is None
    assert [(d.block, d.tag) for d in world.driver.find(tag="t-1", blocks=("gpu-1", "gpu-2"))] == [
        ("gpu-1", None),
        ("gpu-2", None),
    ]
    with pytest.raises(Unknown):
        world.driver.poll("t-1/compose")
    world.advance(LONG_SECONDS)  # until nothing of it can still be on its way
    given = world.given(ASKED)
    compose(world)
    assert world.owners() == held(given)
    assert world.mutations_accepted() == 1


def test_a_reply_lost_after_commit_is_resolved_by_reading(world: World) -> None:
    given = world.given(ASKED)
    world.fault(FaultKind.LOST_AFTER, times=1)

    with pytest.raises(Unknown):
        compose(world)
    world.advance(LONG_SECONDS)

    assert world.driver.read("t-1") == Machine("t-1", "host-1", frozenset(given), "host-1.example")
    compose(world)
    assert world.mutations_accepted() == 1


def test_decompose_again_and_of_what_is_gone_is_done(world: World) -> None:
    compose(world)

    first = decompose(world)
    second = decompose(world)
    other = finish(world, world.driver.decompose(op_key="t-1/decompose.2", tag="t-1"))

    assert first == second
    assert other == Done(op_key="t-1/decompose.2", machine=None, lines=())
    assert world.owners() == NOBODY
    assert world.machines() == {}


def test_a_name_that_was_given_up_is_never_used_again(world: World) -> None:
    """The late compose of a worker that was overtaken by a release must not bring the machine into being."""
    decompose(world)

    with pytest.raises(Conflict):
        compose(world)

    assert (world.owners(), world.machines()) == (NOBODY, {})


def test_a_refused_call_is_not_an_operation(world: World) -> None:
    taken = world.given(ASKED)[1]
    compose(world)

    with pytest.raises(Conflict) as blocks_taken:
        compose(world, tag="t-2", host="host-2", blocks=(taken, "gpu-3"))
    with pytest.raises(Conflict) as host_taken:
        compose(world, tag="t-3", host="host-1", blocks=("gpu-3",))
    assert " t-1" not in f"{host_taken.value}", "whoever books reads it, and may not know whose node it is"
    with pytest.raises(Permanent):
        compose(world, tag="t-4", host="host-9", blocks=("gpu-3",))
    with pytest.raises(Permanent):
        compose(world, tag="t-5", host="host-2", blocks=("gpu-99",))
    with pytest.raises(Permanent):
        compose(world, tag="t-6", host="host-2", blocks=("gpu-3", "gpu-3"))

    assert blocks_taken.value.blocks == (taken,)
    assert world.mutations_accepted() == 1


def test_a_block_on_its_way_to_one_machine_is_not_free_for_another(world: World) -> None:
    given = world.given(("gpu-1",))
    world.driver.compose(op_key="a", tag="t-1", host="host-1", blocks=("gpu-1",))

    with pytest.raises(Conflict):
        world.driver.compose(op_key="b", tag="t-2", host="host-2", blocks=given)


def test_as_many_mutations_at_once_as_it_says_and_one_more_later(world: World) -> None:
    most = world.driver.capabilities().max_parallel_mutations
    for number in range(1, most + 1):
        world.driver.compose(op_key=f"c{number}", tag=f"t-{number}", host=f"host-{number}", blocks=(f"gpu-{number}",))

    with pytest.raises(Transient):
        world.driver.compose(op_key="last", tag="t-5", host="host-5", blocks=("gpu-5",))
    world.advance(LONG_SECONDS)
    world.driver.compose(op_key="last", tag="t-5", host="host-5", blocks=("gpu-5",))

    assert (most, world.mutations_accepted()) == (1 if world.picks_devices else 4, most + 1)


@pytest.mark.parametrize("name", sorted(WORLDS))
def test_the_same_seed_gives_the_same_latencies(name: str, tmp_path: Path) -> None:
    with closing(WORLDS[name](tmp_path / "one")) as one, closing(WORLDS[name](tmp_path / "other")) as other:
        assert compose(one, blocks=BLOCKS).lines == compose(other, blocks=BLOCKS).lines


def test_binds_run_side_by_side(world: World) -> None:
    lines = compose(world, blocks=BLOCKS).lines
    slowest = max(line.seconds for line in lines)
    decompose(world)
    finish(world, world.driver.clean(op_key="clean", blocks=BLOCKS))

    reply = world.driver.compose(op_key="again", tag="t-2", host="host-1", blocks=BLOCKS)
    assert isinstance(reply, Pending)
    elapsed = 0.0
    while isinstance(reply, Pending):
        world.advance(reply.retry_after_seconds)
        elapsed += reply.retry_after_seconds
        reply = world.driver.poll("again")
    again = max(line.seconds for line in reply.lines)

    assert slowest < sum(line.seconds for line in lines)
    assert again <= elapsed <= again + 0.25
