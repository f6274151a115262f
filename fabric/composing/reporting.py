"""What a composition's rows say about how it went: read from them alone, so that asking again gives the same answer."""

from fabric.composing.errand import Errand
from fabric.composing.freezing import BROKEN
from fabric.composing.results import NodeOutcome, NodeResult
from fabric.composing.steps import DO_ORDER
from fabric.drivers.base import BlockOutcome
from fabric.models import Composition
from fabric.states import StepKind, StepState


def kinds_of(errand: Errand, *states: StepState) -> frozenset[StepKind]:
    """The kinds of its steps so far, in any of these states; in any at all without."""
    rows = errand.composition.steps.all()
    rows = rows.filter(state__in=states) if states else rows
    return frozenset(StepKind(kind) for kind in rows.values_list("kind", flat=True))


def closed(errand: Errand, *, otherwise: NodeOutcome) -> NodeResult:
    """How a closed composition ended: quarantined where something was, `otherwise` where all was proven."""
    reason = Composition.objects.values_list("state_reason", flat=True).get(id=errand.composition.id)
    doubts = [
        step
        for step in errand.composition.steps.filter(state=StepState.NOT_DONE).order_by("position")
        if step.kind == StepKind.PROVE_GONE or (step.kind == StepKind.INSPECT and step.lines) or step.error == BROKEN
    ]
    if doubts:
        told = doubts[-1].message if doubts[-1].message not in reason else ""
        blocks = (
            tuple(errand.target.blocks) if doubts[-1].error == BROKEN else _failed(errand, StepKind(doubts[-1].kind))
        )
        return NodeResult(outcome=NodeOutcome.QUARANTINED, reason=f"{reason} {told}".strip(), failed_blocks=blocks)
    failed = _failed(errand, *DO_ORDER) if otherwise == NodeOutcome.UNDONE else ()
    return NodeResult(outcome=otherwise, reason=reason, failed_blocks=failed)


def _failed(errand: Errand, *kinds: StepKind) -> tuple[str, ...]:
    rows = errand.composition.steps.filter(kind__in=kinds, state=StepState.NOT_DONE)
    return tuple(sorted({line["block"] for row in rows for line in row.lines if line["outcome"] != BlockOutcome.DONE}))
