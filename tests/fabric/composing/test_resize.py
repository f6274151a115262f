"""A node in use gets a device, gives one back, or has one swapped; where that fails it stays as it was."""

from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from fabric.composing.run import NodeOutcome, NodeResult
from fabric.drivers.base import CardSetting
from fabric.drivers.emulator import mischief
from fabric.drivers.emulator.faults import FaultKind
from fabric.models import Composition, ReleaseProof, ResourceBlock
from fabric.services.compositions import abandon_resize, request_decompose
from fabric.states import BlockState
from tests.fabric.composing.house import House, build
from tests.fabric.composing.watched import Tripwire, Watched

TAG = "heddle-r-1-n0-g1"
CUT = CardSetting(layout={"1g.10gb": 7})
CAPPED = CardSetting(power_cap_w=250)
RESIZED = NodeResult(outcome=NodeOutcome.RESIZED)
RELEASED = NodeResult(outcome=NodeOutcome.RELEASED)


@pytest.fixture
def node(house: House) -> Composition:
    """In use, with gpu-1 and gpu-2."""
    composition = house.open()
    house.compose(composition)
    return composition


def steps(composition: Composition, *, round_: int = 1) -> list[tuple[str, list[str], str, bool]]:
    rows = composition.steps.filter(round=round_)
    return [(step.kind, step.target["blocks"], step.state, step.is_undo) for step in rows]


def blocks(composition: Composition) -> list[str]:
    return list(composition.blocks.order_by("code").values_list("code", flat=True))


def granted(composition: Composition) -> list[str]:
    composition.refresh_from_db()
    return [device["block"] for device in composition.access["devices"]]


def as_before(house: House, composition: Composition) -> bool:
    composition.refresh_from_db()
    return (
        (house.owners(), house.open_attachments(), blocks(composition))
        == ({"gpu-1": TAG, "gpu-2": TAG}, ["gpu-1", "gpu-2"], ["gpu-1", "gpu-2"])
        and composition.state == "composed"
        and granted(composition) == ["gpu-1", "gpu-2"]
        and {house.states()[code] for code in ("gpu-1", "gpu-2", "host-1")} == {"attached"}
    )


def test_a_swap_brings_the_new_one_and_proves_it_before_the_old_one_goes(house: House, node: Composition) -> None:
    resize = house.open_resize(node, adds=("gpu-3",), removes=("gpu-1",))

    result = house.resize(resize)

    resize.refresh_from_db()
    assert (result, resize.state, resize.finished_at) == (RESIZED, "done", house.now)
    assert steps(node) == [
        ("inspect", ["gpu-3"], "done", False),
        ("resize", ["gpu-3"], "done", False),
        ("prove", ["gpu-3"], "done", False),
        ("resize", ["gpu-1"], "done", False),
        ("grant", ["gpu-2", "gpu-3"], "done", False),
        ("clean", ["gpu-1"], "done", False),
        ("prove_gone", ["gpu-1"], "done", False),
    ]
    assert (house.owners(), house.open_attachments()) == ({"gpu-2": TAG, "gpu-3": TAG}, ["gpu-2", "gpu-3"])
    assert house.states() == {"gpu-2": "attached", "gpu-3": "attached", "host-1": "attached"}
    assert (blocks(node), granted(node), node.state) == (["gpu-2", "gpu-3"], ["gpu-2", "gpu-3"], "composed")
    assert [(p.block.code, p.is_proven) for p in ReleaseProof.objects.all()] == [("gpu-1", True)]


def test_its_operations_have_keys_of_their_own(house: House, node: Composition) -> None:
    house.resize(house.open_resize(node, adds=("gpu-3",), removes=("gpu-1",)))

    assert list(node.steps.filter(round=1).values_list("op_key", flat=True)) == [
        f"{TAG}/inspect.r1",
        f"{TAG}/resize.r1",
        f"{TAG}/prove.r1",
        f"{TAG}/resize.r1.2",
        f"{TAG}/grant.r1",
        f"{TAG}/clean.r1",
        f"{TAG}/prove_gone.r1",
    ]


