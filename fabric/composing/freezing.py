"""When the fabric contradicts itself: freeze what is concerned, tell, repair nothing. Pure."""

from dataclasses import replace

from fabric.composing.books import OPEN, Changes, Step
from fabric.composing.errand import Errand
from fabric.composing.intent import MESSAGE_CHARS_MAX
from fabric.states import CompositionState, StepState

BROKEN = "ContractBroken"  # `Step.error` of a frozen composition's last step


def freeze(errand: Errand, reason: str) -> None:
    """Quarantine host and blocks and close the composition; attachments stay open, since nobody knows."""
    now = errand.clock()
    abandoned = [_abandoned(errand, step, reason) for step in errand.books.steps() if step.state in OPEN]
    changes = Changes(
        at=now,
        quarantined=dict.fromkeys(errand.books.node().blocks, reason),
        host_quarantined=reason,
        moves=(CompositionState.DECOMPOSING, CompositionState.CLOSED),
        may_stay=True,
        reason=reason[:MESSAGE_CHARS_MAX],
    )
    errand.books.settle(*abandoned, changes=changes)


def _abandoned(errand: Errand, step: Step, reason: str) -> Step:
    return replace(
        step,
        state=StepState.NOT_DONE,
        error=BROKEN,
        message=reason[:MESSAGE_CHARS_MAX],
        finished_at=errand.clock(),
    )
