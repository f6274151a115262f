"""The steps that take a node apart, in a release and as an undo. What is not proven is quarantined. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fabric.composing import readback
from fabric.composing.books import OPEN, Block, Changes, Gone, Shift, Step
from fabric.composing.draining import switched
from fabric.composing.errand import Errand
from fabric.composing.intent import Outcome
from fabric.composing.making import not_done
from fabric.composing.patience import Ending, ask, carry_out
from fabric.composing.readback import WELL
from fabric.drivers.base import AS_IT_COMES, BlockLine, BlockOutcome, Precondition, SeenDevice
from fabric.states import BlockState, CompositionState, StepKind

DETACH = ((BlockState.ATTACHING, BlockState.DETACHING), (BlockState.ATTACHED, BlockState.DETACHING))
LET_GO = (BlockState.DETACHING, BlockState.CLEANING)
CLEANED = (BlockState.CLEANING, BlockState.FREE)


def revoke(errand: Errand, step: Step) -> Outcome:
    """Take the access back; where the fabric changes nothing on a running host, by switching it off."""
    if errand.capabilities.needs_host_off:
        ask(errand, lambda: errand.driver.power(host=errand.target.host, on=False))
    return Outcome(is_done=True, changes=Changes(at=errand.clock(), access={}))


def before_decompose(errand: Errand) -> Changes:
    blocks = frozenset(errand.target.blocks)
    return Changes(at=errand.clock(), shifts=tuple(Shift(blocks, *move) for move in DETACH), host_shifts=DETACH)


def decompose(errand: Errand, step: Step) -> Outcome:
    """One driver call unbinds everything of our name; an attachment ends when the fabric no longer shows it."""
    target = errand.target
    ending = _decompose(errand, step)
    if ending.error == Precondition.__name__ and switched(errand, on=False):
        ending = _decompose(errand, step)
        switched(errand, on=True)
    machine = ask(errand, lambda: errand.driver.read(target.tag))
    held = readback.held(errand, readback.look(errand))
    gone = frozenset(target.blocks) - held
    is_done = machine is None and not held
    return Outcome(
        is_done=is_done,
        lines=readback.judged(errand, ending.lines, gone, ending.message or "The fabric still shows it."),
        error="" if is_done else ending.error,
        message=f"{len(gone)} of {len(target.blocks)} blocks detached. {'' if is_done else ending.message}".strip(),
        changes=Changes(at=errand.clock(), detached=gone, shifts=(Shift(gone, *LET_GO),)),
    )


def _decompose(errand: Errand, step: Step) -> Ending:
    return carry_out(
        errand,
        step,
        lambda: errand.driver.decompose(op_key=step.op_key, tag=errand.target.tag),
        seconds_max=errand.capabilities.detach_seconds_max,
    )


def to_clean(errand: Errand) -> list[str]:
    """Detached blocks that no earlier cleaning has settled, for better or worse."""
    settled = _last_lines(errand, StepKind.CLEAN, of_this_round=True)
    states = errand.books.block_states(errand.target.blocks)
    return [code for code, state in states.items() if state == BlockState.CLEANING and code not in settled]


def clean(errand: Errand, step: Step) -> Outcome:
    """Reset and wipe what the intent names; the blocks' own state decides when it is proven gone."""
    codes = step.blocks
    ending = carry_out(
        errand,
        step,
        lambda: errand.driver.clean(op_key=step.op_key, blocks=codes),
        seconds_max=errand.capabilities.detach_seconds_max,
    )
    lines = ending.lines or _refused(ending)
    failed = [line.block for line in lines if line.outcome != BlockOutcome.DONE]
    is_done = not ending.error and not failed
    message = f"{len(codes)} blocks cleaned." if is_done else ending.message or f"Not cleaned: {', '.join(failed)}."
    changes = Changes(at=errand.clock())
    return Outcome(is_done=is_done, lines=lines, error=ending.error, message=message, changes=changes)


