"""What the books say of one change of a node in use: every run reads the same and decides the same. Pure."""

from collections.abc import Iterable

from fabric.composing.acting import TRIES_MAX
from fabric.composing.books import Resizing, Step
from fabric.composing.errand import Errand
from fabric.composing.reporting import exchanges
from fabric.composing.results import NodeOutcome, NodeResult
from fabric.drivers.base import BlockOutcome
from fabric.states import ResizeState, StepKind, StepState

ADDING = (StepKind.CONFIGURE, StepKind.RESIZE, StepKind.PROVE)  # a failure of one of these concerns what was added
ENDS = "The node is being taken apart."


def steps_of(errand: Errand, kind: StepKind, state: StepState, *, is_undo: bool | None = None) -> list[Step]:
    """Of this round."""
    return [
        step
        for step in errand.books.steps()
        if (step.round, step.kind, step.state) == (errand.round, kind, state) and is_undo in (None, step.is_undo)
    ]


def removals(errand: Errand, wish: Resizing, state: StepState) -> list[Step]:
    """The steps that take away what is to go."""
    steps = steps_of(errand, StepKind.RESIZE, state, is_undo=False)
    return [step for step in steps if not _is_addition(wish, step)]


def is_done(errand: Errand, wish: Resizing, kind: StepKind) -> bool:
    """Of a step that adds."""
    steps = steps_of(errand, kind, StepState.DONE, is_undo=False)
    return any(kind != StepKind.RESIZE or _is_addition(wish, step) for step in steps)


def has_failed(errand: Errand, wish: Resizing) -> bool:
    """Whether there is only the way back."""
    is_idle = not steps_of(errand, StepKind.DRAIN, StepState.NOT_DONE)
    is_stuck = len(removals(errand, wish, StepState.NOT_DONE)) >= TRIES_MAX and not taken_away(errand, wish)
    return bool(_failed_additions(errand, wish)) or not is_idle or is_stuck


def taken_away(errand: Errand, wish: Resizing) -> tuple[str, ...]:
    """By the read-back of each try."""
    closed = [*removals(errand, wish, StepState.DONE), *removals(errand, wish, StepState.NOT_DONE)]
    return tuple(sorted({line.block for step in closed for line in step.lines if line.outcome == BlockOutcome.DONE}))


def added(errand: Errand, wish: Resizing) -> tuple[str, ...]:
    """What came for what was asked, where the fabric picks devices itself."""
    exchanged = exchanges(errand)
    return tuple(sorted(exchanged.get(code, code) for code in wish.adds))


def arrived(errand: Errand, wish: Resizing) -> tuple[str, ...]:
    """All that has to be taken back: what was asked for and may be there, and what else came."""
    steps = [step for step in errand.books.steps() if step.round == errand.round and _is_addition(wish, step)]
    came = {line.block for step in steps if step.kind == StepKind.RESIZE for line in step.lines}
    return tuple(sorted({*added(errand, wish), *came}))


def is_open(errand: Errand) -> bool:
    wish = errand.books.resizing()
    return wish is not None and wish.state == ResizeState.OPEN


def result_of(errand: Errand, reason: str) -> NodeResult:
    """`reason` is one that left no trace in the books."""
    wish = errand.books.resizing()
    assert wish is not None, "a resize is never deleted"
    if wish.state == ResizeState.DONE:
        return _done(errand, wish)
    failed = [step for step in _failed(errand) if not step.is_undo]
    refused = [*steps_of(errand, StepKind.INSPECT, StepState.NOT_DONE), *_failed_additions(errand, wish)]
    return NodeResult(
        outcome=NodeOutcome.NOT_RESIZED,
        reason=reason or (failed[-1].message if failed else ENDS),
        failed_blocks=_not_done(refused),
    )


def _done(errand: Errand, wish: Resizing) -> NodeResult:
    """Of what was taken away something may be unproven, and something may not have let go."""
    unproven = steps_of(errand, StepKind.PROVE_GONE, StepState.NOT_DONE)
    stuck = removals(errand, wish, StepState.NOT_DONE)[-1:] if len(taken_away(errand, wish)) < len(wish.removes) else []
    return NodeResult(
        outcome=NodeOutcome.QUARANTINED if unproven else NodeOutcome.RESIZED,
        reason=" ".join(step.message for step in [*stuck, *unproven]),
        failed_blocks=_not_done(unproven),
        exchanged=exchanges(errand),
    )


def _failed(errand: Errand) -> list[Step]:
    steps = errand.books.steps()
    return [step for step in steps if (step.round, step.state) == (errand.round, StepState.NOT_DONE)]


def _failed_additions(errand: Errand, wish: Resizing) -> list[Step]:
    return [
        step
        for step in _failed(errand)
        if step.kind in ADDING and not step.is_undo and (step.kind != StepKind.RESIZE or _is_addition(wish, step))
    ]


def _is_addition(wish: Resizing, step: Step) -> bool:
    return bool(wish.adds) and step.blocks == wish.adds


def _not_done(steps: Iterable[Step]) -> tuple[str, ...]:
    return tuple(sorted({line.block for step in steps for line in step.lines if line.outcome != BlockOutcome.DONE}))
