"""Run one due operation: take its lease, let the composer work, write down what came of it.

May be called by anybody, any number of times, for any operation: only the holder of the newest fence changes anything.
"""

import logging
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from typing import Unpack

from django.db import InterfaceError, OperationalError, connection
from structlog.contextvars import bound_contextvars

from fabric.composing.books import Step
from fabric.composing.nodes import Work, compose_node, release_node, resize_node
from fabric.composing.results import NodeOutcome, NodeResult
from fabric.drivers.base import BlockOutcome
from fabric.services.drivers import driver_for
from fabric.states import STEP_WORDS, StepState
from fabric.topology import DRAIN_MINUTES
from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import Operation
from scheduler.requests import Actor
from scheduler.services._lease import is_mine, keep, take
from scheduler.services._pulse import Pulse
from scheduler.services._settling import settle
from scheduler.states import OperationKind

Clock = Callable[[], datetime]
_log = logging.getLogger(__name__)


def run_operation(
    *, operation_id: int, owner: str, clock: Clock, sleep: Callable[[float], None], pulse: type[Pulse] | None = None
) -> bool:
    """False when there was nothing to take.

    `sleep` is only ever called between two reads of the fabric, outside any transaction. A process that lives gives a
    `pulse`, which keeps the lease while one call takes its time.
    """
    operation = take(operation_id=operation_id, owner=owner, now=clock())
    if operation is None:
        return False
    with bound_contextvars(request_id=operation.request_id, operation=operation.pk):
        _run(operation, clock, sleep, pulse)
    return True


def _run(operation: Operation, clock: Clock, sleep: Callable[[float], None], pulse: type[Pulse] | None) -> None:
    """Every line that is logged meanwhile names the operation, and the request that asked for it."""
    with nullcontext() if pulse is None else pulse(lambda: _prolong(operation, clock)) as alive:

        def wait(seconds: float) -> None:
            sleep(seconds)
            keep(operation=operation, now=clock())
            if alive is not None:
                alive.felt()

        result = _drive(operation, clock, wait)
    _log.info("%s of %s: %s %s", operation.kind, operation.composition.tag, result.outcome, result.reason)
    settle(operation=operation, result=result, now=clock())


def _prolong(operation: Operation, clock: Clock) -> None:
    """In a thread of its own, which gives its connection back at once."""
    try:
        keep(operation=operation, now=clock())
    finally:
        connection.close()


def _drive(operation: Operation, clock: Clock, wait: Callable[[float], None]) -> NodeResult:
    """Whatever the composer or its driver did not foresee is an unknown outcome: it is read again, never guessed.

    So is a row that the database refuses: what it refuses once it refuses again, and only a result has a deadline.
    """
    try:
        return _carry_out(
            operation,
            driver=driver_for(operation.fabric_manager),
            attempt=operation.attempt,
            fence=operation.fence,
            clock=clock,
            wait=wait,
            is_current=lambda: is_mine(operation=operation),
            on_step=lambda step: _journal_step(operation, step, clock()),
            request_id=operation.request_id,
            drain_seconds=_drain_seconds(operation),
        )
    except (OperationalError, InterfaceError):
        raise  # the database is away: the lease runs out and the operation is taken again
    except Exception as error:
        _log.exception("%s of %s did not finish", operation.kind, operation.composition.tag)
        return NodeResult(outcome=NodeOutcome.UNKNOWN, reason=f"{type(error).__name__}: {error}"[:300])


def _carry_out(operation: Operation, **work: Unpack[Work]) -> NodeResult:
    composition = operation.composition
    if operation.kind == OperationKind.COMPOSE:
        return compose_node(composition=composition, **work)
    if operation.kind == OperationKind.RELEASE:
        return release_node(composition=composition, **work)
    if operation.resize is None:
        raise ValueError(f"operation {operation.pk} does not say how its node is to be changed")
    return resize_node(composition=composition, resize=operation.resize, **work)


def _drain_seconds(operation: Operation) -> float:
    """The grace of work on devices that are given back: the pool's, where its policy has one."""
    minutes = operation.composition.pool.policy.get("drain_minutes", DRAIN_MINUTES)
    return float(60 * minutes)


def _journal_step(operation: Operation, step: Step, now: datetime) -> None:
    """Inside the transaction that changes the step's row."""
    kind = JournalKind.STEP_PROGRESS if _is_progress(step) else JournalKind(f"step.{step.state}")
    facts = {
        "step": step.kind,
        "position": step.position,
        "is_undo": step.is_undo,
        "composition": operation.composition.tag,
    }
    journal.record(
        kind=kind,
        message=f"Node {operation.composition.node + 1}, {_sentence(step)}",
        by=Actor(name="heddle", request_id=operation.request_id),
        now=now,
        reservation=operation.reservation,
        facts=facts,
    )


def _is_progress(step: Step) -> bool:
    return step.state == StepState.STARTED and bool(step.lines)


def _sentence(step: Step) -> str:
    """In the words of the pages: `set cards: done. Set: …`."""
    word = STEP_WORDS[step.kind]
    word = word[0].lower() + word[1:]
    if _is_progress(step):
        done, of = sum(line.outcome == BlockOutcome.DONE for line in step.lines), len(step.blocks)
        return f"{word}: {done} of {of} {'block' if of == 1 else 'blocks'}."
    return f"{word}: {step.state.replace('_', ' ')}. {step.message}".strip()