def prove_gone(errand: Errand, step: Step) -> Outcome:
    """The last look, which closes the composition: what is shown detached, clean and well is free, all else is not."""
    machine = ask(errand, lambda: errand.driver.read(errand.target.tag))
    found = look_back(errand)
    is_host_free = machine is None and not found.held
    changes = replace(
        found.changes,
        host_quarantined="" if is_host_free else "The fabric still shows a node of ours on it.",
        host_shifts=(LET_GO, CLEANED) if is_host_free else (),
        moves=(CompositionState.CLOSED,),
    )
    return Outcome(
        is_done=not found.reasons and is_host_free,
        lines=found.lines,
        message=_verdict(errand, found.reasons, is_host_free),
        changes=changes,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a last look has found of the target's blocks, and what follows for them."""

    held: frozenset[str]
    reasons: Mapping[str, str]  # by block, why it is not proven
    lines: tuple[BlockLine, ...]
    changes: Changes


def look_back(errand: Errand) -> Found:
    """What is shown detached, clean and well is free; all else is quarantined; a proof is written of each."""
    shown = readback.look(errand)
    held = readback.held(errand, shown)
    proven, cleanings = _last_lines(errand, StepKind.PROVE), _last_lines(errand, StepKind.CLEAN, of_this_round=True)
    doubts = {code: _doubt(block, shown.get(code), proven.get(code)) for code, block in errand.node.blocks.items()}
    reasons = {code: doubt for code, doubt in doubts.items() if doubt}
    free = frozenset(errand.target.blocks) - set(reasons)
    changes = Changes(
        at=errand.clock(),
        detached=frozenset(errand.target.blocks) - held,
        quarantined=reasons,
        shifts=(Shift(free, *LET_GO), Shift(free, *CLEANED)),
        proofs=tuple(
            Gone(
                block=code,
                is_proven=code in free,
                evidence=readback.evidence(errand, block, shown.get(code), cleanings.get(code)),
            )
            for code, block in errand.node.blocks.items()
        ),
    )
    lines = readback.judged(errand, not_done(reasons), free, "")
    return Found(held=held, reasons=reasons, lines=lines, changes=changes)


def _doubt(block: Block, seen: SeenDevice | None, proof: BlockLine | None) -> str:
    """One that its host did not see, or saw ill, is suspect although it can be detached."""
    if seen is None:
        return "The fabric does not show it."
    if seen.tag is not None or seen.host is not None:
        return f"Still attached to {seen.host or 'a host'}."
    if not seen.is_clean or seen.setting != AS_IT_COMES:
        return "Not proven clean."
    if seen.health != WELL:
        return f"It reports {seen.health}."
    if hardware := readback.other_hardware(block, seen):
        return hardware
    return proof.reason if proof is not None and proof.outcome != BlockOutcome.DONE else ""


def _last_lines(errand: Errand, kind: StepKind, *, of_this_round: bool = False) -> dict[str, BlockLine]:
    """By block, what finished steps of this kind wrote down last."""
    return {
        line.block: line
        for step in errand.books.steps()
        if step.kind == kind and step.state not in OPEN and (step.round == errand.round or not of_this_round)
        for line in step.lines
    }


def _refused(ending: Ending) -> tuple[BlockLine, ...]:
    """A refusal that names blocks settles those; the next try is made without them."""
    return tuple(BlockLine(block=code, outcome=BlockOutcome.NOT_DONE, reason=ending.message) for code in ending.blocks)


def _verdict(errand: Errand, reasons: Mapping[str, str], is_host_free: bool) -> str:
    if not reasons and is_host_free:
        return f"Proven gone: host and {len(errand.target.blocks)} blocks are free."
    told = [f"{code}: {reason}" for code, reason in sorted(reasons.items())]
    if not is_host_free:
        told.append(f"host {errand.target.host}: the machine is still there")
    return "Not proven free: " + "; ".join(told)
