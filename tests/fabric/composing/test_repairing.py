"""Repairs on a real database and the emulated fabric: every step a call, the same end wherever one is cut off."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from fabric.composing.answering import open_cleaning, open_repair
from fabric.composing.repairing import Mended, go_on, waiting
from fabric.composing.repairs import EXTERNAL, GONE, ILL, ORPHANED, OTHER_HARDWARE
from fabric.drivers.base import SeenDevice
from fabric.drivers.emulator import mischief
from fabric.drivers.emulator.faults import FaultKind
from fabric.models import Composition, FabricManager, MutationTurn, Repair, ResourceBlock
from fabric.services import turns
from fabric.states import BlockState, CompositionState, RepairKind, RepairState
from tests.fabric.composing.house import House

TAG = "heddle-r-1-n0-g1"
STEPS_MAX = 400


def orphaned(house: House) -> Repair:
    """A node left behind by a composition that is closed, with the intent to take it apart."""
    composition = house.open()
    house.compose(composition)
    Composition.objects.filter(pk=composition.pk).update(state=CompositionState.CLOSED)
    ResourceBlock.objects.filter(code__in=["gpu-1", "gpu-2"]).update(state="quarantined", state_reason=ORPHANED)
    with transaction.atomic():
        return open_repair(
            manager=FabricManager.objects.get(), kind=RepairKind.DETACH, tag=TAG, blocks=["gpu-1", "gpu-2"],
            now=house.now, reason=ORPHANED, by_name="heddle",
        )  # fmt: skip


def returned(house: House, code: str = "gpu-1") -> Repair:
    """A block that was missing and is back, with the intent to inspect and clean it."""
    ResourceBlock.objects.filter(code=code).update(state="missing", state_reason=GONE)
    with transaction.atomic():
        open_cleaning(
            manager=FabricManager.objects.get(), block=code, seen=BlockState.MISSING, now=house.now, reason=GONE,
            by_name="heddle",
        )  # fmt: skip
    return Repair.objects.order_by("-id")[0]


def clock_of(house: House) -> Callable[[], datetime]:
    return lambda: house.now


def step(house: House, repair: Repair, ends: list[Mended] | None = None) -> RepairState | None:
    found = go_on(
        repair_id=repair.pk,
        driver=house.driver,
        clock=clock_of(house),
        on_end=(ends if ends is not None else []).append,
    )
    house.wait(5)
    return found


def finish(house: House) -> list[Mended]:
    """Until nothing is open, five seconds a step."""
    ends: list[Mended] = []
    for _ in range(STEPS_MAX):
        if not (open_ones := waiting(manager=FabricManager.objects.get(), now=house.now)):
            return ends
        for repair_id in open_ones:
            step(house, Repair.objects.get(pk=repair_id), ends)
    raise AssertionError("the repairs do not come to an end")


def story() -> list[tuple[str, list[str], str]]:
    return list(Repair.objects.order_by("id").values_list("kind", "blocks", "state"))


def test_an_orphan_is_taken_apart_and_its_blocks_are_cleaned_and_offered(house: House) -> None:
    orphaned(house)

    ends = finish(house)

    assert story() == [
        ("detach", ["gpu-1", "gpu-2"], "done"),
        ("clean", ["gpu-1"], "done"),
        ("clean", ["gpu-2"], "done"),
    ]
    assert (house.owners(), house.open_attachments(), MutationTurn.objects.count()) == ({}, [], 0)
    assert dict(ResourceBlock.objects.filter(code__in=["gpu-1", "gpu-2"]).values_list("code", "state")) == {
        "gpu-1": "free", "gpu-2": "free",
    }  # fmt: skip
    assert [one.offered for one in ends] == [(), ("gpu-1",), ("gpu-2",)]


@pytest.mark.parametrize("steps", range(1, 8))
def test_cut_off_after_any_step_it_ends_the_same(house: House, steps: int) -> None:
    """A process that dies keeps its lease until it runs out; the next one goes on from rows and fabric alone."""
    repair = orphaned(house)
    for _ in range(steps):
        step(house, repair)
    Repair.objects.filter(state="open").update(lease_until=house.now + timedelta(seconds=30))
    assert waiting(manager=FabricManager.objects.get(), now=house.now) == []
    house.wait(31)

    finish(house)

    assert [state for _, _, state in story()] == ["done", "done", "done"]
    assert house.owners() == {}


def test_nobody_does_the_same_step_twice_at_once(house: House) -> None:
    repair = returned(house)
    Repair.objects.update(lease_until=house.now + timedelta(seconds=30))

    assert step(house, repair) is None


def test_one_that_was_done_already_is_only_read(house: House) -> None:
    repair = orphaned(house)
    for code in ("gpu-1", "gpu-2"):
        house.world.detach(code)
    before = house.world.mutations_accepted()

    assert step(house, repair) == RepairState.DONE
    assert house.world.mutations_accepted() == before


def test_a_lost_reply_is_settled_by_reading(house: House) -> None:
    orphaned(house)
    house.world.fault(FaultKind.LOST_AFTER, operation="decompose", times=1)
    house.world.fault(FaultKind.LOST_BEFORE, operation="clean", times=1)

    finish(house)

    assert [state for _, _, state in story()] == ["done", "done", "done"]


def test_three_tries_fail_and_an_operator_is_asked(house: House) -> None:
    orphaned(house)
    house.world.fault(FaultKind.UNBIND_FAILURE, blocks=["gpu-1"])

    ends = finish(house)

    repair = Repair.objects.get()
    assert (repair.state, repair.attempt) == ("failed", 3)
    assert [one.kept for one in ends] == [(("gpu-1", "the block did not let go"),)]
    assert house.states()["gpu-1"] == "quarantined"


def test_one_that_never_ends_is_a_failed_try(house: House) -> None:
    orphaned(house)
    house.world.fault(FaultKind.STUCK, operation="decompose", times=1)

    finish(house)

    assert Repair.objects.get(kind="detach").attempt == 1
    assert [state for _, _, state in story()] == ["done", "done", "done"]


def test_a_block_that_cannot_be_cleaned_stays_quarantined_for_an_operator(house: House) -> None:
    returned(house)
    house.world.fault(FaultKind.CLEAN_FAILURE)

    finish(house)

    block = ResourceBlock.objects.get(code="gpu-1")
    assert (block.state, block.state_reason) == ("quarantined", "It could not be cleaned: the reset failed.")


@pytest.mark.parametrize(
    ("what", "reason"), [("vanish", GONE), ("attach", EXTERNAL), ("fail", ILL), ("swap", OTHER_HARDWARE)]
)
def test_a_block_is_inspected_before_it_is_touched(house: House, what: str, reason: str) -> None:
    """What happened to it since it was decided to clean it counts."""
    repair = returned(house)
    ResourceBlock.objects.get(code="gpu-1").devices.create(serial="ANOTHER" if what == "swap" else "SN-gpu-1")
    if what == "vanish":
        house.world.vanish("gpu-1")
    if what == "attach":
        house.world.attach_foreign("gpu-1", "host-5", "stranger")
    if what == "fail":
        mischief.fail(path=house.world.path, block="gpu-1", now=0)
    before = house.world.mutations_accepted()

    assert step(house, repair) == RepairState.FAILED
    block = ResourceBlock.objects.get(code="gpu-1")
    assert (block.state, block.state_reason, house.world.mutations_accepted()) == ("quarantined", reason, before)


def test_nothing_is_done_on_a_paused_fabric(house: House) -> None:
    repair = orphaned(house)
    FabricManager.objects.update(is_paused=True)
    before = house.world.mutations_accepted()

    assert waiting(manager=FabricManager.objects.get(), now=house.now) == []
    assert step(house, repair) == RepairState.OPEN
    assert house.world.mutations_accepted() == before


def test_it_waits_for_its_turn(house: House) -> None:
    """The emulated fabric takes four changes at once; four others stand before it."""
    repair = returned(house)
    manager = FabricManager.objects.get()
    for number in range(4):
        turns.take_turn(
            manager_id=manager.pk, key=f"other-{number}", now=house.now, until=house.now + timedelta(hours=1), at_most=4
        )
    before = house.world.mutations_accepted()

    waiting_for_it = step(house, repair)
    standing = MutationTurn.objects.filter(op_key=repair.op_key).exists()
    turns.return_turn(manager_id=manager.pk, key="other-2")
    step(house, repair)

    assert (waiting_for_it, standing, Repair.objects.get().message) == (RepairState.OPEN, True, "The fabric is at it.")
    assert house.world.mutations_accepted() == before + 1


def test_a_shelf_that_comes_back_does_not_fill_the_queue(house: House) -> None:
    """Two repairs stand in it at once, the oldest ones; a reservation waits for these and not for all."""
    for number in range(1, 6):
        returned(house, f"gpu-{number}")
    oldest = list(Repair.objects.order_by("id").values_list("id", flat=True)[:2])

    assert waiting(manager=FabricManager.objects.get(), now=house.now) == oldest
    finish(house)
    assert [state for _, _, state in story()] == ["done"] * 5


def test_the_time_in_the_queue_is_not_the_fabrics(house: House) -> None:
    """A shelf of hundreds of blocks takes hours, and so does a machine that was off: no try has failed by that."""
    returned(house)
    house.wait(24 * 3600)

    finish(house)

    assert [(one.state, one.attempt) for one in Repair.objects.all()] == [("done", 0)]
    assert house.states() == {}


class Unforeseen:
    """A driver that trips over what its service says."""

    def __init__(self, house: House) -> None:
        self._inner = house.driver

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def find(self, *, tag: str, blocks: Sequence[str]) -> tuple[SeenDevice, ...]:
        raise KeyError("Status")


def test_what_a_driver_did_not_foresee_is_tried_for_its_time_and_given_up(house: House) -> None:
    repair, driver = returned(house), Unforeseen(house)
    seconds = house.driver.capabilities().detach_seconds_max + 1
    found = []
    for wait in (0, seconds, seconds, seconds):
        house.wait(wait)
        found.append(go_on(repair_id=repair.pk, driver=driver, clock=clock_of(house), on_end=lambda mended: None))

    assert found == [RepairState.OPEN] * 3 + [RepairState.FAILED]
    assert (house.states(), waiting(manager=FabricManager.objects.get(), now=house.now)) == (
        {"gpu-1": "quarantined"}, [],
    )  # fmt: skip


def test_what_an_operator_must_look_at_is_detached_and_not_offered(house: House) -> None:
    orphaned(house)
    ResourceBlock.objects.filter(code="gpu-2").update(state_reason="The host does not see it.")

    finish(house)

    assert story() == [("detach", ["gpu-1", "gpu-2"], "done"), ("clean", ["gpu-1"], "done")]
    assert ResourceBlock.objects.get(code="gpu-2").state == "quarantined"
