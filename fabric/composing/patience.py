"""Calling the fabric: how long, how often, and what an unclear answer leads to. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, repeat
from typing import TypeVar

from fabric.composing.books import Step
from fabric.composing.errand import Errand, Silent
from fabric.composing.intent import show_progress, show_unknown
from fabric.composing.queueing import keep
from fabric.drivers.base import BlockLine, ContractBroken, Done, DriverError, Pending, Transient, Unknown

PAUSES_SECONDS = (1.0, 2.0, 3.0, 5.0)  # the last repeats: longer than a heartbeat would cost the lease
SILENCE_SECONDS_MAX = 60.0  # how long reads may fail before a run gives up, to be run again
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a mutation ended by the driver's word; the read-back decides. `error` is empty when it ran to its end."""

    lines: tuple[BlockLine, ...] = ()
    error: str = ""
    message: str = ""
    blocks: tuple[str, ...] = ()  # whom the error names


def ask(errand: Errand, question: Callable[[], Answer]) -> Answer:
    """A read, tried until it is answered. Raises Silent after a minute without, or when the fabric refuses to tell."""
    until = errand.clock() + timedelta(seconds=SILENCE_SECONDS_MAX)
    for pause in _pauses():
        errand.require_current()
        try:
            return question()
        except (Transient, Unknown) as error:
            if errand.clock() >= until:
                raise Silent(f"The fabric does not answer: {error}") from error
        except ContractBroken:
            raise
        except DriverError as error:
            raise Silent(f"The fabric refuses to tell: {error}") from error
        errand.wait(pause)
    raise AssertionError("the pauses never end")


def carry_out(errand: Errand, step: Step, submit: Callable[[], Done | Pending], *, seconds_max: float) -> Ending:
    """Submit, then poll to the end or the deadline, which counts from the intent.

    After a lost reply the operation is looked up; a fabric that does not know the key gets the same call again, which
    is the same operation by the driver's contract. A refusal is an ending too.
    """
    until = step.started_at + timedelta(seconds=seconds_max)
    is_submitted, key = False, step.op_key
    for pause in _pauses():
        problem: DriverError | None = None
        try:
            reply = _call(errand, (lambda: errand.driver.poll(key)) if is_submitted else submit)
        except Transient as error:
            problem = error
        except Unknown as error:
            problem, is_submitted = error, not is_submitted
            step = show_unknown(errand, step, str(error))
        except ContractBroken:
            raise
        except DriverError as error:
            return Ending(error=type(error).__name__, message=str(error), blocks=error.blocks)
        else:
            is_submitted = True
            if isinstance(reply, Done):
                return Ending(lines=reply.lines)
            step = show_progress(errand, step, reply.lines)
            keep(errand)
            pause = min(reply.retry_after_seconds, PAUSES_SECONDS[-1])
        if errand.clock() >= until:
            last = f" {problem}" if problem else ""
            return Ending(error="Timeout", message=f"Not finished after {seconds_max:.0f} s.{last}")
        errand.wait(pause)
    raise AssertionError("the pauses never end")


def _call(errand: Errand, call: Callable[[], Answer]) -> Answer:
    """An operator's pause stops mutations; a run that meets it is run again later."""
    if errand.books.is_paused():
        raise Silent("The fabric is paused by an operator.")
    errand.require_current()
    return call()


def _pauses() -> Iterator[float]:
    return chain(PAUSES_SECONDS, repeat(PAUSES_SECONDS[-1]))
