"""One node from an opened composition to a closed one, by the executor, on a real emulated fabric."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from django.db import connection

from fabric.composing.books import Step
from fabric.composing.run import NodeOutcome, NodeResult
from fabric.drivers.emulator.faults import FaultKind
from fabric.models import Attachment, Composition, CompositionStep, FabricManager, ReleaseProof, ResourceBlock
from fabric.services.compositions import live_compositions, request_decompose
from fabric.states import BlockState
from tests.fabric.composing.house import House, build
from tests.fabric.composing.watched import Watched

TAG = "heddle-r-1-n0-g1"
COMPOSED = NodeResult(outcome=NodeOutcome.COMPOSED)
RELEASED = NodeResult(outcome=NodeOutcome.RELEASED)


def kinds_and_states(composition: Composition) -> list[tuple[str, str]]:
    return list(composition.steps.values_list("kind", "state"))


def test_compose_wires_exactly_the_target_and_says_how_to_reach_it(house: House) -> None:
    composition = house.open()

    result = house.compose(composition)

    composition.refresh_from_db()
    assert result == COMPOSED
    assert house.owners() == {"gpu-1": TAG, "gpu-2": TAG}
    assert house.states() == {"gpu-1": "attached", "gpu-2": "attached", "host-1": "attached"}
    assert house.open_attachments() == ["gpu-1", "gpu-2"]
    assert (composition.state, composition.composed_at) == ("composed", house.now)
    assert composition.access["host"] == "host-1"
    assert composition.access["address"] == "host-1.example"
    assert [(d["block"], d["slot"], d["serial"], d["pci_id"]) for d in composition.access["devices"]] == [
        ("gpu-1", 1, "SN-gpu-1", "10de:2321"),
        ("gpu-2", 2, "SN-gpu-2", "10de:2321"),
    ]
    assert len({device["address"] for device in composition.access["devices"]}) == 2


def test_every_step_has_its_intent_row_with_attempt_fence_and_target(house: House) -> None:
    composition = house.open()
    house.compose(composition, request_id="req-1")

    rows = [
        (s.position, s.kind, s.state, s.op_key, s.attempt, s.fence, s.target, s.is_undo, s.request_id)
        for s in composition.steps.all()
    ]

    target = {"host": "host-1", "blocks": ["gpu-1", "gpu-2"]}
    assert rows == [
        (0, "inspect", "done", f"{TAG}/inspect", 1, 1, target, False, "req-1"),
        (1, "compose", "done", f"{TAG}/compose", 1, 1, target, False, "req-1"),
        (2, "prove", "done", f"{TAG}/prove", 1, 1, target, False, "req-1"),
        (3, "grant", "done", f"{TAG}/grant", 1, 1, target, False, "req-1"),
    ]


def test_blocks_are_reported_as_they_arrive(house: House) -> None:
    composition = house.open(blocks=("gpu-1", "gpu-2", "gpu-3"))

    house.compose(composition)

    lines = composition.steps.get(kind="compose").lines
    assert [(line["block"], line["outcome"], line["seconds"] > 0) for line in lines] == [
        ("gpu-1", "done", True),
        ("gpu-2", "done", True),
        ("gpu-3", "done", True),
    ]
    assert house.steps.count("compose started") == 3  # the intent, and each block that settled before the last


def test_release_proves_every_block_free_and_closes(house: House) -> None:
    composition = house.open()
    house.compose(composition)

    result = house.release(composition)

    composition.refresh_from_db()
    assert result == RELEASED
    assert (house.owners(), house.world.machines(), house.states(), house.open_attachments()) == ({}, {}, {}, [])
    assert (composition.state, composition.closed_at, composition.access) == ("closed", house.now, {})
    assert kinds_and_states(composition)[4:] == [
        ("revoke", "done"),
        ("decompose", "done"),
        ("clean", "done"),
        ("prove_gone", "done"),
    ]
    assert [
        (p.block.code, p.is_proven, p.evidence["is_clean"]) for p in ReleaseProof.objects.order_by("block__code")
    ] == [
        ("gpu-1", True, True),
        ("gpu-2", True, True),
    ]
    assert Attachment.objects.filter(since__lt=house.now, until__isnull=False).count() == 2


def test_composing_and_releasing_twice_is_the_same_as_once(house: House) -> None:
    composition = house.open()

    composed = [house.compose(composition), house.compose(composition)]
    accepted = house.world.mutations_accepted()
    released = [house.release(composition), house.release(composition)]

    assert composed == [COMPOSED, COMPOSED]
    assert accepted == 1
    assert released == [RELEASED, RELEASED]
    assert house.world.mutations_accepted() == 3
    assert CompositionStep.objects.count() == 8


def test_composing_what_was_released_changes_nothing(house: House) -> None:
    composition = house.open()
    house.compose(composition)
    house.release(composition)

    assert house.compose(composition).outcome == NodeOutcome.UNDONE
    assert (house.owners(), house.states()) == ({}, {})


def test_a_node_without_blocks_is_a_host(house: House) -> None:
    composition = house.open(blocks=())

    composed = house.compose(composition)
    machines = house.world.machines()
    released = house.release(composition)

    assert (composed, machines, released) == (COMPOSED, {TAG: "host-1"}, RELEASED)
    assert (house.world.machines(), house.states()) == ({}, {})


def test_releasing_what_was_never_begun_touches_nothing(house: House) -> None:
    composition = house.open()

    result = house.release(composition)

    composition.refresh_from_db()
    assert (result, composition.state) == (RELEASED, "closed")
    assert (house.world.mutations_accepted(), CompositionStep.objects.count(), house.states()) == (0, 0, {})


def test_opening_again_is_the_same_composition(house: House) -> None:
    first = house.open()
    again = house.open(blocks=("gpu-3",))

    assert again == first
    assert [block.code for block in again.blocks.order_by("code")] == ["gpu-1", "gpu-2"]
    assert live_compositions(owner="r-1") == [first]


def test_a_request_to_decompose_turns_a_composition_round(house: House) -> None:
    composition = house.open()
    house.compose(composition)

    assert request_decompose(composition=composition, reason="Cancelled.") is True
    assert request_decompose(composition=composition, reason="Again.") is False
    result = house.compose(composition)

    assert (result.outcome, result.reason) == (NodeOutcome.UNDONE, "Cancelled.")
    assert (house.owners(), house.states()) == ({}, {})


def test_a_release_that_overruns_keeps_the_next_waiting(house: House) -> None:
    first = house.open()
    house.compose(first)
    second = house.open(owner="r-2")

    early = house.compose(second)
    house.release(first)
    later = house.compose(second)

    assert early == NodeResult(
        outcome=NodeOutcome.NOT_READY, reason="Block gpu-1 is still attached under another name."
    )
    assert later == COMPOSED
    assert house.owners() == {"gpu-1": "heddle-r-2-n0-g1", "gpu-2": "heddle-r-2-n0-g1"}


def test_a_busy_host_keeps_the_next_waiting_although_its_blocks_are_free(house: House) -> None:
    house.compose(house.open())
    second = house.open(owner="r-2", blocks=("gpu-3",))

    result = house.compose(second)

    assert result == NodeResult(outcome=NodeOutcome.NOT_READY, reason="Host host-1 is still attached.")
    assert second.steps.count() == 0


def test_an_unusable_block_is_never_composed(house: House) -> None:
    ResourceBlock.objects.filter(code="gpu-2").update(state=BlockState.QUARANTINED)
    composition = house.open()

    result = house.compose(composition)

    composition.refresh_from_db()
    assert (result.outcome, result.failed_blocks, composition.state) == (NodeOutcome.QUARANTINED, ("gpu-2",), "closed")
    assert (house.world.mutations_accepted(), house.states()) == (0, {"gpu-2": "quarantined"})


def test_a_fifth_node_waits_for_one_of_four(house: House) -> None:
    for number in range(3, 7):
        house.driver.compose(op_key=f"c{number}", tag=f"t{number}", host=f"host-{number}", blocks=(f"gpu-{number}",))
    started = house.now

    result = house.compose(house.open())

    assert (result, house.world.mutations_accepted()) == (COMPOSED, 5)
    assert house.now - started > timedelta(seconds=5)


def test_a_fabric_that_wants_the_host_off_gets_it_off_and_on_again(db: None, tmp_path: Path) -> None:
    house = build(tmp_path, needs_host_off=True)
    composition = house.open()

    composed = house.compose(composition)
    released = house.release(composition)

    assert (composed, released) == (COMPOSED, RELEASED)
    assert [kind for kind, _ in kinds_and_states(composition)][:4] == ["inspect", "quiesce", "compose", "prove"]
    assert house.states() == {}


def test_no_transaction_is_open_during_a_driver_call_and_one_is_at_every_report(committed_house: House) -> None:
    house, composition = committed_house, committed_house.open()
    during_calls: set[bool] = set()
    during_reports: set[bool] = set()
    driver = Watched(house.driver, lambda _: during_calls.add(connection.in_atomic_block))

    def on_step(step: Step) -> None:
        during_reports.add(connection.in_atomic_block)

    house.compose(composition, driver=driver, on_step=on_step)
    house.release(composition, driver=driver, on_step=on_step)

    assert (during_calls, during_reports) == ({False}, {True})


def test_a_paused_fabric_is_not_changed(house: House) -> None:
    composition = house.open()
    FabricManager.objects.update(is_paused=True)

    paused = house.compose(composition)
    accepted = house.world.mutations_accepted()
    FabricManager.objects.update(is_paused=False)
    resumed = house.compose(composition)

    assert paused == NodeResult(outcome=NodeOutcome.UNKNOWN, reason="The fabric is paused by an operator.")
    assert (accepted, resumed, house.owners()) == (0, COMPOSED, {"gpu-1": TAG, "gpu-2": TAG})


def test_a_block_that_lets_go_after_the_last_try_is_free_once_it_is_shown_so(house: House) -> None:
    """A fabric that has nothing to clean shows it detached, clean and well: then it is not left as detaching."""
    composition = house.open()
    house.compose(composition)
    house.world.fault(FaultKind.UNBIND_FAILURE, blocks=["gpu-2"])

    def let_go(step: Step) -> None:
        if (step.kind, step.state) == ("clean", "done"):
            house.world.detach("gpu-2")
            with closing(sqlite3.connect(house.world.path)) as db, db:
                db.execute("UPDATE block SET is_clean = 1 WHERE code = 'gpu-2'")
                db.execute("DELETE FROM machine")

    result = house.release(composition, on_step=let_go)

    assert result == RELEASED
    assert (house.owners(), house.states(), house.open_attachments()) == ({}, {}, [])
