"""One step of a repair, by what its fabric answers: the state it leaves, and when an operator is asked."""

from collections.abc import Callable
from typing import Any

import pytest

from fabric.composing.mending import Expected, Job, Progress, begin_or_go_on
from fabric.drivers.base import (
    BlockLine,
    BlockOutcome,
    Conflict,
    ContractBroken,
    Done,
    DriverError,
    Machine,
    Pending,
    Permanent,
    Precondition,
    SeenDevice,
    Transient,
    Unknown,
)
from fabric.states import RepairKind, RepairState

TAG = "heddle-r-1-n0-g1"
DETACH = Job(kind=RepairKind.DETACH, op_key="repair/1", tag=TAG, blocks={"b": Expected()})
CLEAN = Job(kind=RepairKind.CLEAN, op_key="repair/2", blocks={"b": Expected(serial="SN")})
MACHINE = Machine(TAG, "h", frozenset({"b"}), "")


class Fabric:
    """A driver that answers as it is told, and remembers what it was asked to change."""

    def __init__(
        self, *replies: Done | Pending | DriverError, machine: Machine | None = MACHINE, **device: Any
    ) -> None:
        self.replies = list(replies)
        self.machine = machine
        self.device: dict[str, Any] = {"tag": machine.tag if machine else None, "is_clean": True, **device}
        self.asked: list[str] = []
        self.known: set[str] = set()

    def capabilities(self) -> Any:
        return type("Capabilities", (), {"needs_host_off": False})

    def read(self, tag: str) -> Machine | None:
        return self.machine

    def find(self, *, tag: str, blocks: list[str]) -> tuple[SeenDevice, ...]:
        facts = {"serial": "SN", "health": "ok", "host": None, **self.device}
        return tuple(SeenDevice(block=code, device_class="gpu", pci_id="", address="", **facts) for code in blocks)

    def poll(self, op_key: str) -> Done | Pending:
        if op_key not in self.known:
            raise Unknown("never heard of")
        return self._reply(op_key, "poll")

    def decompose(self, *, op_key: str, tag: str) -> Done | Pending:
        return self._reply(op_key, "decompose")

    def clean(self, *, op_key: str, blocks: list[str]) -> Done | Pending:
        return self._reply(op_key, "clean")

    def power(self, *, host: str, on: bool) -> None:
        self.asked.append(f"power {host} {'on' if on else 'off'}")

    def _reply(self, op_key: str, what: str) -> Done | Pending:
        self.asked.append(f"{what} {op_key}")
        reply = self.replies.pop(0)
        if isinstance(reply, DriverError):
            raise reply
        self.known.add(op_key)
        return reply


def step(job: Job, fabric: Fabric, *, may_change: Callable[[], bool] = lambda: True) -> Progress:
    return begin_or_go_on(job, fabric, may_change=may_change)  # type: ignore[arg-type]  # as much of one as is asked


def gone(fabric: Fabric) -> Fabric:
    fabric.machine, fabric.device = None, {**fabric.device, "tag": None}
    return fabric


PENDING = Pending("k", 1.0)
DONE = Done("k", None)


def test_the_first_step_submits_and_the_next_ones_poll() -> None:
    fabric = Fabric(PENDING, PENDING, DONE)

    first, second = step(DETACH, fabric), step(DETACH, fabric)
    third = step(DETACH, gone(fabric))

    assert [one.state for one in (first, second, third)] == [RepairState.OPEN, RepairState.OPEN, RepairState.DONE]
    assert fabric.asked == ["decompose repair/1", "poll repair/1"]


def test_a_later_try_has_a_key_of_its_own() -> None:
    fabric = Fabric(DONE, DONE)

    first = step(DETACH, fabric)
    second = step(Job(**{**_fields(DETACH), "tries": first.tries}), fabric)

    assert (first.state, first.tries, second.tries) == (RepairState.OPEN, 1, 2)
    assert fabric.asked == ["decompose repair/1", "decompose repair/1.2"]


