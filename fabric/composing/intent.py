"""The intent of a step: written for good before the fabric is touched, its outcome after. Pure."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from fabric.composing.books import OPEN, Changes, Step
from fabric.composing.errand import Errand
from fabric.composing.steps import DO_ORDER
from fabric.drivers.base import BlockLine
from fabric.states import CompositionState, StepKind, StepState

MESSAGE_CHARS_MAX = 500  # width of the columns `message` and `state_reason`
COMPOSABLE = frozenset({CompositionState.OPENED, CompositionState.COMPOSING})
CHANGEABLE = frozenset({CompositionState.COMPOSED, CompositionState.RESIZING})
ENDING = frozenset({CompositionState.DECOMPOSING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a step came to, and what follows from it."""

    is_done: bool
    changes: Changes
    lines: Sequence[BlockLine] = ()
    error: str = ""
    message: str = ""
    is_waiting: bool = False  # not a failure: the step cannot begin yet
    exchanged: Mapping[str, str] = field(default_factory=dict)


def begin(
    errand: Errand,
    kind: StepKind,
    *,
    codes: Sequence[str],
    changes: Changes,
    only_in: Set[CompositionState] | None = None,
) -> Step:
    """Write the intent; an open intent of the same kind, of a run that died, is taken over as it is.

    `changes` are what the intent implies; they are written once, with a new intent. Raises Turned when the composition
    is not in a state this step belongs to, or in `only_in`.
    """
    states = states_for(errand, kind) if only_in is None else only_in
    earlier = open_intent(errand, kind)
    if earlier is not None:
        return take_over(errand, earlier, only_in=states)
    step = _new(errand, kind, codes)
    errand.books.begin(step, only_in=states, changes=changes)
    return step


def finish(errand: Errand, step: Step, outcome: Outcome) -> None:
    """Write the outcome with everything that follows from it."""
    message = outcome.message[:MESSAGE_CHARS_MAX]
    closed = replace(
        step,
        lines=tuple(outcome.lines),
        error=outcome.error,
        message=message,
        state=StepState.DONE if outcome.is_done else StepState.NOT_DONE,
        exchanged=outcome.exchanged,
        finished_at=errand.clock(),
    )
    changes = outcome.changes if outcome.is_done else replace(outcome.changes, reason=outcome.changes.reason or message)
    errand.books.settle(closed, changes=changes)


def open_intent(errand: Errand, kind: StepKind) -> Step | None:
    """An intent that a run which died has left open."""
    steps = errand.books.steps()
    return next((step for step in steps if step.state in OPEN and _is_of(errand, step, kind)), None)


def take_over(errand: Errand, step: Step, *, only_in: Set[CompositionState]) -> Step:
    run = errand.run
    mine = replace(step, attempt=run.attempt, fence=run.fence, request_id=run.request_id)
    errand.books.take_over(mine, only_in=only_in)
    return mine


def show_progress(errand: Errand, step: Step, lines: Sequence[BlockLine]) -> Step:
    """Blocks that have settled while the others are still under way."""
    if len(lines) == len(step.lines):
        return step
    shown = replace(step, lines=tuple(lines))
    errand.books.amend(shown)
    return shown


def show_unknown(errand: Errand, step: Step, message: str) -> Step:
    """A reply was lost: what became of it is being read."""
    if step.state == StepState.UNKNOWN:
        return step
    shown = replace(step, state=StepState.UNKNOWN, error="Unknown", message=message[:MESSAGE_CHARS_MAX])
    errand.books.amend(shown)
    return shown


def states_for(errand: Errand, kind: StepKind) -> Set[CompositionState]:
    """The states of a composition in which such a step may begin."""
    if errand.round:
        return CHANGEABLE
    return COMPOSABLE if kind in DO_ORDER else ENDING


def _is_of(errand: Errand, step: Step, kind: StepKind) -> bool:
    return step.kind == kind and step.round == errand.round


def _new(errand: Errand, kind: StepKind, codes: Sequence[str]) -> Step:
    """The key is the tag and the step, so that a repeated call is the same operation; a further try has a number."""
    steps, run = errand.books.steps(), errand.run
    tries = sum(_is_of(errand, step, kind) for step in steps) + 1
    return Step(
        position=steps[-1].position + 1 if steps else 0,
        round=errand.round,
        kind=kind,
        is_undo=errand.is_undo and kind not in DO_ORDER,
        state=StepState.STARTED,
        op_key=f"{errand.target.tag}/{kind}{f'.r{errand.round}' * bool(errand.round)}{f'.{tries}' * (tries > 1)}",
        attempt=run.attempt,
        fence=run.fence,
        host=errand.target.host,
        blocks=tuple(codes),
        request_id=run.request_id,
        started_at=run.clock(),
    )
