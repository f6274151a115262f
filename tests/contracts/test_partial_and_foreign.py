"""Outcomes block by block, what belongs to others, and a fabric that changes behind our back."""

from contextlib import closing
from pathlib import Path

import pytest

from fabric.drivers.base import BlockLine, BlockOutcome, Conflict, Done, Pending, Precondition, Transient
from fabric.drivers.emulator.faults import FaultKind
from tests.contracts.every_world import TELLS_NO_EVENTS, WORLDS
from tests.contracts.worlds import ASKED, BLOCKS, LONG_SECONDS, NOBODY, World, compose, decompose, finish, held


def outcomes(lines: tuple[BlockLine, ...]) -> dict[str, BlockOutcome]:
    return {line.block: line.outcome for line in lines}


def test_one_block_that_fails_is_named_and_the_others_are_bound(world: World) -> None:
    """By its own name, where the fabric took another than was asked for."""
    good, bad = world.given(ASKED)
    world.fault(FaultKind.BIND_FAILURE, blocks=[bad])

    done = compose(world)

    assert outcomes(done.lines) == {good: BlockOutcome.DONE, bad: BlockOutcome.NOT_DONE}
    assert {line.block: line.reason for line in done.lines}[bad] == "the link did not come up"
    assert done.machine is not None
    assert done.machine.blocks == frozenset({good})


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
    bad, good = world.given(ASKED)
    world.fault(FaultKind.BIND_FAILURE, blocks=[bad], times=1)

    first = compose(world)
    decompose(world)
    finish(world, world.driver.clean(op_key="clean", blocks=(bad, good)))
    later = world.given(ASKED)
    second = compose(world, tag="t-2")

    assert outcomes(first.lines) == {bad: BlockOutcome.NOT_DONE, good: BlockOutcome.DONE}
    assert outcomes(second.lines) == dict.fromkeys(later, BlockOutcome.DONE)


def test_decompose_refuses_what_is_foreign_and_touches_only_its_own(world: World) -> None:
    """Where the fabric tells no names, the name of a stranger is one that was never used."""
    compose(world)
    world.attach_foreign("gpu-3", "host-1", "stranger")

    if world.shows_names:
        with pytest.raises(Conflict):
            world.driver.decompose(op_key="d", tag="stranger")
    else:
        assert world.driver.decompose(op_key="d", tag="stranger") == Done("d", None, ())
    decompose(world)

    assert world.owners() == {**NOBODY, "gpu-3": "stranger"}


def test_a_host_on_which_a_stranger_has_something_is_not_ours_to_take(world: World) -> None:
    world.attach_foreign("gpu-3", "host-1", "stranger")

    with pytest.raises(Conflict):
        compose(world)

    assert (world.owners(), world.mutations_accepted()) == ({**NOBODY, "gpu-3": "stranger"}, 0)


def test_what_a_stranger_holds_is_shown_as_held(world: World) -> None:
    world.attach_foreign("gpu-3", "host-1", "stranger")

    (seen,) = world.driver.find(tag="t-1", blocks=("gpu-3",))
    listed = {one.block: (one.host, one.tag) for one in world.driver.inventory().devices}

    assert (seen.host, seen.tag) == ("host-1", "stranger" if world.shows_names else None)
    assert listed == {**dict.fromkeys(BLOCKS, (None, None)), "gpu-3": (seen.host, seen.tag)}


def test_a_stolen_block_is_left_with_the_thief(world: World) -> None:
    kept, stolen = world.given(ASKED)
    compose(world)
    world.attach_foreign(stolen, "host-2", "stranger")

    done = decompose(world)

    assert outcomes(done.lines) == {kept: BlockOutcome.DONE}
    assert world.owners() == {**NOBODY, stolen: "stranger"}


def test_proof_is_what_the_host_sees(world: World) -> None:
    gone, kept = world.given(ASKED)
    compose(world)
    assert world.driver.prove(tag="t-1", expected=(gone, kept)).holds

    world.detach(gone)
    world.attach_foreign("gpu-3", "host-1", "stranger")
    proof = world.driver.prove(tag="t-1", expected=(gone, kept))

    assert (proof.missing, proof.extra) == (frozenset({gone}), frozenset({"gpu-3"}))
    assert {d.block: d.serial for d in proof.devices} == {kept: f"SN-{kept}", "gpu-3": "SN-gpu-3"}
    assert {d.block: d.address for d in proof.devices} == world.bus("host-1")
    assert sorted(world.bus("host-1").values()) == ["0000:21:00.0", "0000:22:00.0"]


def test_a_block_reported_bound_and_not_there_fails_the_proof(world: World) -> None:
    phantom, real = world.given(ASKED)
    world.fault(FaultKind.PHANTOM, blocks=[phantom])

    done = compose(world)

    assert outcomes(done.lines) == {phantom: BlockOutcome.DONE, real: BlockOutcome.DONE}
    assert world.driver.prove(tag="t-1", expected=(phantom, real)).missing == frozenset({phantom})


