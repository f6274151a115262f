"""How one node was wired, attempt by attempt and step by step: what came of each, and how long it took.

An attempt has phases: it is wired, perhaps changed in use, and taken apart, with hours between them. A bar shows a step
within its phase.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fabric.states import STEP_WORDS, CompositionState, StepKind, StepState
from portal.web.present.states import COMPOSITION_PILLS, STEP_PILLS, Pill
from portal.web.present.words import NBSP, duration
from scheduler.queries.reservation_detail import CompositionDetail, StepDetail

SPAN = 1_000  # units of a bar's width: the whole phase
_C = CompositionState
_MOVING = frozenset({_C.OPENED, _C.COMPOSING, _C.RESIZING, _C.DECOMPOSING})
_TAKING_APART = frozenset({StepKind.DRAIN, StepKind.REVOKE, StepKind.DECOMPOSE, StepKind.CLEAN, StepKind.PROVE_GONE})
JUST_NOW = timedelta(minutes=5)  # for so long what was done to a node is shown unasked
Phase = tuple[int, bool]  # round, and whether it is taken apart
BAR_MIN = 8  # of them, so that the shortest step can be seen
TENTHS_SECONDS_MAX = 60  # what takes longer is told to the second


@dataclass(frozen=True, slots=True)
class OutcomeView:
    block: str
    words: str
    is_bad: bool


@dataclass(frozen=True, slots=True)
class StepView:
    """`x` and `width` place its bar within its phase. `running_since` is of one that is not over yet."""

    name: str
    change: str  # `change 1` of a node in use; "" of its first wiring
    is_undo: bool
    pill: Pill
    message: str
    started_at: datetime | None
    took: str
    running_since: datetime | None
    x: int
    width: int
    outcomes: tuple[OutcomeView, ...]


@dataclass(frozen=True, slots=True)
class TryView:
    """One attempt at wiring the node; earlier ones were undone. `took` says how long each phase lasted."""

    id: str
    title: str
    pill: Pill
    reason: str  # unless one of its steps says the same
    took: str
    is_open: bool
    steps: tuple[StepView, ...]


def try_view(composition: CompositionDetail, *, is_last: bool, now: datetime) -> TryView:
    is_told = any(step.message == composition.state_reason for step in composition.steps)
    spans = _spans(composition.steps, now)
    return TryView(
        id=f"try-n{composition.node + 1}-g{composition.generation}",
        title=name_of(composition) + ("" if is_last else ", undone"),
        pill=COMPOSITION_PILLS[composition.state],
        reason="" if is_told else composition.state_reason,
        took=", ".join(f"{_phase_words(phase)} {took_words(end - begin)}" for phase, (begin, end) in spans.items()),
        is_open=is_last and (composition.state in _MOVING or _is_recent(spans.values(), now)),
        steps=tuple(_step(step, spans.get(_phase(step)), now) for step in composition.steps),
    )


def _is_recent(spans: Iterable[tuple[datetime, datetime]], now: datetime) -> bool:
    return any(now - end < JUST_NOW for _, end in spans)


def undone(compositions: Iterable[CompositionDetail]) -> tuple[str, ...]:
    """What was taken back, a sentence a step, an attempt a line."""
    told = []
    for composition in compositions:
        sentences = [_sentence(step) for step in composition.steps if step.is_undo]
        if sentences:
            told.append(f"{name_of(composition)}: {' '.join(sentences)}")
    return tuple(told)


def name_of(composition: CompositionDetail) -> str:
    return f"Attempt {composition.generation} on {composition.host}"


def took_words(length: timedelta) -> str:
    seconds = length.total_seconds()
    return f"{seconds:.1f}{NBSP}s" if seconds < TENTHS_SECONDS_MAX else duration(length)


def _phase(step: StepDetail) -> Phase:
    """What is undone belongs to the wiring that failed."""
    return step.round, StepKind(step.kind) in _TAKING_APART and not step.is_undo


def _phase_words(phase: Phase) -> str:
    number, is_taken_apart = phase
    if is_taken_apart:
        return "taken apart in"
    return f"change {number} in" if number else "wired in"


def _spans(steps: Iterable[StepDetail], now: datetime) -> dict[Phase, tuple[datetime, datetime]]:
    """From the first step of each phase that has begun to its last; what runs goes on until now."""
    spans: dict[Phase, tuple[datetime, datetime]] = {}
    for step in steps:
        if step.started_at is not None:
            end = max(step.finished_at or now, step.started_at)
            before = spans.get(_phase(step), (step.started_at, end))
            spans[_phase(step)] = min(before[0], step.started_at), max(before[1], end)
    return spans


def _step(step: StepDetail, span: tuple[datetime, datetime] | None, now: datetime) -> StepView:
    is_running = step.state == StepState.STARTED and step.started_at is not None
    finished_at = now if is_running else step.finished_at
    x, width = _bar(step.started_at, finished_at, *span) if span else (0, 0)
    has_both = step.started_at is not None and finished_at is not None
    return StepView(
        name=STEP_WORDS[StepKind(step.kind)],
        change=f"change {step.round}" if step.round else "",
        is_undo=step.is_undo,
        pill=STEP_PILLS[step.state],
        message=step.message,
        started_at=step.started_at,
        took=took_words(finished_at - step.started_at) if has_both else "",  # type: ignore[operator]
        running_since=step.started_at if is_running else None,
        x=x,
        width=width,
        outcomes=tuple(_outcome(line) for line in step.lines),
    )


def _bar(started_at: datetime | None, finished_at: datetime | None, begin: datetime, end: datetime) -> tuple[int, int]:
    if started_at is None or finished_at is None or end <= begin:
        return 0, 0
    x = round((started_at - begin) / (end - begin) * SPAN)
    width = max(BAR_MIN, round((finished_at - started_at) / (end - begin) * SPAN))
    return min(x, SPAN - width), width


def _sentence(step: StepDetail) -> str:
    return step.message or f"{STEP_WORDS[StepKind(step.kind)]}: {STEP_PILLS[step.state].label.lower()}."


def _outcome(line: Mapping[str, Any]) -> OutcomeView:
    seconds = line.get("seconds")
    parts = [str(line["outcome"]).replace("_", " ")]
    if seconds:
        parts.append(f"{seconds:.1f} s")
    if line.get("reason"):
        parts.append(str(line["reason"]))
    return OutcomeView(block=str(line["block"]), words=", ".join(parts), is_bad=line["outcome"] != "done")
