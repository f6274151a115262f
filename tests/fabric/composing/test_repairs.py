"""The reconciler's table: what follows from each difference, and beside it the nearest case from which nothing does."""

from dataclasses import replace
from typing import Any

import pytest

from fabric.composing.repairs import (
    BROKEN,
    EXTERNAL,
    GONE,
    ILL,
    ORPHANED,
    OTHER_HARDWARE,
    STUCK,
    USED,
    Act,
    Do,
    Scene,
    decide,
    orphans_max,
)  # fmt: skip
from fabric.drivers.base import CardSetting
from fabric.states import BlockState, DriftKind
from tests.fabric.composing.scenes import (
    DEAD,
    LIVE,
    MISSING,
    QUARANTINED,
    THEIRS,
    done,
    held,
    row,
    scene,
    seen,
    stands,
)  # fmt: skip


def test_a_block_as_it_is_recorded_needs_nothing() -> None:
    assert done(scene(row(), seen())) == []
    assert done(scene(held(), seen(LIVE))) == []


ORPHAN = stands(DriftKind.ORPHAN, tag=DEAD)
ORPHAN_SCENE = scene(row(QUARANTINED, reason=ORPHANED), seen(DEAD), ORPHAN)


def test_an_orphan_is_not_offered_from_its_first_sighting() -> None:
    first = stands(DriftKind.ORPHAN, times=1, seconds=0, tag=DEAD)

    assert decide(scene(row(), seen(DEAD), first)) == (
        Act(Do.QUARANTINE, "b", ORPHANED, about=("b", DriftKind.ORPHAN)),
    )


def test_an_orphan_is_detached_after_two_listings_and_the_grace() -> None:
    assert decide(ORPHAN_SCENE) == (
        Act(Do.DETACH, reason=ORPHANED, tag=DEAD, blocks=("b",), about=("b", DriftKind.ORPHAN)),
    )


@pytest.mark.parametrize(
    "neighbour",
    [
        {"standing": (stands(DriftKind.ORPHAN, times=1, tag=DEAD),)},
        {"standing": (stands(DriftKind.ORPHAN, seconds=59, tag=DEAD),)},
        {"standing": (stands(DriftKind.ORPHAN, tag=DEAD, answer="Being detached."),)},
        {"standing": (stands(DriftKind.ORPHAN, tag="their-heddle-r-0"),), "our_tags": frozenset({"their-heddle-r-0"})},
        {"our_tags": frozenset({LIVE})},
        {"live_tags": frozenset({LIVE, DEAD})},
        {"frozen": frozenset({DEAD})},
        {"busy": frozenset({DEAD})},
        {"is_paused": True},
        {"listing": replace(ORPHAN_SCENE.listing, is_complete=False)},
    ],
    ids=["one-listing", "grace", "answered", "prefix", "never-given", "alive", "frozen", "busy", "paused", "partial"],
)  # fmt: skip
def test_an_orphan_is_not_detached_while(neighbour: dict[str, Any]) -> None:
    facts = {
        name: getattr(ORPHAN_SCENE, name)
        for name in ("listing", "recorded", "standing", "now", "hosts", "live_tags", "our_tags", "frozen", "busy")
    }

    assert done(Scene(**{**facts, **neighbour})) == []


def test_a_machine_without_devices_is_detached_the_same() -> None:
    bare = stands(DriftKind.ORPHAN, tag=DEAD, block="")

    assert decide(scene(None, None, bare)) == (
        Act(Do.DETACH, reason=ORPHANED, tag=DEAD, about=("machine " + DEAD, DriftKind.ORPHAN)),
    )


def many(count: int, **more: Any) -> Scene:
    tags = [f"heddle-r-{number}-n0-g1" for number in range(10, 10 + count)]
    orphans = [stands(DriftKind.ORPHAN, tag=tag, block="") for tag in tags]
    return scene(None, None, *orphans, our_tags=frozenset(tags), live_tags=frozenset({LIVE}), **more)


def test_so_many_orphans_at_once_are_taken_apart_and_no_more() -> None:
    assert done(many(2)) == [Do.DETACH, Do.DETACH]
    assert done(many(3)) == [Do.STOP]


@pytest.mark.parametrize(("hosts", "most"), [(0, 2), (3, 2), (59, 2), (60, 3), (100, 5)])
def test_how_many_is_two_or_a_twentieth_of_the_hosts(hosts: int, most: int) -> None:
    assert orphans_max(hosts) == most


def test_what_somebody_else_holds_is_not_offered_and_never_detached() -> None:
    long_ago = stands(DriftKind.FOREIGN, times=100, seconds=86_400, tag=THEIRS)

    assert decide(scene(row(), seen(THEIRS), long_ago)) == (
        Act(Do.QUARANTINE, "b", EXTERNAL, about=("b", DriftKind.FOREIGN)),
    )
    assert done(scene(row(QUARANTINED, reason=EXTERNAL), seen(THEIRS), long_ago)) == []


def test_what_somebody_else_took_out_of_a_node_is_frozen_once_it_is_sure() -> None:
    taken = scene(held(), seen(THEIRS), stands(DriftKind.FOREIGN, tag=THEIRS))

    assert decide(taken) == (
        Act(Do.QUARANTINE, "b", EXTERNAL, about=("b", DriftKind.FOREIGN)),
        Act(Do.DEVICE_FAILED, "b", EXTERNAL, about=("b", DriftKind.FOREIGN)),
    )
    assert done(scene(held(), seen(THEIRS), stands(DriftKind.FOREIGN, times=1, tag=THEIRS))) == []