def test_a_used_block_must_be_cleaned_first(world: World) -> None:
    given = world.given(ASKED)
    compose(world)
    with pytest.raises(Conflict):
        world.driver.clean(op_key="early", blocks=given[:1])
    decompose(world)

    with pytest.raises(Precondition) as refused:
        compose(world, tag="t-2", blocks=given)
    done = finish(world, world.driver.clean(op_key="clean", blocks=given))

    assert refused.value.blocks == given
    assert outcomes(done.lines) == dict.fromkeys(given, BlockOutcome.DONE)
    assert [d.is_clean for d in world.driver.find(tag="", blocks=given)] == [True, True]


def test_a_clean_that_fails_says_so_and_leaves_the_block_dirty(world: World) -> None:
    bad, good = world.given(ASKED)
    world.fault(FaultKind.CLEAN_FAILURE, blocks=[bad])
    compose(world)
    decompose(world)

    done = finish(world, world.driver.clean(op_key="clean", blocks=(bad, good)))

    assert outcomes(done.lines) == {bad: BlockOutcome.NOT_DONE, good: BlockOutcome.DONE}
    assert {d.block: d.is_clean for d in world.driver.find(tag="", blocks=(bad, good))} == {bad: False, good: True}


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
    gone, kept = world.given(ASKED)
    compose(world)
    (new,) = world.given(("gpu-3",))

    reply = world.driver.resize(op_key="r", tag="t-1", add=("gpu-3",), remove=(gone,))
    order = []
    while isinstance(reply, Pending):
        world.advance(reply.retry_after_seconds)
        reply = world.driver.poll("r")
        order += [line.block for line in reply.lines if line.block not in order]

    assert order == [new, gone]
    assert world.owners() == held((kept, new))


def test_an_addition_that_fails_takes_nothing_away(world: World) -> None:
    """So that a node in use stays as it was: what came about is taken back, and nothing has to be brought back."""
    kept = world.given(ASKED)
    compose(world)
    (bad,) = world.given(("gpu-3",))
    world.fault(FaultKind.BIND_FAILURE, blocks=[bad])

    done = finish(world, world.driver.resize(op_key="r", tag="t-1", add=("gpu-3",), remove=kept[:1]))

    assert outcomes(done.lines) == {bad: BlockOutcome.NOT_DONE, kept[0]: BlockOutcome.NOT_DONE}
    assert {line.block: line.reason != "" for line in done.lines} == {bad: True, kept[0]: True}
    assert done.machine is not None
    assert (done.machine.blocks, world.owners()) == (frozenset(kept), held(kept))


def test_a_stuck_mutation_never_claims_to_be_done_and_a_decompose_ends_it(world: World) -> None:
    world.fault(FaultKind.STUCK, operation="compose", times=1)
    world.driver.compose(op_key="c", tag="t-1", host="host-1", blocks=("gpu-1",))
    world.advance(LONG_SECONDS)

    assert isinstance(world.driver.poll("c"), Pending)
    decompose(world)

    ended = world.driver.poll("c")
    assert isinstance(ended, Done)
    assert [line.outcome for line in ended.lines] == [BlockOutcome.NOT_DONE]
    assert (world.owners(), world.machines()) == (NOBODY, {})


def test_a_fabric_that_does_not_answer_ends_every_change_at_its_deadline(world: World) -> None:
    given = world.given(ASKED)
    compose(world)
    accepted = world.mutations_accepted()
    driver, let_go = world.driver_while_locked()

    with pytest.raises(Transient):
        driver.compose(op_key="c", tag="t-2", host="host-2", blocks=("gpu-3",))
    with pytest.raises(Transient):
        driver.resize(op_key="r", tag="t-1", add=("gpu-3",), remove=())
    with pytest.raises(Transient):
        driver.clean(op_key="k", blocks=("gpu-3",))
    with pytest.raises(Transient):
        driver.decompose(op_key="d", tag="t-1")
    let_go()

    assert (world.mutations_accepted(), world.owners()) == (accepted, held(given))


def test_reads_that_fail_are_transient(world: World) -> None:
    compose(world)
    world.fault(FaultKind.UNREADABLE, operation="read", times=1)

    with pytest.raises(Transient):
        world.driver.read("t-1")

    machine = world.driver.read("t-1")
    assert machine is not None
    assert machine.host == "host-1"


@pytest.mark.parametrize("name", sorted(WORLDS))
def test_events_resume_after_their_cursor(name: str, tmp_path: Path) -> None:
    with closing(WORLDS[name](tmp_path)) as world:
        compose(world)
        first = list(world.driver.events(""))
        decompose(world)
        cursor = first[-1].split()[0] if first else ""
        later = list(world.driver.events(cursor))
        everything = list(world.driver.events(""))

    assert (later == []) == (first == []) == (name in TELLS_NO_EVENTS)
    assert everything == [*first, *later]