def test_the_node_is_being_changed_only_once_something_is_touched(house: House, node: Composition) -> None:
    seen: list[tuple[str, str, list[str]]] = []

    def look(moment: str) -> None:
        if moment in ("before resize", "before clean") or (moment == "before find" and not seen):
            node.refresh_from_db()
            seen.append((moment, node.state, blocks(node)))

    house.resize(house.open_resize(node, adds=("gpu-3",), removes=("gpu-1",)), driver=Watched(house.driver, look))

    three = ["gpu-1", "gpu-2", "gpu-3"]
    assert seen == [
        ("before find", "composed", ["gpu-1", "gpu-2"]),
        ("before resize", "resizing", three),
        ("before resize", "resizing", three),
        ("before clean", "resizing", three),
    ]


def test_a_node_can_get_a_card_that_is_cut_first(house: House, node: Composition) -> None:
    result = house.resize(house.open_resize(node, adds=("gpu-3",), settings={"gpu-3": CUT}))

    assert (result, house.world.settings(), blocks(node)) == (RESIZED, {"gpu-3": CUT}, ["gpu-1", "gpu-2", "gpu-3"])
    assert [kind for kind, *_ in steps(node)] == ["inspect", "configure", "resize", "prove", "grant"]
    assert house.release(node) == RELEASED
    assert (house.world.settings(), house.states(), house.owners()) == ({}, {}, {})


def test_a_node_can_give_a_card_back(house: House, node: Composition) -> None:
    result = house.resize(house.open_resize(node, removes=("gpu-2",)))

    assert (result, house.owners(), blocks(node), granted(node)) == (RESIZED, {"gpu-1": TAG}, ["gpu-1"], ["gpu-1"])
    assert [kind for kind, *_ in steps(node)] == ["resize", "grant", "clean", "prove_gone"]
    assert house.release(node) == RELEASED


def test_a_set_card_that_is_given_back_is_as_it_comes(house: House) -> None:
    composition = house.open(settings={"gpu-1": CUT, "gpu-2": CAPPED})
    house.compose(composition)

    house.resize(house.open_resize(composition, removes=("gpu-1",)))

    composition.refresh_from_db()
    assert (house.world.settings(), set(composition.settings)) == ({"gpu-2": CAPPED}, {"gpu-2"})
    assert ReleaseProof.objects.get().is_proven


def test_a_vanished_card_is_swapped_and_quarantined(house: House, node: Composition) -> None:
    house.world.vanish("gpu-1")

    result = house.resize(house.open_resize(node, adds=("gpu-3",), removes=("gpu-1",)))

    assert (result.outcome, result.failed_blocks) == (NodeOutcome.QUARANTINED, ("gpu-1",))
    assert result.reason == "Not proven free: gpu-1: The fabric does not show it."
    assert (blocks(node), granted(node), house.states()["gpu-1"]) == (
        ["gpu-2", "gpu-3"],
        ["gpu-2", "gpu-3"],
        "quarantined",
    )


def test_carried_out_again_it_is_the_same(house: House, node: Composition) -> None:
    resize = house.open_resize(node, adds=("gpu-3",), removes=("gpu-1",))

    results = [house.resize(resize), house.resize(resize)]

    assert results == [RESIZED, RESIZED]
    assert house.world.mutations_accepted() == 4  # compose, add, take away, clean


def test_one_change_after_the_other(house: House, node: Composition) -> None:
    house.resize(house.open_resize(node, adds=("gpu-3",), removes=("gpu-1",)))
    second = house.open_resize(node, adds=("gpu-1",), removes=("gpu-3",))

    assert (second.round, house.resize(second), house.release(node)) == (2, RESIZED, RELEASED)
    assert ReleaseProof.objects.filter(is_proven=True).count() == 3


BACK = ["resize", "clean", "prove_gone"]


