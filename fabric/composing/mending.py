"""Carrying out one repair on a fabric, one step a call: look, then submit or poll. Read-back decides. No rows here.

By the driver's contract a mutation that is repeated under its key is the same mutation, so a step that was cut short is
simply made again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from fabric.composing.differences import WELL, is_used
from fabric.composing.repairs import EXTERNAL, GONE, ILL, OTHER_HARDWARE
from fabric.drivers.base import (
    BlockOutcome,
    ContractBroken,
    Done,
    Driver,
    DriverError,
    Pending,
    Precondition,
    SeenDevice,
    Transient,
    Unknown,
)
from fabric.states import RepairKind, RepairState

TRIES_MAX = 3  # of the mutation, each under a key of its own, before an operator is asked


@dataclass(frozen=True, slots=True)
class Expected:
    """What is in a block by the rows: its serial number, "" where nobody knows it, and the host it is built into."""

    serial: str = ""
    home: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One repair as it is kept. `tries` counts those that failed; `is_overdue`: the present one took too long."""

    kind: RepairKind
    op_key: str
    tag: str = ""
    blocks: Mapping[str, Expected] = field(default_factory=dict)
    tries: int = 0
    is_overdue: bool = False

    @property
    def try_key(self) -> str:
        return self.op_key if self.tries == 0 else f"{self.op_key}.{self.tries + 1}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How it stands after a step. `doubts` says of each block why it is not proven; all others are.

    DONE of a detach means that they are attached to nothing of its name, of a cleaning that they may be offered.
    """

    state: RepairState
    tries: int
    message: str
    doubts: Mapping[str, str] = field(default_factory=dict)
    error: str = ""  # class of the driver's error, where there was one


def begin_or_go_on(job: Job, driver: Driver, *, may_change: Callable[[], bool]) -> Progress:
    """One step, for a caller whose turn on the fabric it is. `may_change` is asked right before a mutation begins.

    Never raises a DriverError: one that leaves the outcome open leaves the repair open.
    """
    try:
        return _STEPS[job.kind](job, driver, may_change)
    except (Transient, Unknown) as error:
        return unclear(job, f"The fabric does not answer: {error}")
    except ContractBroken as error:
        return _failed(replace(job, tries=TRIES_MAX), f"The fabric contradicts itself: {error}", error)
    except DriverError as error:
        return _failed(job, f"The fabric refuses: {error}", error)


def unclear(job: Job, problem: str) -> Progress:
    """Nobody knows how it stands: looked at again until the try has taken too long."""
    return _overdue(job) if job.is_overdue else _open(job, problem)


def _detach(job: Job, driver: Driver, may_change: Callable[[], bool]) -> Progress:
    if not _held(job, driver):
        return _detached(job)
    answer = _answer(job, driver, may_change, lambda: _decompose(job, driver))
    if isinstance(answer, Progress):
        return answer
    held = _held(job, driver)
    if not held:
        return _detached(job)
    told = {line.block: line.reason for line in answer.lines if line.outcome != BlockOutcome.DONE}
    doubts = {code: told.get(code) or "The fabric still shows it." for code in sorted(held & job.blocks.keys())}
    return replace(_failed(job, f"{job.tag} is not taken apart."), doubts=doubts)


def _clean(job: Job, driver: Driver, may_change: Callable[[], bool]) -> Progress:
    """Inspected before it is touched, and again after: a block that is not ours to clean any more is let go."""
    if doubts := _doubts(job, driver, unfit):
        return _given_up(job, doubts)
    answer = _answer(job, driver, may_change, lambda: driver.clean(op_key=job.try_key, blocks=sorted(job.blocks)))
    if isinstance(answer, Progress):
        return answer
    if doubts := _doubts(job, driver, unfit):
        return _given_up(job, doubts)
    used = _doubts(job, driver, lambda seen, _: "It could not be cleaned." if is_used(seen) else "")
    refused = {
        line.block: f"It could not be cleaned: {line.reason or 'the fabric does not say why'}."
        for line in answer.lines
        if line.outcome == BlockOutcome.NOT_DONE and line.block in job.blocks
    }
    if doubts := {**used, **refused}:
        return replace(_failed(job, _sentence(doubts)), doubts=doubts)
    return Progress(state=RepairState.DONE, tries=job.tries, message="Inspected, cleaned and proven empty.")


_STEPS: Mapping[RepairKind, Callable[[Job, Driver, Callable[[], bool]], Progress]] = {
    RepairKind.DETACH: _detach,
    RepairKind.CLEAN: _clean,
}


def unfit(seen: SeenDevice, expected: Expected) -> str:
    """Why a block that is shown is not ours to clean; one that is attached by whomever is not."""
    if seen.tag is not None or seen.host not in (None, expected.home):
        return EXTERNAL
    if expected.serial and seen.serial and seen.serial != expected.serial:
        return OTHER_HARDWARE
    return "" if seen.health == WELL else ILL


def _answer(
    job: Job, driver: Driver, may_change: Callable[[], bool], submit: Callable[[], Done | Pending]
) -> Done | Progress:
    """What the fabric says to the mutation, asked for or begun; Progress while it goes on."""
    try:
        reply = driver.poll(job.try_key)
    except Unknown:
        if not may_change():
            return _open(job, "The fabric is paused.")
        reply = submit()
    if isinstance(reply, Done):
        return reply
    return _overdue(job) if job.is_overdue else _open(job, "The fabric is at it.")


def _decompose(job: Job, driver: Driver) -> Done | Pending:
    """Its host is nobody's: where the fabric changes nothing on a running one, or not now, it is switched off."""
    machine = driver.read(job.tag)
    if machine is not None and driver.capabilities().needs_host_off:
        driver.power(host=machine.host, on=False)
    try:
        return driver.decompose(op_key=job.try_key, tag=job.tag)
    except Precondition:
        if machine is None:
            raise
        driver.power(host=machine.host, on=False)
        return driver.decompose(op_key=job.try_key, tag=job.tag)