def _fields(job: Job) -> dict[str, Any]:
    return {name: getattr(job, name) for name in ("kind", "op_key", "tag", "blocks", "tries", "is_overdue")}


@pytest.mark.parametrize(
    ("error", "state", "tries"),
    [
        (Transient("busy"), RepairState.OPEN, 0),
        (Unknown("lost"), RepairState.OPEN, 0),
        (Conflict("taken"), RepairState.OPEN, 1),
        (Permanent("never"), RepairState.OPEN, 1),
        (ContractBroken("two owners"), RepairState.FAILED, 3),
    ],
)
def test_what_an_error_leaves(error: DriverError, state: RepairState, tries: int) -> None:
    progress = step(DETACH, Fabric(error))

    assert (progress.state, progress.tries) == (state, tries)


def test_the_third_failed_try_is_the_last() -> None:
    job = Job(**{**_fields(DETACH), "tries": 2})

    assert step(job, Fabric(Conflict("taken"))).state == RepairState.FAILED


def test_a_host_that_stands_in_the_way_is_switched_off() -> None:
    fabric = Fabric(Precondition("in use"), PENDING)

    assert step(DETACH, fabric).state == RepairState.OPEN
    assert fabric.asked == ["decompose repair/1", "power h off", "decompose repair/1"]


@pytest.mark.parametrize("job", [DETACH, CLEAN])
def test_without_leave_nothing_is_changed(job: Job) -> None:
    fabric = Fabric(machine=MACHINE if job is DETACH else None)

    assert (step(job, fabric, may_change=lambda: False).state, fabric.asked) == (RepairState.OPEN, [])


@pytest.mark.parametrize("reply", [PENDING, Transient("busy")])
def test_a_try_that_takes_too_long_has_failed(reply: Pending | DriverError) -> None:
    assert step(Job(**{**_fields(DETACH), "is_overdue": True}), Fabric(reply)).tries == 1


def test_a_detach_that_says_done_and_is_not_has_failed() -> None:
    progress = step(DETACH, Fabric(DONE))

    assert (progress.tries, dict(progress.doubts)) == (1, {"b": "The fabric still shows it."})


def test_what_is_gone_already_is_done_without_asking() -> None:
    fabric = Fabric(machine=None)

    assert (step(DETACH, fabric).state, fabric.asked) == (RepairState.DONE, [])


def test_a_cleaning_is_done_when_the_read_back_says_clean() -> None:
    assert step(CLEAN, Fabric(DONE, machine=None)).state == RepairState.DONE
    assert step(CLEAN, Fabric(DONE, machine=None, is_clean=False)).tries == 1


def test_a_cleaning_that_the_fabric_itself_calls_failed_is_not_done() -> None:
    """Although it says clean: that is what it remembered from before."""
    refused = Done("k", None, (BlockLine("b", BlockOutcome.NOT_DONE, reason="the reset failed"),))

    progress = step(CLEAN, Fabric(refused, machine=None))

    assert (progress.tries, dict(progress.doubts)) == (1, {"b": "It could not be cleaned: the reset failed."})


@pytest.mark.parametrize(
    "device", [{"tag": "stranger"}, {"host": "h"}, {"serial": "OTHER"}, {"health": "failed"}, {"health": "unavailable"}]
)
def test_a_block_that_is_not_ours_to_clean_is_left_alone(device: dict[str, Any]) -> None:
    fabric = Fabric(machine=None, **device)

    assert (step(CLEAN, fabric).state, fabric.asked) == (RepairState.FAILED, [])


def test_a_device_in_its_own_fixed_host_is_cleaned_there() -> None:
    at_home = Job(kind=RepairKind.CLEAN, op_key="repair/2", blocks={"b": Expected(home="h")})

    assert step(at_home, Fabric(DONE, machine=None, host="h")).state == RepairState.DONE
