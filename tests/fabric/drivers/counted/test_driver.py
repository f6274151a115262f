"""What only this driver has to live with: one job for the whole fabric, no names, specs, and notes that are lost."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from fabric.counted_simulator import changes, words
from fabric.counted_simulator.knobs import Knob
from fabric.drivers.base import BlockOutcome, Conflict, Done, Pending, Permanent, Precondition, Transient, Unknown
from fabric.drivers.counted import CountedDriver
from fabric.drivers.credentials import Credentials
from fabric.drivers.emulator.faults import FaultKind
from fabric.drivers.profiles import WrongProfile
from tests.contracts.counted_world import CountedWorld
from tests.contracts.notes_in_memory import NotesInMemory
from tests.contracts.worlds import ASKED, BLOCKS, LONG_SECONDS, NOBODY, compose, decompose, finish, held

TWO_BOXES = {code: "left" if code in BLOCKS[:3] else "right" for code in BLOCKS}


@pytest.fixture
def boxes() -> dict[str, str]:
    return {}


@pytest.fixture
def world(tmp_path: Path, boxes: dict[str, str]) -> Iterator[CountedWorld]:
    with closing(CountedWorld(tmp_path, boxes=boxes)) as made:
        yield made


def test_another_process_with_the_same_notes_carries_on(world: CountedWorld) -> None:
    world.driver.compose(op_key="c", tag="t-1", host="host-1", blocks=ASKED)
    other = world.another_driver()
    world.advance(LONG_SECONDS)

    ended, again = other.poll("c"), world.driver.compose(op_key="c", tag="t-1", host="host-1", blocks=ASKED)

    assert ended == again
    assert world.composes("t-1") == 1


def test_where_the_notes_are_lost_everything_is_somebody_elses_and_stays(world: CountedWorld) -> None:
    """Nothing on this fabric says what was ours: an operator must, and no guess takes a device away."""
    given = world.given(ASKED)
    compose(world)
    other = world.another_driver(notes="new")

    assert other.read("t-1") is None
    assert {(one.host, one.tag) for one in other.find(tag="t-1", blocks=given)} == {("host-1", None)}
    with pytest.raises(Conflict):
        other.compose(op_key="c2", tag="t-2", host="host-1", blocks=("gpu-1",))
    assert other.decompose(op_key="d", tag="t-1") == Done("d", None, ())
    assert world.owners() == held(given)


@pytest.mark.parametrize("boxes", [TWO_BOXES])
def test_blocks_of_two_boxes_are_two_requests_one_after_the_other(world: CountedWorld) -> None:
    """A spec is a model in a box, so that whatever is taken for a block is where the block is."""
    reply = world.driver.compose(op_key="c", tag="t-1", host="host-1", blocks=("gpu-1", "gpu-2", "gpu-4"))
    running = [one["op_key"] for one in world.truth()["operations"] if one["state"] == "running"]
    done = finish(world, reply)

    assert len(running) == 1
    assert {line.block: line.outcome for line in done.lines} == dict.fromkeys(
        ("gpu-2", "gpu-3", "gpu-6"), BlockOutcome.DONE
    )
    assert world.mutations_accepted() == 2
    decompose(world)
    assert world.owners() == NOBODY


@pytest.mark.parametrize("boxes", [TWO_BOXES])
def test_a_spec_that_is_refused_after_another_came_is_an_outcome_and_no_refusal(world: CountedWorld) -> None:
    reply = world.driver.compose(op_key="c", tag="t-1", host="host-1", blocks=("gpu-1", "gpu-4"))
    for block in ("gpu-4", "gpu-5", "gpu-6"):
        world.attach_foreign(block, "host-2", "stranger")
    done = finish(world, reply)

    outcomes = {line.block: line.outcome for line in done.lines}
    assert sorted(outcomes.values()) == [BlockOutcome.DONE, BlockOutcome.NOT_DONE]
    assert {block for block, tag in world.owners().items() if tag == "t-1"} == {
        block for block, one in outcomes.items() if one == BlockOutcome.DONE
    }


def test_while_a_job_runs_anywhere_nothing_else_begins_and_nothing_is_noted(world: CountedWorld) -> None:
    world.driver.compose(op_key="a", tag="t-1", host="host-1", blocks=("gpu-1",))

    with pytest.raises(Transient, match="one at a time"):
        world.driver.compose(op_key="b", tag="t-2", host="host-2", blocks=("gpu-2",))
    with pytest.raises(Transient):
        world.driver.clean(op_key="k", blocks=("gpu-2",))
    with pytest.raises(Unknown):
        world.driver.poll("b")
    assert world.driver.read("t-2") is None


def test_a_suspended_job_of_ours_is_resumed(world: CountedWorld) -> None:
    world.turn(Knob.SUSPENDED, times=1)
    reply = world.driver.compose(op_key="c", tag="t-1", host="host-1", blocks=("gpu-1",))

    assert isinstance(reply, Pending)
    assert isinstance(finish(world, reply), Done)


def test_a_suspended_job_of_another_is_waited_for(world: CountedWorld) -> None:
    """Its owner may have a reason: it is neither resumed nor cancelled from here."""
    world.turn(Knob.SUSPENDED, times=1)
    with httpx.Client(base_url=f"{world.url}/api/v1", timeout=10) as another:
        login = {"user": world.face.user, "password": world.face.password}
        token = another.post("/auth/token", json=login).json()["token"]
        another.headers["Authorization"] = f"Bearer {token}"
        another.post("/devices/gpu-2/actions/reset")

    with pytest.raises(Transient, match="suspended"):
        world.driver.compose(op_key="c", tag="t-1", host="host-1", blocks=("gpu-1",))
    assert [one["state"] for one in world.truth()["operations"]] == ["running"]


def test_a_decompose_waits_for_devices_that_may_still_arrive(world: CountedWorld) -> None:
    world.fault(FaultKind.LOST_BEFORE, times=1)
    with pytest.raises(Unknown):
        world.driver.compose(op_key="c", tag="t-1", host="host-1", blocks=("gpu-1",))

    with pytest.raises(Unknown):
        world.driver.decompose(op_key="d", tag="t-1")
    world.advance(LONG_SECONDS)
    done, late = world.driver.poll("d"), world.driver.poll("c")

    assert done == Done(op_key="d", machine=None, lines=())
    assert isinstance(late, Done)
    assert [(line.block, line.outcome) for line in late.lines] == [("gpu-1", BlockOutcome.NOT_DONE)]
    assert world.composes("t-1") == 0


@pytest.mark.parametrize("wish", ["resize", "decompose"])
def test_a_later_wish_for_a_machine_ends_a_change_of_it_that_hangs(world: CountedWorld, wish: str) -> None:
    """One job at a time: else nothing on the whole fabric would ever be changed again."""
    given = world.given(ASKED)
    compose(world)
    world.fault(FaultKind.STUCK, times=1)
    world.driver.resize(op_key="r", tag="t-1", add=("gpu-3",), remove=())

    if wish == "resize":
        done = finish(world, world.driver.resize(op_key="r2", tag="t-1", add=(), remove=given[:1]))
    else:
        done = decompose(world)
    hung = world.driver.poll("r")

    assert {line.outcome for line in done.lines} == {BlockOutcome.DONE}
    assert isinstance(hung, Done)
    assert [line.outcome for line in hung.lines] == [BlockOutcome.NOT_DONE]
    assert world.owners() == (held(given[1:]) if wish == "resize" else NOBODY)


def test_a_change_that_was_overtaken_is_not_made_after_all(world: CountedWorld) -> None:
    """Its worker may be slow, and has been replaced: what it asks for has become wrong."""
    given = world.given(ASKED)
    compose(world)
    world.fault(FaultKind.LOST_BEFORE, times=1)
    with pytest.raises(Unknown):
        world.driver.resize(op_key="r", tag="t-1", add=("gpu-3",), remove=())
    world.advance(LONG_SECONDS)
    finish(world, world.driver.resize(op_key="r2", tag="t-1", add=(), remove=given[:1]))

    late = world.driver.poll("r")

    assert isinstance(late, Done)
    assert [(line.outcome, line.reason) for line in late.lines] == [
        (BlockOutcome.NOT_DONE, "a later change has overtaken it")
    ]
    assert world.owners() == held(given[1:])


def test_what_was_accepted_and_is_not_to_be_seen_is_not_asked_for_again(
    world: CountedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "_carried_out", lambda face, act: words.accepted("It has begun, so it says."))

    reply = world.driver.compose(op_key="c", tag="t-1", host="host-1", blocks=("gpu-1",))
    done = finish(world, reply)

    assert [(line.block, line.outcome) for line in done.lines] == [("gpu-1", BlockOutcome.NOT_DONE)]
    assert world.mutations_accepted() == 0


def test_a_later_cleaning_ends_one_that_hangs(world: CountedWorld) -> None:
    world.fault(FaultKind.STUCK, times=1)
    world.driver.clean(op_key="k", blocks=("gpu-1",))
    done = finish(world, world.driver.clean(op_key="k.2", blocks=("gpu-1",)))

    assert [line.outcome for line in done.lines] == [BlockOutcome.DONE]
    assert isinstance(world.driver.poll("k"), Done)


def test_a_block_that_does_not_let_go_stays_ours_and_can_be_tried_again(world: CountedWorld) -> None:
    stuck, loose = world.given(ASKED)
    compose(world)
    world.fault(FaultKind.UNBIND_FAILURE, blocks=[stuck], times=1)

    first = decompose(world)
    between = world.driver.read("t-1")
    second = finish(world, world.driver.decompose(op_key="again", tag="t-1"))

    assert {line.block: line.outcome for line in first.lines} == {
        stuck: BlockOutcome.NOT_DONE,
        loose: BlockOutcome.DONE,
    }
    assert between is not None
    assert between.blocks == {stuck}
    assert [(line.block, line.outcome) for line in second.lines] == [(stuck, BlockOutcome.DONE)]
    assert (world.owners(), world.driver.read("t-1")) == (NOBODY, None)


def test_blocks_that_are_not_well_are_refused_though_others_might_be_taken(world: CountedWorld) -> None:
    """Our books and the fabric differ about them, and that is to be known before anything is attached."""
    world.fail("gpu-1")

    with pytest.raises(Conflict) as refused:
        compose(world)

    assert refused.value.blocks == ("gpu-1",)
    assert world.mutations_accepted() == 0


def test_a_host_that_must_be_off_is_refused_before_anything_is_asked(world: CountedWorld) -> None:
    driver = world.another_driver(needs_host_off=True)

    with pytest.raises(Precondition):
        driver.compose(op_key="c", tag="t-1", host="host-1", blocks=("gpu-1",))
    assert world.mutations_accepted() == 0


def test_one_change_at_a_time_is_no_setting(world: CountedWorld) -> None:
    assert world.driver.capabilities().max_parallel_mutations == 1
    with pytest.raises(WrongProfile):
        world.another_driver(max_parallel_mutations=4)


def test_a_token_is_renewed_and_wrong_credentials_are_for_an_operator(world: CountedWorld) -> None:
    world.driver.inventory()
    world.advance(world.face.token_seconds)
    assert world.driver.inventory().is_complete

    stranger = CountedDriver(
        endpoint=world.url, credentials=Credentials("operator", "wrong"), notes=NotesInMemory(), clock=lambda: 0.0
    )
    with closing(stranger), pytest.raises(Permanent, match="credentials"):
        stranger.inventory()


@pytest.mark.parametrize("endpoint", ["", "fabric.example", "ftp://fabric.example"])
def test_an_endpoint_is_a_web_address(endpoint: str) -> None:
    with pytest.raises(Permanent, match="endpoint"):
        CountedDriver(endpoint=endpoint, credentials=Credentials(), notes=NotesInMemory(), clock=lambda: 0.0)


def test_nobody_there_is_transient() -> None:
    driver = CountedDriver(
        endpoint="http://127.0.0.1:9", credentials=Credentials(), notes=NotesInMemory(), clock=lambda: 0.0
    )

    with closing(driver), pytest.raises(Transient):
        driver.inventory()