@pytest.mark.parametrize(
    ("faults", "settings", "forth", "failed"),
    [
        ([{"kind": FaultKind.BIND_FAILURE, "blocks": ["gpu-3"]}], {}, ["inspect", "resize"], "resize"),
        ([{"kind": FaultKind.PHANTOM, "blocks": ["gpu-3"]}], {}, ["inspect", "resize"], "resize"),
        ([{"kind": FaultKind.STUCK, "operation": "resize", "times": 1}], {}, ["inspect", "resize"], "resize"),
        (
            [{"kind": FaultKind.CONFIGURE_FAILURE, "blocks": ["gpu-3"]}],
            {"gpu-3": CUT},
            ["inspect", "configure"],
            "configure",
        ),
    ],
)
def test_an_addition_that_fails_is_taken_back(
    tmp_path: Path,
    db: None,
    faults: list[dict[str, Any]],
    settings: dict[str, CardSetting],
    forth: list[str],
    failed: str,
) -> None:
    house = build(tmp_path, attach_seconds_max=60)
    node = house.open()
    house.compose(node)
    for fault in faults:
        house.world.fault(**fault)
    resize = house.open_resize(node, adds=("gpu-3",), removes=("gpu-1",), settings=settings)

    result = house.resize(resize)

    resize.refresh_from_db()
    assert (result.outcome, result.failed_blocks, resize.state) == (NodeOutcome.NOT_RESIZED, ("gpu-3",), "undone")
    assert [(kind, is_undo) for kind, _, _, is_undo in steps(node)] == [
        *((kind, False) for kind in forth),
        *((kind, True) for kind in BACK),
    ]
    assert node.steps.get(round=1, kind=failed, is_undo=False).state == "not_done"
    assert as_before(house, node)
    assert ("gpu-3" in house.states(), house.world.settings()) == (False, {})
    house.wait(3600)
    assert (as_before(house, node), house.resize(resize)) == (True, result)


def test_a_new_card_that_the_host_does_not_see_is_taken_back_and_set_aside(house: House, node: Composition) -> None:
    def pull(moment: str) -> None:
        if moment == "before prove":
            house.world.detach("gpu-3")

    result = house.resize(
        house.open_resize(node, adds=("gpu-3",), removes=("gpu-1",)), driver=Watched(house.driver, pull)
    )

    assert (result.outcome, result.failed_blocks) == (NodeOutcome.NOT_RESIZED, ("gpu-3",))
    assert result.reason == "Not proven: gpu-3: The host does not see it."
    assert (as_before(house, node), house.states()["gpu-3"]) == (True, "quarantined")


def test_a_new_card_that_is_not_fit_is_quarantined_and_nothing_is_touched(house: House, node: Composition) -> None:
    mischief.fail(path=house.world.path, block="gpu-3", now=0)

    result = house.resize(house.open_resize(node, adds=("gpu-3",), removes=("gpu-1",)))

    assert (result.outcome, result.failed_blocks) == (NodeOutcome.NOT_RESIZED, ("gpu-3",))
    assert (as_before(house, node), house.states()["gpu-3"]) == (True, "quarantined")
    assert house.world.mutations_accepted() == 1


def test_a_card_that_does_not_let_go_leaves_the_node_as_it_was(house: House, node: Composition) -> None:
    house.world.fault(FaultKind.UNBIND_FAILURE, blocks=["gpu-1"])

    result = house.resize(house.open_resize(node, adds=("gpu-3",), removes=("gpu-1",)))

    assert (result.outcome, result.failed_blocks) == (NodeOutcome.NOT_RESIZED, ())
    assert as_before(house, node)
    assert "gpu-3" not in house.states()


def test_what_lets_go_of_two_is_gone_and_the_other_stays(house: House, node: Composition) -> None:
    house.world.fault(FaultKind.UNBIND_FAILURE, blocks=["gpu-1"])

    result = house.resize(house.open_resize(node, adds=("gpu-3",), removes=("gpu-1", "gpu-2")))

    assert result.outcome == NodeOutcome.RESIZED
    assert (blocks(node), granted(node)) == (["gpu-1", "gpu-3"], ["gpu-1", "gpu-3"])
    assert house.states() == {"gpu-1": "attached", "gpu-3": "attached", "host-1": "attached"}


def test_work_on_what_is_to_go_is_waited_for_and_never_forced(house: House, node: Composition) -> None:
    mischief.occupy(path=house.world.path, block="gpu-1", now=house.world.now, seconds=100)
    swapped = house.resize(house.open_resize(node, adds=("gpu-3",), removes=("gpu-1",)), drain_seconds=300)
    mischief.occupy(path=house.world.path, block="gpu-3", now=house.world.now)
    kept = house.resize(house.open_resize(node, adds=("gpu-4",), removes=("gpu-3",)), drain_seconds=300)

    assert (swapped, kept.outcome) == (RESIZED, NodeOutcome.NOT_RESIZED)
    assert kept.reason == "Not drained: gpu-3: It is still in use."
    assert (kept.failed_blocks, blocks(node), granted(node)) == ((), ["gpu-2", "gpu-3"], ["gpu-2", "gpu-3"])