def _held(job: Job, driver: Driver) -> frozenset[str]:
    """Blocks under the name, and the name itself while a machine has it."""
    machine = driver.read(job.tag)
    shown = driver.find(tag=job.tag, blocks=sorted(job.blocks)) if job.blocks else ()
    return frozenset(seen.block for seen in shown if seen.tag == job.tag) | ({job.tag} if machine else frozenset())


def _doubts(job: Job, driver: Driver, doubt: Callable[[SeenDevice, Expected], str]) -> dict[str, str]:
    shown = {seen.block: seen for seen in driver.find(tag="", blocks=sorted(job.blocks))}
    told = {code: doubt(shown[code], one) if code in shown else GONE for code, one in sorted(job.blocks.items())}
    return {code: reason for code, reason in told.items() if reason}


def _detached(job: Job) -> Progress:
    return Progress(state=RepairState.DONE, tries=job.tries, message=f"{job.tag} is taken apart, and read back so.")


def _open(job: Job, message: str) -> Progress:
    return Progress(state=RepairState.OPEN, tries=job.tries, message=message)


def _overdue(job: Job) -> Progress:
    return _failed(job, "The fabric did not come to an end in time.")


def _failed(job: Job, message: str, error: DriverError | None = None) -> Progress:
    """A try is over; the next one is another operation."""
    tries = min(job.tries + 1, TRIES_MAX)
    return Progress(
        state=RepairState.OPEN if tries < TRIES_MAX else RepairState.FAILED,
        tries=tries,
        message=message,
        doubts=dict.fromkeys(sorted(job.blocks), message),
        error=type(error).__name__ if error is not None else "",
    )


def _given_up(job: Job, doubts: Mapping[str, str]) -> Progress:
    return Progress(state=RepairState.FAILED, tries=job.tries, message=_sentence(doubts), doubts=doubts)


def _sentence(doubts: Mapping[str, str]) -> str:
    return "; ".join(f"{code}: {reason}" for code, reason in sorted(doubts.items()))
