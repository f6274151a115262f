"""Outcomes block by block, what belongs to others, and a fabric that changes behind our back."""

import pytest

from fabric.drivers.base import BlockLine, BlockOutcome, Conflict, Done, Pending, Precondition, Transient
from fabric.drivers.emulator.faults import FaultKind
from tests.contracts.worlds import BLOCKS, LONG_SECONDS, World, compose, decompose, finish

NOBODY = dict.fromkeys(BLOCKS)


def outcomes(lines: tuple[BlockLine, ...]) -> dict[str, BlockOutcome]:
    return {line.block: line.outcome for line in lines}


def test_one_block_that_fails_is_named_and_the_others_are_bound(world: World) -> None:
    world.fault(FaultKind.BIND_FAILURE, blocks=["gpu-2"])

    done = compose(world)

    assert outcomes(done.lines) == {"gpu-1": BlockOutcome.DONE, "gpu-2": BlockOutcome.NOT_DONE}
    assert done.lines[1].reason == "the link did not come up"
    assert done.machine is not None
    assert done.machine.blocks == frozenset({"gpu-1"})


def test_blocks_settle_one_after_another(world: World) -> None:
    reply = world.driver.compose(op_key="c", tag="t-1", host="host-1", blocks=BLOCKS)
    counts = []
    while isinstance(reply, Pending):
        counts.append(len(reply.lines))
        world.advance(reply.retry_after_seconds)
        reply = world.driver.poll("c")

    assert counts == sorted(counts)
    assert set(range(1, len(BLOCKS))) & set(counts)
    assert len(reply.lines) == len(BLOCKS)


def test_a_fault_strikes_as_often_as_it_was_told(world: World) -> None:
    world.fault(FaultKind.BIND_FAILURE, blocks=["gpu-1"], times=1)

    first = compose(world)
    decompose(world)
    finish(world, world.driver.clean(op_key="clean", blocks=("gpu-1", "gpu-2")))
    second = compose(world, tag="t-2")

    assert outcomes(first.lines) == {"gpu-1": BlockOutcome.NOT_DONE, "gpu-2": BlockOutcome.DONE}
    assert outcomes(second.lines) == {"gpu-1": BlockOutcome.DONE, "gpu-2": BlockOutcome.DONE}


def test_decompose_refuses_what_is_foreign_and_touches_only_its_own(world: World) -> None:
    compose(world)
    world.attach_foreign("gpu-3", "host-1", "stranger")

    with pytest.raises(Conflict):
        world.driver.decompose(op_key="d", tag="stranger")
    decompose(world)

    assert world.owners() == {**NOBODY, "gpu-3": "stranger"}


def test_a_stolen_block_is_left_with_the_thief(world: World) -> None:
    compose(world)
    world.attach_foreign("gpu-2", "host-2", "stranger")

    done = decompose(world)

    assert outcomes(done.lines) == {"gpu-1": BlockOutcome.DONE}
    assert world.owners() == {**NOBODY, "gpu-2": "stranger"}


def test_proof_is_what_the_host_sees(world: World) -> None:
    compose(world)
    assert world.driver.prove(tag="t-1", expected=("gpu-1", "gpu-2")).holds

    world.detach("gpu-1")
    world.attach_foreign("gpu-3", "host-1", "stranger")
    proof = world.driver.prove(tag="t-1", expected=("gpu-1", "gpu-2"))

    assert (proof.missing, proof.extra) == (frozenset({"gpu-1"}), frozenset({"gpu-3"}))
    assert [(d.block, d.serial, d.address) for d in proof.devices] == [
        ("gpu-2", "SN-gpu-2", "0000:22:00.0"),
        ("gpu-3", "SN-gpu-3", "0000:21:00.0"),
    ]


def test_a_block_reported_bound_and_not_there_fails_the_proof(world: World) -> None:
    world.fault(FaultKind.PHANTOM, blocks=["gpu-1"])

    done = compose(world)

    assert outcomes(done.lines) == {"gpu-1": BlockOutcome.DONE, "gpu-2": BlockOutcome.DONE}
    assert world.driver.prove(tag="t-1", expected=("gpu-1", "gpu-2")).missing == frozenset({"gpu-1"})


