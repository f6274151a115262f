"""When the fabric contradicts itself: freeze what is concerned, tell, repair nothing. Pure."""

from dataclasses import replace

from fabric.composing.books import OPEN, Changes, Step
from fabric.composing.errand import Errand
from fabric.composing.intent import MESSAGE_CHARS_MAX, begin
from fabric.states import LIVE_COMPOSITIONS, CompositionState, StepKind, StepState

BROKEN = "ContractBroken"  # `Step.error` of a frozen composition's last step


def freeze(errand: Errand, reason: str) -> None:
    """Quarantine host and blocks and close the composition; attachments stay open, since nobody knows."""
    now = errand.clock()
    left_open = [step for step in errand.books.steps() if step.state in OPEN] or _look(errand)
    abandoned = [_abandoned(errand, step, reason) for step in left_open]
    changes = Changes(
        at=now,
        quarantined=dict.fromkeys(errand.books.node().blocks, reason),
        host_quarantined=reason,
        moves=(CompositionState.DECOMPOSING, CompositionState.CLOSED),
        may_stay=True,
        reason=reason[:MESSAGE_CHARS_MAX],
    )
    errand.books.settle(*abandoned, changes=changes)


def _look(errand: Errand) -> list[Step]:
    """A contradiction between two steps is written down as one: by it everybody knows the name for frozen."""
    if errand.books.standing()[0] not in LIVE_COMPOSITIONS:
        return []
    nothing = Changes(at=errand.clock())
    return [begin(errand, StepKind.INSPECT, codes=errand.target.blocks, changes=nothing, only_in=LIVE_COMPOSITIONS)]


def _abandoned(errand: Errand, step: Step, reason: str) -> Step:
    return replace(
        step,
        state=StepState.NOT_DONE,
        error=BROKEN,
        message=reason[:MESSAGE_CHARS_MAX],
        finished_at=errand.clock(),
    )
