"""How a step is run, and how a run ends, whatever it is for. Pure."""

from collections.abc import Callable, Sequence

from fabric.composing.books import OPEN, Changes, NotReady, Step, Superseded, Turned
from fabric.composing.errand import Errand, Silent
from fabric.composing.freezing import freeze
from fabric.composing.intent import Outcome, begin, finish, show_unknown, states_for
from fabric.composing.queueing import turn
from fabric.composing.reporting import closed
from fabric.composing.results import NodeOutcome, NodeResult
from fabric.drivers.base import ContractBroken
from fabric.states import CompositionState, StepKind, StepState

TRIES_MAX = 3  # of a decompose or a cleaning, before what is left is quarantined
PAUSE_SECONDS = 5.0  # between two of them
Before = Callable[[Errand], Changes]
Perform = Callable[[Errand, Step], Outcome]


def act(errand: Errand, kind: StepKind, *, before: Before, perform: Perform, codes: Sequence[str]) -> Outcome:
    """One step: its turn, its intent, the work, its outcome."""
    with turn(errand, kind, only_in=states_for(errand, kind)):
        step = begin(errand, kind, codes=codes, changes=before(errand))
        outcome = perform(errand, step)
        finish(errand, step, outcome)
    return outcome


def always() -> bool:
    """For what is needed until it is done."""
    return True


def insist(
    errand: Errand,
    run: Callable[[], Outcome],
    *,
    failures: Callable[[], int],
    while_: Callable[[], bool] = always,
) -> None:
    """Some tries, counted over all runs; what is still not done then is for the last proof to judge."""
    while while_() and failures() < TRIES_MAX:
        if run().is_done:
            return
        errand.wait(PAUSE_SECONDS)


def ended(errand: Errand, work: Callable[[Errand], NodeResult]) -> NodeResult:
    """Every way a run can end, as a result."""
    try:
        return work(errand)
    except Superseded:
        return NodeResult(outcome=NodeOutcome.SUPERSEDED, reason="Another worker has taken over.")
    except NotReady as reason:
        return NodeResult(outcome=NodeOutcome.NOT_READY, reason=str(reason))
    except (Silent, Turned) as reason:
        return _unknown(errand, str(reason) or "The composition changed meanwhile.")
    except ContractBroken as error:
        return _frozen(errand, error)


def state_of(errand: Errand) -> CompositionState:
    return errand.books.standing()[0]


def nothing(errand: Errand) -> Changes:
    """Most intents imply no other change."""
    return Changes(at=errand.clock())


def _unknown(errand: Errand, reason: str) -> NodeResult:
    """Leave the intent open, marked; the next run reads again."""
    mine = [step for step in errand.books.steps() if step.state in OPEN and _is_own(errand, step)]
    try:
        if mine:
            show_unknown(errand, mine[-1], reason)
    except Superseded:
        return NodeResult(outcome=NodeOutcome.SUPERSEDED, reason="Another worker has taken over.")
    return NodeResult(outcome=NodeOutcome.UNKNOWN, reason=reason)


def _frozen(errand: Errand, error: ContractBroken) -> NodeResult:
    try:
        freeze(errand, str(error))
    except Superseded:
        return NodeResult(outcome=NodeOutcome.SUPERSEDED, reason="Another worker has taken over.")
    return closed(errand, otherwise=NodeOutcome.QUARANTINED)


def _is_own(errand: Errand, step: Step) -> bool:
    return (step.attempt, step.fence) == (errand.run.attempt, errand.run.fence)


def failures_of(errand: Errand, kind: StepKind) -> int:
    steps = errand.books.steps()
    return sum((step.kind, step.round, step.state) == (kind, errand.round, StepState.NOT_DONE) for step in steps)
