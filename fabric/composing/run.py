"""The executor: runs the planned steps of one node, each behind a committed intent. It makes no choices. Pure.

`nodes` are its doors on the rows of the database.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from fabric.composing import draining, making, unmaking
from fabric.composing.books import OPEN, Changes, NotReady, Step, Superseded, Turned
from fabric.composing.errand import Errand, Run, Silent, errand_for
from fabric.composing.freezing import freeze
from fabric.composing.intent import COMPOSABLE, Outcome, begin, finish, open_intent, show_unknown, states_for, take_over
from fabric.composing.plan import plan_compose, plan_release
from fabric.composing.queueing import turn
from fabric.composing.reporting import closed, composed, kinds_of
from fabric.composing.results import NodeOutcome, NodeResult
from fabric.composing.steps import DO_ORDER
from fabric.drivers.base import ContractBroken
from fabric.states import LIVE_COMPOSITIONS, CompositionState, StepKind, StepState

__all__ = ["NodeOutcome", "NodeResult", "Run", "compose", "release"]

TRIES_MAX = 3  # of a decompose or a cleaning, before what is left is quarantined
PAUSE_SECONDS = 5.0  # between two of them
TAKING = frozenset({StepKind.CONFIGURE, StepKind.COMPOSE})  # the first of these takes host and blocks
Before = Callable[[Errand], Changes]
Perform = Callable[[Errand, Step], Outcome]


def compose(run: Run) -> NodeResult:
    """Make the fabric show exactly the target, or take back everything that was done.

    Ends as composed, not_ready, undone, quarantined, superseded or unknown. Safe to run again after a kill at any
    point, with a new attempt and fence: what an earlier run left open is read back and finished or undone.
    """
    return _ended(errand_for(run=run, is_undo=True), _compose)


def release(run: Run) -> NodeResult:
    """Take the node apart, however far it had come, and prove every block free.

    Ends as released, quarantined, superseded or unknown.
    """
    return _ended(errand_for(run=run, is_undo=False), _release)


def _ended(errand: Errand, work: Callable[[Errand], NodeResult]) -> NodeResult:
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


def _compose(errand: Errand) -> NodeResult:
    if _state(errand) in COMPOSABLE:
        with suppress(Turned):  # somebody asked for its end: it is taken apart below
            _wire(errand)
    if _state(errand) == CompositionState.COMPOSED:
        return composed(errand)
    if _state(errand) == CompositionState.DECOMPOSING:
        _unwire(errand)
    return closed(errand, otherwise=NodeOutcome.UNDONE)


def _release(errand: Errand) -> NodeResult:
    errand.books.settle(changes=Changes(at=errand.clock(), moves=(CompositionState.DECOMPOSING,), may_stay=True))
    if _state(errand) == CompositionState.DECOMPOSING:
        _unwire(errand)
    return closed(errand, otherwise=NodeOutcome.RELEASED)


def _wire(errand: Errand) -> None:
    """Ends at the first step that is not done; its outcome has moved the composition. Raises NotReady."""
    if not TAKING & kinds_of(errand):
        making.require_ready(errand)
    done = kinds_of(errand, StepState.DONE)
    for kind in plan_compose(target=errand.target, capabilities=errand.capabilities, done=done):
        outcome = _run(errand, kind)
        if outcome.is_waiting:
            raise NotReady(outcome.message)
        if not outcome.is_done:
            return


def _unwire(errand: Errand) -> None:
    _close_open_intents(errand)
    begun, done = kinds_of(errand), kinds_of(errand, StepState.DONE)
    plan = plan_release(
        target=errand.target,
        capabilities=errand.capabilities,
        begun=begun,
        done=done,
        drains=(errand.run.drain_seconds > 0 and not errand.is_undo) or open_intent(errand, StepKind.DRAIN) is not None,
    )
    for kind in plan:
        if kind == StepKind.DECOMPOSE:
            _insist(errand, kind, lambda: True)
        elif kind == StepKind.CLEAN:
            _insist(errand, kind, lambda: bool(unmaking.to_clean(errand)))
        else:
            _run(errand, kind)
    if not plan:
        errand.books.settle(changes=Changes(at=errand.clock(), moves=(CompositionState.CLOSED,)))


def _insist(errand: Errand, kind: StepKind, is_needed: Callable[[], bool]) -> None:
    """Some tries, counted over all runs; what is still not done then is for the last proof to judge."""
    while is_needed() and _failures(errand, kind) < TRIES_MAX:
        if _run(errand, kind).is_done:
            return
        errand.wait(PAUSE_SECONDS)


def _run(errand: Errand, kind: StepKind) -> Outcome:
    before, perform = ACTS[kind]
    with turn(errand, kind, only_in=states_for(kind)):
        step = begin(errand, kind, codes=_codes(errand, kind), changes=before(errand))
        outcome = perform(errand, step)
        finish(errand, step, outcome)
    return outcome


def _codes(errand: Errand, kind: StepKind) -> Sequence[str]:
    """The blocks a step acts on."""
    if kind == StepKind.CLEAN:
        return unmaking.to_clean(errand)
    return tuple(errand.target.settings) if kind == StepKind.CONFIGURE else errand.target.blocks


def _close_open_intents(errand: Errand) -> None:
    """What a run that died left open is settled by read-back before it is taken apart: no attachment is missed."""
    for kind in DO_ORDER:
        if (left := open_intent(errand, kind)) is None:
            continue
        step = take_over(errand, left, only_in=LIVE_COMPOSITIONS)
        changes = Changes(at=errand.clock())
        outcome = Outcome(is_done=False, message="Not finished before its end was asked for.", changes=changes)
        if kind == StepKind.COMPOSE:
            outcome = making.composed(errand, lines=(), error="", message=outcome.message)
        finish(errand, step, replace(outcome, changes=replace(outcome.changes, moves=())))


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


def _state(errand: Errand) -> CompositionState:
    return errand.books.standing()[0]


def _failures(errand: Errand, kind: StepKind) -> int:
    steps = errand.books.steps()
    return sum((step.kind, step.round, step.state) == (kind, errand.round, StepState.NOT_DONE) for step in steps)


def _nothing(errand: Errand) -> Changes:
    """Most intents imply no other change."""
    return Changes(at=errand.clock())


ACTS: dict[StepKind, tuple[Before, Perform]] = {
    StepKind.INSPECT: (_nothing, making.inspect),
    StepKind.QUIESCE: (making.before_touching, making.quiesce),
    StepKind.CONFIGURE: (making.before_configure, making.configure),
    StepKind.COMPOSE: (making.before_compose, making.compose),
    StepKind.PROVE: (_nothing, making.prove),
    StepKind.GRANT: (_nothing, making.grant),
    StepKind.DRAIN: (_nothing, draining.drain),
    StepKind.REVOKE: (_nothing, unmaking.revoke),
    StepKind.DECOMPOSE: (unmaking.before_decompose, unmaking.decompose),
    StepKind.CLEAN: (_nothing, unmaking.clean),
    StepKind.PROVE_GONE: (_nothing, unmaking.prove_gone),
}
