"""The steps that change a node in use: what each asks of the fabric, and what its outcome means for the books. Pure.

The errand of each is concerned with the blocks it acts on; the others of the node are left alone.
"""

from dataclasses import replace

from fabric.composing import draining, making, readback, unmaking
from fabric.composing.books import Changes, Shift, Step
from fabric.composing.errand import Errand
from fabric.composing.exchanging import changes_for, given_instead
from fabric.composing.intent import Outcome
from fabric.composing.making import ARRIVED, access_of, blocks_in_words, exchanged_lines, not_done, sentence
from fabric.composing.patience import Ending, ask, carry_out
from fabric.composing.unmaking import DETACH, LET_GO
from fabric.drivers.base import AS_IT_COMES
from fabric.states import BlockState, CompositionState, ResizeState

GIVEN_UP = ((BlockState.ATTACHED, BlockState.DETACHING), LET_GO)


def inspect(errand: Errand, step: Step) -> Outcome:
    """What is to be added is looked at as for a compose; nothing has been touched."""
    outcome = _without_moves(making.inspect(errand, step))
    if outcome.is_done or outcome.is_waiting:
        return outcome
    return replace(outcome, changes=replace(outcome.changes, resize=ResizeState.UNDONE))


def before_adding(errand: Errand) -> Changes:
    """The first intent that touches them takes the blocks, if all of them are still free, and makes them the node's."""
    settings = {code: errand.target.settings.get(code, AS_IT_COMES) for code in errand.target.blocks}
    return replace(before_changing(errand), includes=settings, takes=errand.target.blocks)


def before_changing(errand: Errand) -> Changes:
    """From here on the node is being changed."""
    state, _ = errand.books.standing()
    moves = (CompositionState.RESIZING,) if state == CompositionState.COMPOSED else ()
    return Changes(at=errand.clock(), moves=moves)


def configure(errand: Errand, step: Step) -> Outcome:
    return _without_moves(making.configure(errand, step))


def add(errand: Errand, step: Step) -> Outcome:
    """Bind them to the host of the node; what counts is what the fabric shows afterwards."""
    if errand.capabilities.needs_host_off:
        draining.switched(errand, on=False)
    ending = _change(errand, step, adds=step.blocks, removes=())
    machine = ask(errand, lambda: errand.driver.read(errand.target.tag))
    given = given_instead(errand, machine, known=errand.books.node().blocks)
    bound = readback.attached(errand, readback.look(errand))
    is_done = bound == set(errand.target.blocks) - set(given.instead)
    told = readback.judged(errand, ending.lines, bound, ending.message or "Read-back does not show it.")
    lacking = {line.block: line.reason for line in told if line.block not in bound}
    changes = Changes(at=errand.clock(), attached=bound, shifts=(Shift(bound, *ARRIVED),))
    return Outcome(
        is_done=is_done,
        lines=exchanged_lines(told, given),
        error="" if is_done else ending.error,
        message=f"{blocks_in_words(len(told))} added." if is_done else sentence(ending.message or "Not added", lacking),
        changes=changes_for(given, changes) if given.taken else changes,
        exchanged=given.instead,
    )


def prove(errand: Errand, step: Step) -> Outcome:
    """What was added is seen by the host, which may see the node's other blocks too, and nothing else."""
    others = frozenset(errand.books.node().blocks) - set(errand.target.blocks)
    return _without_moves(making.prove(errand, step, beside=others))


def drain(errand: Errand, step: Step) -> Outcome:
    """Work on what is to go has its grace to stop; none is forced while the node is in use."""
    busy = draining.wait_until_idle(errand, step, errand.target.blocks)
    reasons = dict.fromkeys(sorted(busy), "It is still in use.")
    return Outcome(
        is_done=not busy,
        lines=readback.judged(errand, not_done(reasons), set(errand.target.blocks) - busy, ""),
        message=sentence("Not drained", reasons) if busy else "Nothing runs on it.",
        changes=Changes(at=errand.clock()),
    )


def remove(errand: Errand, step: Step) -> Outcome:
    """Unbind what the intent names, which is what the fabric showed of them; what does not let go stays the node's."""
    if errand.capabilities.needs_host_off and step.blocks:
        draining.switched(errand, on=False)
    ending = _change(errand, step, adds=(), removes=step.blocks) if step.blocks else Ending()
    shown = readback.held(errand, readback.look(errand))
    gone = frozenset(errand.target.blocks) - shown
    lines = readback.judged(errand, ending.lines, gone, ending.message or "The fabric still shows it.")
    return Outcome(
        is_done=not shown,
        lines=lines,
        error=ending.error if shown else "",
        message=sentence(f"{blocks_in_words(len(gone))} taken away", dict.fromkeys(shown, ending.message)),
        changes=Changes(at=errand.clock(), detached=gone, shifts=tuple(Shift(gone, *move) for move in GIVEN_UP)),
    )


def before_taking_back(errand: Errand) -> Changes:
    """The way back of an addition, however far it had come."""
    blocks = frozenset(errand.target.blocks)
    return Changes(at=errand.clock(), shifts=tuple(Shift(blocks, *move) for move in DETACH))


def grant(errand: Errand, step: Step) -> Outcome:
    """Publish the node as it is now. A fabric that shows none of it leaves what was published before."""
    machine = ask(errand, lambda: errand.driver.read(errand.target.tag))
    shown = readback.look(errand)
    ours = {code: shown[code] for code in readback.attached(errand, shown)}
    if machine is None:
        return Outcome(is_done=False, message="The fabric shows no such node.", changes=Changes(at=errand.clock()))
    access = access_of(errand, machine, ours)
    changes = Changes(at=errand.clock(), access=access)
    return Outcome(is_done=True, message=f"Reachable as {access['address']}.", changes=changes)


def prove_gone(errand: Errand, step: Step, *, closes_as: ResizeState) -> Outcome:
    """The last look, which ends the change: what was given back is free if it is proven, and no longer the node's."""
    if errand.capabilities.needs_host_off:
        draining.switched(errand, on=True)
    found = unmaking.look_back(errand)
    changes = replace(
        found.changes,
        excludes=frozenset(errand.target.blocks) - found.held,
        resize=closes_as,
        moves=(CompositionState.COMPOSED,),
    )
    message = f"Proven gone: {blocks_in_words(len(errand.target.blocks))}."
    if found.reasons:
        message = sentence("Not proven free", found.reasons)
    return Outcome(is_done=not found.reasons, lines=found.lines, message=message, changes=changes)


def _change(errand: Errand, step: Step, *, adds: tuple[str, ...], removes: tuple[str, ...]) -> Ending:
    return carry_out(
        errand,
        step,
        lambda: errand.driver.resize(op_key=step.op_key, tag=errand.target.tag, add=adds, remove=removes),
        seconds_max=errand.capabilities.attach_seconds_max if adds else errand.capabilities.detach_seconds_max,
    )


def _without_moves(outcome: Outcome) -> Outcome:
    """What ends a first wiring only ends a change."""
    return replace(outcome, changes=replace(outcome.changes, moves=()))
