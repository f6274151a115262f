"""A machine in use is changed: the same key is the same change, and what it may not take is refused."""

import pytest

from fabric.drivers.base import Conflict, Done, Permanent, Precondition, Unknown
from fabric.drivers.emulator.faults import FaultKind
from tests.contracts.worlds import ASKED, LONG_SECONDS, World, compose, decompose, finish, held


def resize(world: World, add: tuple[str, ...], remove: tuple[str, ...], *, op_key: str = "r") -> Done:
    return finish(world, world.driver.resize(op_key=op_key, tag="t-1", add=add, remove=remove))


def test_the_same_key_is_the_same_change(world: World) -> None:
    gone, kept = world.given(ASKED)
    compose(world)
    (new,) = world.given(("gpu-3",))

    first = resize(world, ("gpu-3",), (gone,))
    second = resize(world, ("gpu-3",), (gone,))

    assert second == first
    assert world.owners() == held((kept, new))
    with pytest.raises(Permanent):
        resize(world, ("gpu-4",), (gone,))


def test_a_node_may_only_grow_or_only_shrink(world: World) -> None:
    given = world.given(ASKED)
    compose(world)
    (new,) = world.given(("gpu-3",))

    grown = resize(world, ("gpu-3",), ())
    shrunk = resize(world, (), given, op_key="r2")

    assert grown.machine is not None
    assert grown.machine.blocks == {*given, new}
    assert shrunk.machine is not None
    assert shrunk.machine.blocks == {new}
    assert world.owners() == held((new,))


@pytest.mark.parametrize("kind", [FaultKind.LOST_BEFORE, FaultKind.LOST_AFTER])
def test_a_change_whose_reply_was_lost_is_made_once(world: World, kind: FaultKind) -> None:
    """The same call again, when nothing of the first can still be on its way."""
    given = world.given(ASKED)
    compose(world)
    (new,) = world.given(("gpu-3",))
    accepted = world.mutations_accepted()
    world.fault(kind, operation="resize", times=1)

    with pytest.raises(Unknown):
        world.driver.resize(op_key="r", tag="t-1", add=("gpu-3",), remove=())
    world.advance(LONG_SECONDS)
    done = resize(world, ("gpu-3",), ())

    assert [line.block for line in done.lines] == [new]
    assert world.owners() == held((*given, new))
    assert world.mutations_accepted() == accepted + 1


def test_a_change_of_what_is_not_there_or_not_ours_is_refused(world: World) -> None:
    given = world.given(ASKED)
    compose(world)
    world.attach_foreign("gpu-3", "host-2", "stranger")
    accepted = world.mutations_accepted()

    with pytest.raises(Conflict):
        world.driver.resize(op_key="a", tag="t-9", add=("gpu-4",), remove=())
    with pytest.raises(Conflict) as not_of_it:
        world.driver.resize(op_key="b", tag="t-1", add=(), remove=("gpu-3",))
    with pytest.raises(Conflict) as taken:
        world.driver.resize(op_key="c", tag="t-1", add=("gpu-3",), remove=given[:1])
    with pytest.raises(Permanent):
        world.driver.resize(op_key="d", tag="t-1", add=("gpu-99",), remove=())

    assert (not_of_it.value.blocks, taken.value.blocks) == (("gpu-3",), ("gpu-3",))
    assert world.owners() == {**held(given), "gpu-3": "stranger"}
    assert world.mutations_accepted() == accepted


def test_a_used_block_is_not_added_before_it_is_clean(world: World) -> None:
    gone, _ = world.given(ASKED)
    compose(world)
    resize(world, (), (gone,))

    with pytest.raises(Precondition) as refused:
        world.driver.resize(op_key="r2", tag="t-1", add=(gone,), remove=())

    assert refused.value.blocks == (gone,)


def test_a_machine_that_was_given_up_is_not_changed(world: World) -> None:
    compose(world)
    decompose(world)

    with pytest.raises(Conflict):
        world.driver.resize(op_key="r", tag="t-1", add=("gpu-3",), remove=())
