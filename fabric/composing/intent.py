"""The intent row of a step: committed before the fabric is touched, its outcome after. Nothing else writes them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Max

from fabric.composing.errand import Errand, Superseded, Turned, writing
from fabric.composing.steps import DO_ORDER
from fabric.drivers.base import BlockLine
from fabric.models import Composition, CompositionStep
from fabric.states import COMPOSITION_TRANSITIONS, CompositionState, StepKind, StepState

OPEN = (StepState.STARTED, StepState.UNKNOWN)
MESSAGE_CHARS_MAX = 500  # width of the columns `message` and `state_reason`
COMPOSABLE = frozenset({CompositionState.OPENED, CompositionState.COMPOSING})


def nothing_more() -> None:
    """For a step that changes no other row."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a step came to. `settle` changes the other rows it concerns, in the transaction of its own."""

    is_done: bool
    lines: Sequence[BlockLine] = ()
    error: str = ""
    message: str = ""
    settle: Callable[[], None] = nothing_more
    may_quarantine: bool = False
    moves_to: CompositionState | None = None  # what the composition becomes with it
    is_waiting: bool = False  # not a failure: the step cannot begin yet


def begin(
    errand: Errand, kind: StepKind, *, codes: Sequence[str], before: Callable[[Composition], None]
) -> CompositionStep:
    """Write the intent and commit it; an open intent of the same kind, of a run that died, is taken over as it is.

    `before` moves the states that the intent implies; it runs once for a new intent. Raises Turned when the composition
    is not in a state this step belongs to.
    """
    with writing(errand) as composition:
        is_doing = kind in DO_ORDER
        if (composition.state in COMPOSABLE) != is_doing or composition.state == CompositionState.CLOSED:
            raise Turned
        step = composition.steps.filter(kind=kind, state__in=OPEN).first()
        if step is None:
            step = _new(errand, composition, kind, codes)
            before(composition)
        else:
            _take_over(errand, step)
        errand.on_step(step)
    return step


def finish(errand: Errand, step: CompositionStep, outcome: Outcome) -> None:
    """Write the outcome with everything that follows from it, in one transaction."""
    with writing(errand, may_quarantine=outcome.may_quarantine) as composition:
        step.lines = _wire(outcome.lines)
        step.error, step.message = outcome.error, outcome.message[:MESSAGE_CHARS_MAX]
        step.state = StepState.DONE if outcome.is_done else StepState.NOT_DONE
        step.finished_at = errand.clock()
        _write(errand, step, "lines", "error", "message", "state", "finished_at")
        outcome.settle()
        if outcome.moves_to is not None:
            move(errand, composition, to=outcome.moves_to, reason="" if outcome.is_done else step.message)
        errand.on_step(step)


def take_over(errand: Errand, kind: StepKind) -> CompositionStep | None:
    """An intent left open by a run that died, to be closed by this one; None if there is none."""
    with writing(errand) as composition:
        step = composition.steps.filter(kind=kind, state__in=OPEN).first()
        if step is not None:
            _take_over(errand, step)
    return step


def show_progress(errand: Errand, step: CompositionStep, lines: Sequence[BlockLine]) -> None:
    """Blocks that have settled while the others are still under way."""
    if len(lines) == len(step.lines):
        return
    with writing(errand):
        step.lines = _wire(lines)
        _write(errand, step, "lines")
        errand.on_step(step)


def show_unknown(errand: Errand, step: CompositionStep, message: str) -> None:
    """A reply was lost: what became of it is being read."""
    if step.state == StepState.UNKNOWN:
        return
    with writing(errand):
        step.state, step.error, step.message = StepState.UNKNOWN, "Unknown", message[:MESSAGE_CHARS_MAX]
        _write(errand, step, "state", "error", "message")
        errand.on_step(step)


def move(errand: Errand, composition: Composition, *, to: CompositionState, reason: str = "") -> None:
    """The composition's row is locked by the caller. An earlier reason is kept: the first failure is the cause.

    Raises Turned for a move that is not in the table.
    """
    if to not in COMPOSITION_TRANSITIONS[CompositionState(composition.state)]:
        raise Turned
    composition.state = to
    composition.state_reason = (composition.state_reason or reason)[:MESSAGE_CHARS_MAX]
    if to == CompositionState.COMPOSED:
        composition.composed_at = errand.clock()
    if to == CompositionState.CLOSED:
        composition.closed_at = errand.clock()
    composition.save(update_fields=["state", "state_reason", "composed_at", "closed_at"])


def _new(errand: Errand, composition: Composition, kind: StepKind, codes: Sequence[str]) -> CompositionStep:
    """The key is the tag and the step, so that a repeated call is the same operation; a further try has a number."""
    earlier = composition.steps.filter(kind=kind).count()
    last = composition.steps.aggregate(last=Max("position"))["last"]
    return CompositionStep.objects.create(
        composition=composition,
        position=0 if last is None else last + 1,
        kind=kind,
        is_undo=errand.is_undo and kind not in DO_ORDER,
        state=StepState.STARTED,
        op_key=f"{composition.tag}/{kind}" + (f".{earlier + 1}" if earlier else ""),
        attempt=errand.attempt,
        fence=errand.fence,
        target={"host": errand.target.host, "blocks": list(codes)},
        request_id=errand.request_id,
        started_at=errand.clock(),
    )


def _take_over(errand: Errand, step: CompositionStep) -> None:
    step.attempt, step.fence, step.request_id = errand.attempt, errand.fence, errand.request_id
    step.save(update_fields=["attempt", "fence", "request_id"])


def _write(errand: Errand, step: CompositionStep, *names: str) -> None:
    """Only under our own attempt and fence, and only while nobody has closed it."""
    mine = CompositionStep.objects.filter(id=step.id, attempt=errand.attempt, fence=errand.fence, state__in=OPEN)
    if mine.update(**{name: getattr(step, name) for name in names}) != 1:
        raise Superseded


def _wire(lines: Iterable[BlockLine]) -> list[dict[str, Any]]:
    return [{**asdict(line), "outcome": str(line.outcome)} for line in lines]
