"""How one node was wired, attempt by attempt and step by step: what came of each, and how long it took."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fabric.states import STEP_WORDS, StepKind, StepState
from portal.web.present.states import COMPOSITION_PILLS, STEP_PILLS, Pill
from portal.web.present.words import NBSP, duration
from scheduler.queries.reservation_detail import CompositionDetail, StepDetail

SPAN = 1_000  # units of a bar's width: the whole attempt
BAR_MIN = 8  # of them, so that the shortest step can be seen
TENTHS_SECONDS_MAX = 60  # what takes longer is told to the second


@dataclass(frozen=True, slots=True)
class OutcomeView:
    block: str
    words: str
    is_bad: bool


@dataclass(frozen=True, slots=True)
class StepView:
    """`x` and `width` place its bar within the attempt. `running_since` is of one that is not over yet."""

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
    """One attempt at wiring the node; earlier ones were undone. `took` is from the first step to the last."""

    id: str
    title: str
    pill: Pill
    reason: str  # unless one of its steps says the same
    took: str
    is_open: bool
    steps: tuple[StepView, ...]


def try_view(composition: CompositionDetail, *, is_last: bool, now: datetime) -> TryView:
    is_told = any(step.message == composition.state_reason for step in composition.steps)
    begin, end = _span(composition.steps, now)
    return TryView(
        id=f"try-n{composition.node + 1}-g{composition.generation}",
        title=name_of(composition) + ("" if is_last else ", undone"),
        pill=COMPOSITION_PILLS[composition.state],
        reason="" if is_told else composition.state_reason,
        took=took_words(end - begin) if composition.steps else "",
        is_open=is_last and COMPOSITION_PILLS[composition.state].tone in ("busy", "wait"),
        steps=tuple(_step(step, begin, end, now) for step in composition.steps),
    )


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


def _span(steps: Iterable[StepDetail], now: datetime) -> tuple[datetime, datetime]:
    begun = [step for step in steps if step.started_at is not None]
    begins = [step.started_at for step in begun if step.started_at is not None]
    ends = [step.finished_at or now for step in begun]
    return (min(begins), max(*ends, *begins)) if begun else (now, now)


def _step(step: StepDetail, begin: datetime, end: datetime, now: datetime) -> StepView:
    is_running = step.state == StepState.STARTED and step.started_at is not None
    finished_at = now if is_running else step.finished_at
    x, width = _bar(step.started_at, finished_at, begin, end)
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
