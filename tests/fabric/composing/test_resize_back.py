"""A change of a node in use that fails, or may not be: the node stays as it was."""

from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from fabric.composing.run import NodeOutcome, NodeResult
from fabric.drivers.base import CardSetting
from fabric.drivers.emulator import mischief
from fabric.drivers.emulator.faults import FaultKind
from fabric.models import Composition, ResourceBlock
from fabric.services.compositions import abandon_resize, request_decompose
from fabric.states import BlockState
from tests.fabric.composing.house import House, build
from tests.fabric.composing.in_use import as_before, blocks, granted, steps
from tests.fabric.composing.watched import Tripwire, Watched

CUT = CardSetting(layout={"1g.10gb": 7})
RESIZED = NodeResult(outcome=NodeOutcome.RESIZED)


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


def test_work_on_what_is_to_go_is_waited_for_and_never_forced(house: House, node: Composition) -> None:
    mischief.occupy(path=house.world.path, block="gpu-1", now=house.world.now, seconds=100)
    swapped = house.resize(house.open_resize(node, adds=("gpu-3",), removes=("gpu-1",)), drain_seconds=300)
    mischief.occupy(path=house.world.path, block="gpu-3", now=house.world.now)
    kept = house.resize(house.open_resize(node, adds=("gpu-4",), removes=("gpu-3",)), drain_seconds=300)

    assert (swapped, kept.outcome) == (RESIZED, NodeOutcome.NOT_RESIZED)
    assert kept.reason == "Not drained: gpu-3: It is still in use."
    assert (kept.failed_blocks, blocks(node), granted(node)) == ((), ["gpu-2", "gpu-3"], ["gpu-2", "gpu-3"])


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