def test_a_device_that_fell_off_its_node_is_attached_again_once() -> None:
    assert decide(scene(held(), seen(), stands(DriftKind.LOST))) == (
        Act(Do.REATTACH, "b", "The fabric no longer shows it on its host.", about=("b", DriftKind.LOST)),
    )
    assert done(scene(held(), seen(), stands(DriftKind.LOST, times=1))) == []
    assert done(scene(held(), seen(), stands(DriftKind.LOST, answer="Attached again."))) == []
    assert done(scene(held(is_moving=True), seen(), stands(DriftKind.LOST))) == []


def test_a_drive_is_not_attached_again_since_it_would_be_wiped_for_that() -> None:
    assert done(scene(held(keeps_data=True), seen(), stands(DriftKind.LOST))) == [Do.DEVICE_FAILED]


def test_one_that_is_also_ill_is_not_attached_again() -> None:
    found = scene(row(QUARANTINED, LIVE), seen(health="failed"), stands(DriftKind.LOST))

    assert done(found) == [Do.DEVICE_FAILED]


def test_one_in_another_machine_is_frozen() -> None:
    assert decide(scene(held(), seen("heddle-r-2-n0-g1"), stands(DriftKind.ELSEWHERE))) == (
        Act(Do.QUARANTINE, "b", BROKEN, about=("b", DriftKind.ELSEWHERE)),
        Act(Do.DEVICE_FAILED, "b", BROKEN, about=("b", DriftKind.ELSEWHERE)),
    )
    assert done(scene(held(), seen("heddle-r-2-n0-g1"), stands(DriftKind.ELSEWHERE, times=1))) == []
    assert done(scene(held(is_moving=True), seen("heddle-r-2-n0-g1"), stands(DriftKind.ELSEWHERE))) == []


@pytest.mark.parametrize("health", ["failed", "unavailable"])
def test_one_that_is_not_well_is_not_offered(health: str) -> None:
    found = scene(row(), seen(health=health), stands(DriftKind.UNHEALTHY, times=1, seconds=0))

    assert decide(found) == (Act(Do.QUARANTINE, "b", ILL, about=("b", DriftKind.UNHEALTHY)),)


def test_the_holder_of_one_that_is_not_well_is_told_once() -> None:
    first = scene(held(), seen(LIVE, "failed"), stands(DriftKind.UNHEALTHY, times=1))
    told = stands(DriftKind.UNHEALTHY, answer="The holder was told.")

    assert done(first) == [Do.QUARANTINE, Do.DEVICE_FAILED]
    assert done(scene(row(QUARANTINED, LIVE, reason=ILL), seen(LIVE, "failed"), told)) == []
    assert done(scene(held(is_moving=True), seen(LIVE, "failed"), stands(DriftKind.UNHEALTHY))) == []


def test_one_that_three_complete_listings_do_not_show_is_missing() -> None:
    assert done(scene(row(), None, stands(DriftKind.ABSENT, times=2))) == []
    assert decide(scene(row(), None, stands(DriftKind.ABSENT, times=3))) == (
        Act(Do.MISSING, "b", GONE, about=("b", DriftKind.ABSENT)),
    )
    assert done(scene(row(MISSING, reason=GONE), None, stands(DriftKind.ABSENT, times=4))) == []


def test_one_that_waits_for_an_operator_is_not_forgotten_because_it_was_away() -> None:
    """As missing it would be cleaned and offered once it is back, whatever was the matter with it."""
    gone = stands(DriftKind.ABSENT, times=3)

    assert done(scene(row(QUARANTINED, reason=BROKEN), None, gone)) == []
    assert done(scene(row(QUARANTINED, reason=ILL), None, gone)) == [Do.MISSING]


def test_the_holder_of_a_missing_one_is_told() -> None:
    assert done(scene(held(), None, stands(DriftKind.ABSENT, times=3))) == [Do.MISSING, Do.DEVICE_FAILED]
    assert done(scene(held(is_moving=True), None, stands(DriftKind.ABSENT, times=3))) == []


def test_other_hardware_is_not_offered_and_its_holder_is_told() -> None:
    changed = stands(DriftKind.CHANGED, times=1)

    assert done(scene(row(), seen(serial="X"), changed)) == [Do.QUARANTINE]
    assert decide(scene(row(MISSING, reason=GONE), seen(serial="X"), changed)) == (
        Act(Do.QUARANTINE, "b", OTHER_HARDWARE, about=("b", DriftKind.CHANGED)),
    )
    assert done(scene(held(), seen(LIVE, serial="X"), changed)) == [Do.QUARANTINE, Do.DEVICE_FAILED]


def test_a_free_block_that_somebody_used_is_taken_out_to_be_cleaned() -> None:
    assert decide(scene(row(), seen(is_clean=False), stands(DriftKind.CHANGED))) == (
        Act(Do.QUARANTINE, "b", USED, about=("b", DriftKind.CHANGED)),
    )
    assert done(scene(row(), seen(is_clean=False), stands(DriftKind.CHANGED, times=1))) == []


def test_how_a_holder_sets_their_own_card_is_not_repaired() -> None:
    cut = replace(seen(LIVE), setting=CardSetting(layout={"1g.10gb": 7}))

    assert done(scene(held(), cut, stands(DriftKind.CHANGED, times=9))) == []


@pytest.mark.parametrize(
    "state", [BlockState.ATTACHING, BlockState.ATTACHED, BlockState.DETACHING, BlockState.CLEANING]
)
def test_a_block_left_in_the_middle_is_looked_at_again(state: BlockState) -> None:
    assert decide(scene(row(state), seen())) == (Act(Do.QUARANTINE, "b", STUCK),)
    assert done(scene(row(state, is_moving=True), seen())) == []
    assert done(scene(row(state), seen(), busy=frozenset({"b"}))) == []
