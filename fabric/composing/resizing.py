"""A change of a node in use: what is added comes and is proven before anything is taken away. Pure.

An addition that fails is taken back, and the node stays as it was. Both ways are written down step by step, so that a
run which dies is continued from there, on the way forth or on the way back.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from fabric.composing import changing, making, readback, unmaking
from fabric.composing.acting import Before, Perform, act, ended, insist, nothing, state_of
from fabric.composing.books import Changes, NotReady, Resizing, Turned
from fabric.composing.errand import Errand, Run, errand_for, scoped
from fabric.composing.intent import CHANGEABLE, Outcome
from fabric.composing.results import NodeResult
from fabric.composing.rounds import (
    ENDS,
    added,
    arrived,
    has_failed,
    is_done,
    is_open,
    removals,
    result_of,
    steps_of,
    taken_away,
)
from fabric.states import CompositionState, ResizeState, StepKind, StepState

NOT_OFFERED = "Its fabric changes no node that is in use."


def resize(run: Run) -> NodeResult:
    """Carry out the resize that the books hold, or leave the node as it was.

    Ends as resized, not_resized, quarantined (it was changed, and what it gave back is not proven free), not_ready,
    superseded or unknown. Safe to run again after a kill at any point, as `run.compose` is.
    """
    return ended(errand_for(run=run, is_undo=False), _resize)


def _resize(errand: Errand) -> NodeResult:
    wish = errand.books.resizing()
    if wish is None:
        raise ValueError("The books hold no resize.")
    errand = replace(errand, round=wish.round)
    reason = ""
    if wish.state == ResizeState.OPEN:
        reason = _hindrance(errand)
        if reason:
            errand.books.settle(changes=Changes(at=errand.clock(), resize=ResizeState.UNDONE))
        else:
            reason = _change(errand, wish)
    return result_of(errand, reason)


def _hindrance(errand: Errand) -> str:
    if state_of(errand) not in CHANGEABLE:
        return ENDS
    return "" if errand.capabilities.can_resize else NOT_OFFERED


def _change(errand: Errand, wish: Resizing) -> str:
    """Forth, and back if it must be. Its end beats it: then whoever takes the node apart settles what is open."""
    try:
        if not has_failed(errand, wish):
            _forth(errand, wish)
        if not is_open(errand):
            return ""
        if has_failed(errand, wish):
            _back(errand, wish)
        else:
            _give_back(errand, wish)
    except Turned:
        if state_of(errand) in CHANGEABLE:
            raise
        errand.books.settle(changes=Changes(at=errand.clock(), resize=ResizeState.UNDONE))
        return ENDS
    return ""


def _forth(errand: Errand, wish: Resizing) -> None:
    """Ends at the first step that is not done. Raises NotReady."""
    if wish.adds and not _add(errand, wish):
        return
    if wish.removes and not _remove(errand, wish):
        return
    if not steps_of(errand, StepKind.GRANT, StepState.DONE):
        node = errand.books.node()
        left = [code for code in node.blocks if code not in taken_away(errand, wish)]
        _run(scoped(errand, left, node.settings), StepKind.GRANT, nothing, changing.grant)


def _add(errand: Errand, wish: Resizing) -> bool:
    takes, only_begins = changing.before_adding, changing.before_changing
    acts: list[tuple[StepKind, Before, Perform]] = [
        (StepKind.INSPECT, nothing, changing.inspect),
        (StepKind.CONFIGURE, takes, changing.configure),
        (StepKind.RESIZE, only_begins if wish.settings else takes, changing.add),
        (StepKind.PROVE, nothing, changing.prove),
    ]
    for kind, before, perform in acts:
        if (kind == StepKind.CONFIGURE and not wish.settings) or is_done(errand, wish, kind):
            continue
        new = scoped(errand, added(errand, wish), wish.settings)
        if kind == StepKind.INSPECT:
            making.require_free_blocks(new)
        codes = tuple(new.target.settings) if kind == StepKind.CONFIGURE else new.target.blocks
        outcome = _run(new, kind, before, perform, codes=codes)
        if outcome.is_waiting:
            raise NotReady(outcome.message)
        if not outcome.is_done:
            return False
    return True


def _remove(errand: Errand, wish: Resizing) -> bool:
    """Whether anything is gone: what does not let go after some tries stays the node's."""
    old = scoped(errand, wish.removes, {})
    is_idle = errand.run.drain_seconds <= 0 or bool(steps_of(errand, StepKind.DRAIN, StepState.DONE))
    if not is_idle and not _run(old, StepKind.DRAIN, changing.before_changing, changing.drain).is_done:
        return False
    insist(
        errand,
        lambda: _run(old, StepKind.RESIZE, changing.before_changing, changing.remove, codes=_held(old)),
        failures=lambda: len(removals(errand, wish, StepState.NOT_DONE)),
        while_=lambda: not removals(errand, wish, StepState.DONE),
    )
    return bool(taken_away(errand, wish))


def _give_back(errand: Errand, wish: Resizing) -> None:
    """What was taken away is cleaned and proven, which ends the change."""
    gone = taken_away(errand, wish)
    if gone:
        _clean_and_prove(scoped(errand, gone, {}), ResizeState.DONE)
    else:
        _close(errand, ResizeState.DONE)


def _back(errand: Errand, wish: Resizing) -> None:
    """Take the addition back, however far it had come."""
    came = arrived(errand, wish)
    if not came:
        _close(errand, ResizeState.UNDONE)
        return
    undo = replace(scoped(errand, came, wish.settings), is_undo=True)
    insist(
        errand,
        lambda: _run(undo, StepKind.RESIZE, changing.before_taking_back, changing.remove, codes=_held(undo)),
        failures=lambda: len(steps_of(errand, StepKind.RESIZE, StepState.NOT_DONE, is_undo=True)),
        while_=lambda: not steps_of(errand, StepKind.RESIZE, StepState.DONE, is_undo=True),
    )
    _clean_and_prove(undo, ResizeState.UNDONE)


def _clean_and_prove(errand: Errand, closes_as: ResizeState) -> None:
    insist(
        errand,
        lambda: _run(errand, StepKind.CLEAN, nothing, unmaking.clean, codes=unmaking.to_clean(errand)),
        failures=lambda: len(steps_of(errand, StepKind.CLEAN, StepState.NOT_DONE)),
        while_=lambda: bool(unmaking.to_clean(errand)),
    )
    _run(errand, StepKind.PROVE_GONE, nothing, partial(changing.prove_gone, closes_as=closes_as))


def _close(errand: Errand, state: ResizeState) -> None:
    """Without anything given back."""
    moves = (CompositionState.COMPOSED,) if state_of(errand) == CompositionState.RESIZING else ()
    errand.books.settle(changes=Changes(at=errand.clock(), resize=state, moves=moves))


def _run(
    errand: Errand, kind: StepKind, before: Before, perform: Perform, *, codes: Sequence[str] | None = None
) -> Outcome:
    acts_on = errand.target.blocks if codes is None else codes
    return act(errand, kind, before=before, perform=perform, codes=acts_on)


def _held(errand: Errand) -> Sequence[str]:
    """What the fabric shows of them, which it can be asked to take away."""
    return sorted(readback.held(errand, readback.look(errand)))
