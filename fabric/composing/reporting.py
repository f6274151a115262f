"""What the books say about how it went: read from them alone, so that asking again gives the same answer. Pure."""

from fabric.composing.errand import Errand
from fabric.composing.freezing import BROKEN
from fabric.composing.results import NodeOutcome, NodeResult
from fabric.composing.steps import DO_ORDER
from fabric.drivers.base import BlockOutcome
from fabric.states import StepKind, StepState


def kinds_of(errand: Errand, *states: StepState) -> frozenset[StepKind]:
    """The kinds of this round's steps so far, in any of these states; in any at all without."""
    return frozenset(
        step.kind
        for step in errand.books.steps()
        if step.round == errand.round and (not states or step.state in states)
    )


def exchanges(errand: Errand) -> dict[str, str]:
    """Asked → given in this round, where the fabric picks devices itself."""
    steps = [step for step in errand.books.steps() if step.round == errand.round]
    return {asked: given for step in steps for asked, given in step.exchanged.items()}


def composed(errand: Errand) -> NodeResult:
    """With what the fabric has given instead of what it was asked for."""
    return NodeResult(outcome=NodeOutcome.COMPOSED, exchanged=exchanges(errand))


def closed(errand: Errand, *, otherwise: NodeOutcome) -> NodeResult:
    """How a closed composition ended: quarantined where something was, `otherwise` where all was proven."""
    _, reason = errand.books.standing()
    doubts = [
        step
        for step in errand.books.steps()
        if step.state == StepState.NOT_DONE
        and (step.round == errand.round or step.error == BROKEN)
        and (step.kind == StepKind.PROVE_GONE or (step.kind == StepKind.INSPECT and step.lines) or step.error == BROKEN)
    ]
    if doubts:
        told = doubts[-1].message if doubts[-1].message not in reason else ""
        is_broken = doubts[-1].error == BROKEN
        blocks = errand.target.blocks if is_broken else _failed(errand, doubts[-1].kind)
        return NodeResult(outcome=NodeOutcome.QUARANTINED, reason=f"{reason} {told}".strip(), failed_blocks=blocks)
    failed = _failed(errand, *DO_ORDER) if otherwise == NodeOutcome.UNDONE else ()
    return NodeResult(outcome=otherwise, reason=reason, failed_blocks=failed)


def _failed(errand: Errand, *kinds: StepKind) -> tuple[str, ...]:
    return tuple(
        sorted(
            {
                line.block
                for step in errand.books.steps()
                if step.kind in kinds and step.state == StepState.NOT_DONE
                for line in step.lines
                if line.outcome != BlockOutcome.DONE
            }
        )
    )
