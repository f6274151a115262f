"""Bugs that are planted to see whether the simulation has teeth: each one wrong idea, put around the product's code."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import pytest

from fabric.composing import making, unmaking
from fabric.composing import run as executor
from fabric.composing.books import Changes, Shift, Step
from fabric.composing.errand import Errand, Run
from fabric.composing.intent import Outcome
from fabric.composing.results import NodeOutcome, NodeResult
from fabric.drivers.base import DriverError, Inventory, Unknown
from fabric.drivers.emulator.faults import FaultKind
from fabric.states import BlockState, CompositionState, StepKind
from scheduler.states import OperationKind
from tests.simulation import inspecting, workers
from tests.simulation.books import MemoryBooks, move
from tests.simulation.calls import Calls
from tests.simulation.dials import Dials
from tests.simulation.settling import Settling

Plant = Callable[[pytest.MonkeyPatch], None]
RESTART_SECONDS = 50.0  # how often the process that keeps the grace in memory is started anew


class _TimedOut(Exception):
    """A reply that was lost, taken for a failure."""


def timeout_is_failure(patch: pytest.MonkeyPatch) -> None:
    """After a lost reply the node is written off, its units are free again, and it is composed again blindly."""
    careful = Calls.compose

    def compose(self: Calls, **asked: Any) -> Any:
        try:
            return careful(self, **asked)
        except Unknown as error:
            raise _TimedOut from error

    def run(work: Run) -> NodeResult:
        try:
            return executor.compose(work)
        except _TimedOut:
            _write_off(work.books)
            return NodeResult(outcome=NodeOutcome.UNDONE, reason="It timed out.")

    patch.setattr(Calls, "compose", compose)
    patch.setitem(workers.RUNNERS, OperationKind.COMPOSE, run)


def reply_is_believed(patch: pytest.MonkeyPatch) -> None:
    """A decompose that was accepted is taken for done: attachments end and blocks are free without any look."""

    def decompose(errand: Errand, step: Step) -> Outcome:
        with suppress(DriverError):
            errand.driver.decompose(op_key=step.op_key, tag=errand.target.tag)
        gone = frozenset(errand.target.blocks)
        return Outcome(is_done=True, changes=Changes(at=errand.clock(), detached=gone))

    def prove_gone(errand: Errand, step: Step) -> Outcome:
        gone = frozenset(errand.target.blocks)
        shifts = tuple(Shift(gone, *one) for one in (unmaking.LET_GO, unmaking.CLEANED))
        closed = (CompositionState.CLOSED,)
        changes = Changes(
            at=errand.clock(), shifts=shifts, host_shifts=(unmaking.LET_GO, unmaking.CLEANED), moves=closed
        )
        return Outcome(is_done=True, changes=changes)

    for kind, perform in ((StepKind.DECOMPOSE, decompose), (StepKind.PROVE_GONE, prove_gone)):
        before, _ = executor.ACTS[kind]
        patch.setitem(executor.ACTS, kind, (before, perform))


def fence_is_ignored(patch: pytest.MonkeyPatch) -> None:
    """Whoever once had the operation goes on writing, and calling the fabric, after others took it over."""
    patch.setattr(Errand, "require_current", lambda self: None)
    patch.setattr(MemoryBooks, "require_current", lambda self: None)
    patch.setattr(MemoryBooks, "_require_current_and_mine", lambda self, step: None)
    settle = Settling.settle
    patch.setattr(
        Settling, "settle", lambda self, operation, fence, result: settle(self, operation, operation.fence, result)
    )


def grace_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    """How long an orphan has been there is kept in the memory of a process, which is started anew now and then."""
    stand = inspecting.stand
    born: list[Any] = []

    def forgetful(*, before: Any, now: Any, **listing: Any) -> Any:
        is_new = not born or not 0 <= (now - born[-1]).total_seconds() < RESTART_SECONDS
        if is_new:
            born.append(now)
        return stand(before=() if is_new else before, now=now, **listing)

    patch.setattr(inspecting, "stand", forgetful)


def partial_is_complete(patch: pytest.MonkeyPatch) -> None:
    """A listing that says it is partial is read like any other: what is not in it is gone."""
    honest = Calls.inventory

    def inventory(self: Calls) -> Inventory:
        return replace(honest(self), is_complete=True)

    patch.setattr(Calls, "inventory", inventory)


def wish_is_believed(patch: pytest.MonkeyPatch) -> None:
    """A compose that ended is taken for done whatever a look shows, and the host is not asked what it sees."""

    def composed(errand: Errand, **_: Any) -> Outcome:
        wanted = frozenset(errand.target.blocks)
        shifts = (Shift(wanted, *making.ARRIVED),)
        changes = Changes(at=errand.clock(), attached=wanted, shifts=shifts, host_shifts=(making.ARRIVED,))
        return Outcome(is_done=True, changes=changes)

    def grant(errand: Errand, step: Step) -> Outcome:
        changes = Changes(at=errand.clock(), moves=(CompositionState.COMPOSED,))
        return Outcome(is_done=True, changes=changes)

    patch.setattr(making, "composed", composed)
    for kind in (StepKind.PROVE, StepKind.GRANT):
        before, _ = executor.ACTS[kind]
        perform = grant if kind == StepKind.GRANT else _unasked
        patch.setitem(executor.ACTS, kind, (before, perform))


def _unasked(errand: Errand, step: Step) -> Outcome:
    return Outcome(is_done=True, changes=Changes(at=errand.clock()))


def _write_off(books: Any) -> None:
    store, row = books._store, books._row
    move(store, row, CompositionState.CLOSED, "It timed out.")
    for code in row.blocks:
        store.block_states[code] = BlockState.FREE
    store.host_states[row.host] = BlockState.FREE


@dataclass(frozen=True, slots=True)
class Bug:
    """`dials` are of a world in which it shows soon; in others it may hide for many seeds."""

    plant: Plant
    dials: Dials


BUGS: Mapping[str, Bug] = {
    "a timeout is a failure": Bug(
        timeout_is_failure,
        Dials(name="lost replies", fabric={FaultKind.LOST_BEFORE: 0.1, FaultKind.LOST_AFTER: 0.1}),
    ),
    "a reply is believed without a look": Bug(reply_is_believed, Dials(name="everything fine")),
    "what was wished is believed": Bug(
        wish_is_believed, Dials(name="links that fail", fabric={FaultKind.BIND_FAILURE: 0.1})
    ),
    "the fence is ignored": Bug(
        fence_is_ignored, Dials(name="workers that stop", other={"stall": 0.03, "late_hint": 0.3}, workers=8)
    ),
    "the grace is kept in memory": Bug(grace_is_forgotten, Dials(name="old machines", other={"revenant": 0.5})),
    "a partial listing is read as gone": Bug(
        partial_is_complete, Dials(name="partial listings", fabric={FaultKind.PARTIAL_LISTING: 0.9})
    ),
}
