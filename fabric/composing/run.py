"""The executor: runs the planned steps of one node, each behind a committed intent. It makes no choices. Pure.

`nodes` are its doors on the rows of the database.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from fabric.composing import draining, making, unmaking
from fabric.composing.acting import Before, Perform, act, ended, failures_of, insist, nothing, state_of
from fabric.composing.books import OPEN, Changes, NotReady, Turned
from fabric.composing.errand import Errand, Run, errand_for, read_again
from fabric.composing.intent import COMPOSABLE, Outcome, finish, open_intent, take_over
from fabric.composing.plan import plan_compose, plan_release
from fabric.composing.reporting import closed, composed, kinds_of
from fabric.composing.results import NodeOutcome, NodeResult
from fabric.composing.steps import DO_ORDER
from fabric.states import LIVE_COMPOSITIONS, CompositionState, StepKind, StepState

__all__ = ["NodeOutcome", "NodeResult", "Run", "compose", "release"]

INSISTENT = frozenset({StepKind.DECOMPOSE, StepKind.CLEAN})  # tried again and again
ATTACHING = frozenset({StepKind.COMPOSE, StepKind.RESIZE})  # what the fabric shows of these may be an attachment
UNFINISHED = "Not finished before its end was asked for."
TAKING = frozenset({StepKind.CONFIGURE, StepKind.COMPOSE})  # the first of these takes host and blocks


def compose(run: Run) -> NodeResult:
    """Make the fabric show exactly the target, or take back everything that was done.

    Ends as composed, not_ready, undone, quarantined, superseded or unknown. Safe to run again after a kill at any
    point, with a new attempt and fence: what an earlier run left open is read back and finished or undone.
    """
    return ended(errand_for(run=run, is_undo=True), _compose)


def release(run: Run) -> NodeResult:
    """Take the node apart, however far it had come, and prove every block free.

    Ends as released, quarantined, superseded or unknown.
    """
    return ended(errand_for(run=run, is_undo=False), _release)


def _compose(errand: Errand) -> NodeResult:
    if state_of(errand) in COMPOSABLE:
        with suppress(Turned):  # somebody asked for its end: it is taken apart below
            _wire(errand)
    if state_of(errand) == CompositionState.COMPOSED:
        return composed(errand)
    if state_of(errand) == CompositionState.DECOMPOSING:
        _unwire(errand)
    return _closed(errand, otherwise=NodeOutcome.UNDONE)


def _release(errand: Errand) -> NodeResult:
    errand.books.settle(changes=Changes(at=errand.clock(), moves=(CompositionState.DECOMPOSING,), may_stay=True))
    if state_of(errand) == CompositionState.DECOMPOSING:
        _unwire(errand)
    return _closed(errand, otherwise=NodeOutcome.RELEASED)


def _closed(errand: Errand, *, otherwise: NodeOutcome) -> NodeResult:
    """A run that died may have had a turn and not yet an intent."""
    errand.books.return_turn()
    return closed(errand, otherwise=otherwise)


def _wire(errand: Errand) -> None:
    """Ends at the first step that is not done; its outcome has moved the composition. Raises NotReady."""
    if not TAKING & kinds_of(errand):
        making.require_ready(errand)
    done = kinds_of(errand, StepState.DONE)
    for kind in plan_compose(target=errand.target, capabilities=errand.capabilities, done=done):
        outcome = _run(errand, kind)
        if outcome.exchanged:
            errand = read_again(errand)
        if outcome.is_waiting:
            raise NotReady(outcome.message)
        if not outcome.is_done:
            return


def _unwire(errand: Errand) -> None:
    _close_open_intents(errand)
    errand = read_again(errand)
    begun, done = kinds_of(errand), kinds_of(errand, StepState.DONE)
    plan = plan_release(
        target=errand.target,
        capabilities=errand.capabilities,
        begun=begun,
        done=done,
        drains=(errand.run.drain_seconds > 0 and not errand.is_undo) or open_intent(errand, StepKind.DRAIN) is not None,
    )
    for kind in plan:
        if kind in INSISTENT:
            insist(
                errand,
                partial(_run, errand, kind),
                failures=partial(failures_of, errand, kind),
                while_=partial(_is_needed, errand, kind),
            )
        else:
            _run(errand, kind)
    if not plan:
        errand.books.settle(changes=Changes(at=errand.clock(), moves=(CompositionState.CLOSED,)))


def _is_needed(errand: Errand, kind: StepKind) -> bool:
    return kind != StepKind.CLEAN or bool(unmaking.to_clean(errand))


def _run(errand: Errand, kind: StepKind) -> Outcome:
    before, perform = ACTS[kind]
    return act(errand, kind, before=before, perform=perform, codes=_codes(errand, kind))


def _codes(errand: Errand, kind: StepKind) -> Sequence[str]:
    """The blocks a step acts on."""
    if kind == StepKind.CLEAN:
        return unmaking.to_clean(errand)
    return tuple(errand.target.settings) if kind == StepKind.CONFIGURE else errand.target.blocks


def _close_open_intents(errand: Errand) -> None:
    """What a run that died left open is settled by read-back before it is taken apart: no attachment is missed."""
    for left in errand.books.steps():
        if left.state not in OPEN or (left.round == errand.round and left.kind not in DO_ORDER):
            continue
        step = take_over(errand, left, only_in=LIVE_COMPOSITIONS)
        outcome = Outcome(is_done=False, message=UNFINISHED, changes=Changes(at=errand.clock()))
        if left.kind in ATTACHING:
            outcome = making.composed(errand, lines=(), error="", message=UNFINISHED)
        finish(errand, step, replace(outcome, changes=replace(outcome.changes, moves=())))


ACTS: Mapping[StepKind, tuple[Before, Perform]] = {
    StepKind.INSPECT: (nothing, making.inspect),
    StepKind.QUIESCE: (making.before_touching, making.quiesce),
    StepKind.CONFIGURE: (making.before_configure, making.configure),
    StepKind.COMPOSE: (making.before_compose, making.compose),
    StepKind.PROVE: (nothing, making.prove),
    StepKind.GRANT: (nothing, making.grant),
    StepKind.DRAIN: (nothing, draining.drain),
    StepKind.REVOKE: (nothing, unmaking.revoke),
    StepKind.DECOMPOSE: (unmaking.before_decompose, unmaking.decompose),
    StepKind.CLEAN: (nothing, unmaking.clean),
    StepKind.PROVE_GONE: (nothing, unmaking.prove_gone),
}
