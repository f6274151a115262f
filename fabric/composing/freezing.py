"""When the fabric contradicts itself: freeze what is concerned, tell, repair nothing."""

from fabric.composing import readback
from fabric.composing.errand import Errand, writing
from fabric.composing.intent import OPEN, move
from fabric.models import CompositionStep
from fabric.states import CompositionState, StepState

BROKEN = "ContractBroken"  # `CompositionStep.error` of a frozen composition's last step


def freeze(errand: Errand, reason: str) -> None:
    """Quarantine host and blocks and close the composition; attachments stay open, since nobody knows."""
    with writing(errand, may_quarantine=True) as composition:
        for step in composition.steps.filter(state__in=OPEN):
            _abandon(errand, step, reason)
        readback.quarantine(errand, dict.fromkeys(errand.target.blocks, reason))
        readback.quarantine_host(errand, reason)
        if composition.state in (CompositionState.COMPOSING, CompositionState.COMPOSED):
            move(errand, composition, to=CompositionState.DECOMPOSING, reason=reason)
        if composition.state != CompositionState.CLOSED:
            move(errand, composition, to=CompositionState.CLOSED, reason=reason)


def _abandon(errand: Errand, step: CompositionStep, reason: str) -> None:
    step.state, step.error, step.message = StepState.NOT_DONE, BROKEN, reason[:500]
    step.attempt, step.fence, step.finished_at = errand.attempt, errand.fence, errand.clock()
    step.save(update_fields=["state", "error", "message", "attempt", "fence", "finished_at"])
    errand.on_step(step)