def test_a_card_that_is_still_another_nodes_is_waited_for(house: House, node: Composition) -> None:
    other = house.open(owner="r-2", host="host-2", blocks=("gpu-3",))
    house.compose(other)
    resize = house.open_resize(node, adds=("gpu-3",))

    early = house.resize(resize)
    untouched = steps(node)
    house.release(other)

    assert early == NodeResult(
        outcome=NodeOutcome.NOT_READY, reason="Block gpu-3 is still attached under another name."
    )
    assert (untouched, house.resize(resize)) == ([], RESIZED)


def test_a_change_that_waited_too_long_can_be_given_up(house: House, node: Composition) -> None:
    ResourceBlock.objects.filter(code="gpu-3").update(state=BlockState.CLEANING)
    resize = house.open_resize(node, adds=("gpu-3",))
    house.resize(resize)

    given_up = [abandon_resize(resize=resize, now=house.now), abandon_resize(resize=resize, now=house.now)]

    assert (given_up, house.resize(resize).outcome) == ([True, False], NodeOutcome.NOT_RESIZED)
    assert house.open_resize(node, adds=("gpu-4",)).round == 2


def test_the_end_of_the_node_beats_its_change(house: House, node: Composition) -> None:
    resize = house.open_resize(node, adds=("gpu-3",), removes=("gpu-1",))

    def turn(moment: str) -> None:
        if moment == "after resize":
            request_decompose(composition=node, reason="Cancelled.")

    result = house.resize(resize, driver=Watched(house.driver, turn))
    released = house.release(node)

    resize.refresh_from_db()
    assert (result.outcome, result.reason) == (NodeOutcome.NOT_RESIZED, "The node is being taken apart.")
    assert (released.outcome, resize.state) == (NodeOutcome.RELEASED, "undone")
    assert (house.owners(), house.states(), house.open_attachments()) == ({}, {}, [])


def test_a_fabric_that_changes_no_node_in_use_is_not_asked(tmp_path: Path, db: None) -> None:
    house = build(tmp_path, can_resize=False)
    node = house.open()
    house.compose(node)
    told = Tripwire()

    result = house.resize(house.open_resize(node, adds=("gpu-3",)), driver=Watched(house.driver, told))

    assert result == NodeResult(outcome=NodeOutcome.NOT_RESIZED, reason="Its fabric changes no node that is in use.")
    assert (told.moments, as_before(house, node)) == ([], True)


def test_a_fabric_that_wants_the_host_off_gets_it_off_for_each_change_and_on_again(tmp_path: Path, db: None) -> None:
    house = build(tmp_path, needs_host_off=True)
    node = house.open()
    house.compose(node)

    swapped = house.resize(house.open_resize(node, adds=("gpu-3",), removes=("gpu-1",)))
    house.world.fault(FaultKind.BIND_FAILURE, blocks=["gpu-4"])
    kept = house.resize(house.open_resize(node, adds=("gpu-4",)))

    hosts = {host["code"]: host["is_on"] for host in house.world.truth()["hosts"]}
    assert (swapped, kept.outcome, hosts["host-1"]) == (RESIZED, NodeOutcome.NOT_RESIZED, 1)


@pytest.mark.parametrize(
    ("adds", "removes", "wish", "refusal"),
    [
        ((), (), {}, "A change of nothing."),
        (("gpu-9",), (), {}, "Blocks that are not of the pool: gpu-9."),
        (("gpu-1",), (), {}, "Blocks that are attached to it already: gpu-1."),
        ((), ("gpu-3",), {}, "Blocks that are not of the node: gpu-3."),
        (("gpu-3",), (), {"gpu-4": CUT}, "Blocks that are set, but not added: gpu-4."),
    ],
)
def test_a_change_that_cannot_be_meant_is_refused(
    house: House,
    node: Composition,
    adds: tuple[str, ...],
    removes: tuple[str, ...],
    wish: dict[str, CardSetting],
    refusal: str,
) -> None:
    with pytest.raises(ValueError, match=refusal):
        house.open_resize(node, adds=adds, removes=removes, settings=wish)


def test_only_one_change_at_a_time_of_a_node_in_use(house: House, node: Composition) -> None:
    house.open_resize(node, adds=("gpu-3",))
    with pytest.raises(IntegrityError), transaction.atomic():
        house.open_resize(node, adds=("gpu-4",))
    house.release(node)
    with pytest.raises(ValueError, match="is closed, not in use"):
        house.open_resize(node, adds=("gpu-4",))