def test_a_used_block_must_be_cleaned_first(world: World) -> None:
    compose(world)
    with pytest.raises(Conflict):
        world.driver.clean(op_key="early", blocks=("gpu-1",))
    decompose(world)

    with pytest.raises(Precondition) as refused:
        compose(world, tag="t-2")
    done = finish(world, world.driver.clean(op_key="clean", blocks=("gpu-1", "gpu-2")))

    assert refused.value.blocks == ("gpu-1", "gpu-2")
    assert outcomes(done.lines) == {"gpu-1": BlockOutcome.DONE, "gpu-2": BlockOutcome.DONE}
    assert [d.is_clean for d in world.driver.find(tag="", blocks=("gpu-1", "gpu-2"))] == [True, True]


def test_a_clean_that_fails_says_so_and_leaves_the_block_dirty(world: World) -> None:
    world.fault(FaultKind.CLEAN_FAILURE, blocks=["gpu-1"])
    compose(world)
    decompose(world)

    done = finish(world, world.driver.clean(op_key="clean", blocks=("gpu-1", "gpu-2")))

    assert outcomes(done.lines) == {"gpu-1": BlockOutcome.NOT_DONE, "gpu-2": BlockOutcome.DONE}
    assert [d.is_clean for d in world.driver.find(tag="", blocks=("gpu-1", "gpu-2"))] == [False, True]


def test_a_vanished_device_is_in_no_listing_and_its_return_is_seen(world: World) -> None:
    world.vanish("gpu-1")
    gone = {device.block for device in world.driver.inventory().devices}
    found = world.driver.find(tag="", blocks=("gpu-1",))
    with pytest.raises(Conflict):
        compose(world)

    world.come_back("gpu-1")
    returned = {device.block for device in world.driver.inventory().devices}

    assert (gone, found) == (set(BLOCKS) - {"gpu-1"}, ())
    assert returned == set(BLOCKS)


def test_a_partial_listing_says_that_it_is_partial(world: World) -> None:
    world.fault(FaultKind.PARTIAL_LISTING, times=1)

    partial, complete = world.driver.inventory(), world.driver.inventory()

    assert (partial.is_complete, len(partial.devices) < 6) == (False, True)
    assert (complete.is_complete, len(complete.devices)) == (True, 6)


def test_resize_adds_before_it_removes(world: World) -> None:
    compose(world)

    reply = world.driver.resize(op_key="r", tag="t-1", add=("gpu-3",), remove=("gpu-1",))
    order = []
    while isinstance(reply, Pending):
        world.advance(reply.retry_after_seconds)
        reply = world.driver.poll("r")
        order += [line.block for line in reply.lines if line.block not in order]

    assert order == ["gpu-3", "gpu-1"]
    assert world.owners() == {**NOBODY, "gpu-2": "t-1", "gpu-3": "t-1"}


def test_a_stuck_mutation_never_claims_to_be_done_and_a_decompose_ends_it(world: World) -> None:
    world.fault(FaultKind.STUCK, operation="compose", times=1)
    world.driver.compose(op_key="c", tag="t-1", host="host-1", blocks=("gpu-1",))
    world.advance(LONG_SECONDS)

    assert isinstance(world.driver.poll("c"), Pending)
    decompose(world)

    ended = world.driver.poll("c")
    assert isinstance(ended, Done)
    assert outcomes(ended.lines) == {"gpu-1": BlockOutcome.NOT_DONE}
    assert (world.owners(), world.machines()) == (NOBODY, {})


def test_a_fabric_that_does_not_answer_ends_the_call_at_its_deadline(world: World) -> None:
    driver, let_go = world.driver_while_locked()

    with pytest.raises(Transient):
        driver.compose(op_key="c", tag="t-1", host="host-1", blocks=("gpu-1",))
    let_go()

    assert world.mutations_accepted() == 0


def test_reads_that_fail_are_transient(world: World) -> None:
    world.fault(FaultKind.UNREADABLE, operation="read", times=1)

    with pytest.raises(Transient):
        world.driver.read("t-1")

    assert world.driver.read("t-1") is None


def test_events_resume_after_their_cursor(world: World) -> None:
    compose(world)
    first = list(world.driver.events(""))
    decompose(world)

    cursor = first[-1].split()[0]
    later = list(world.driver.events(cursor))

    assert later != []
    assert [*first, *later] == list(world.driver.events(""))
