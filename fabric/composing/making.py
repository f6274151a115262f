"""The steps that wire a node: what each asks of the fabric, and what its outcome means for the books. Pure."""

from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import replace
from typing import Any

from fabric.composing import readback
from fabric.composing.books import Changes, NotReady, Shift, Step
from fabric.composing.errand import Errand
from fabric.composing.exchanging import Given, changes_for, given_instead
from fabric.composing.intent import Outcome
from fabric.composing.patience import ask, carry_out
from fabric.composing.readback import WELL
from fabric.drivers.base import (
    AS_IT_COMES,
    BlockLine,
    BlockOutcome,
    Machine,
    Permanent,
    Precondition,
    Proof,
    SeenDevice,
    Transient,
)
from fabric.states import UNUSABLE, BlockState, CompositionState

ARRIVED = (BlockState.ATTACHING, BlockState.ATTACHED)
ELSEWHERE = "under another name"  # never which: the name is its owner's, and these words are read by everybody


def require_ready(errand: Errand) -> None:
    """Before anything is written: nothing of the target may still be of another composition, whose release overruns."""
    require_free_blocks(errand)
    if (state := errand.books.host_state()) not in UNUSABLE | {BlockState.FREE}:
        raise NotReady(f"Host {errand.target.host} is still {state}.")


def require_free_blocks(errand: Errand) -> None:
    """The same of the blocks alone, where the host is the node's already."""
    fit, codes = UNUSABLE | {BlockState.FREE}, errand.target.blocks
    if held := errand.books.attached_elsewhere(codes):
        raise NotReady(f"Block {min(held)} is still attached {ELSEWHERE}.")
    for code, state in errand.books.block_states(codes).items():
        if state not in fit:
            raise NotReady(f"Block {code} is still {state}.")


def inspect(errand: Errand, step: Step) -> Outcome:
    """Is every block there, well, clean and nobody's; what is not is quarantined, and nothing has been touched."""
    states = errand.books.block_states(errand.target.blocks)
    faults = {code: f"It is {state}." for code, state in states.items() if state in UNUSABLE}
    if (state := errand.books.host_state()) in UNUSABLE:
        return Outcome(
            is_done=False,
            message=f"Host {errand.target.host} is {state}.",
            changes=_then(errand, CompositionState.CLOSED),
        )
    try:
        devices = errand_find(errand)
    except Permanent as error:
        devices, unknown = {}, {code: str(error) for code in error.blocks or errand.target.blocks}
    else:
        unknown = {code: "The fabric does not show it." for code in errand.target.blocks if code not in devices}
    if waiting := _held_by_us(errand, devices):
        return Outcome(is_done=False, is_waiting=True, message=waiting, changes=_then(errand))
    odd = {code: fault for code, seen in devices.items() if (fault := _fault_of(seen))}
    reasons = {**faults, **unknown, **odd}
    if not reasons:
        return Outcome(
            is_done=True, message=f"{blocks_in_words(len(devices))} found clean and free.", changes=_then(errand)
        )
    return Outcome(
        is_done=False,
        lines=readback.judged(errand, not_done(reasons), set(errand.target.blocks) - set(reasons), ""),
        message=sentence("Not fit to be composed", reasons),
        changes=Changes(at=errand.clock(), quarantined=reasons, moves=(CompositionState.CLOSED,)),
    )


def quiesce(errand: Errand, step: Step) -> Outcome:
    """Switch the host off, where its fabric changes nothing on a running one."""
    ask(errand, lambda: errand.driver.power(host=errand.target.host, on=False))
    return Outcome(is_done=True, message=f"Host {errand.target.host} is off.", changes=_then(errand))


def before_touching(errand: Errand) -> Changes:
    """From here on there is something to take back."""
    state, _ = errand.books.standing()
    return _then(errand, *[CompositionState.COMPOSING] * (state == CompositionState.OPENED))


def before_configure(errand: Errand) -> Changes:
    """The intent takes host and blocks, if all of them are still free."""
    return replace(before_touching(errand), takes=errand.target.blocks, takes_host=True)


def before_compose(errand: Errand) -> Changes:
    """Host and blocks are taken by the first intent that touches them."""
    return before_touching(errand) if errand.target.settings else before_configure(errand)


def configure(errand: Errand, step: Step) -> Outcome:
    """Cut and cap the cards while nobody holds them; what counts is how the fabric shows them afterwards."""
    target, driver = errand.target, errand.driver
    ending = carry_out(
        errand,
        step,
        lambda: driver.configure(op_key=step.op_key, tag=target.tag, settings=target.settings),
        seconds_max=errand.capabilities.attach_seconds_max,
    )
    shown = readback.look(errand)
    unseen = {code: "The fabric does not show it." for code in target.settings if code not in shown}
    reasons = {**readback.misset(errand, shown.values()), **unseen}
    good = set(target.blocks) - set(reasons)
    told = readback.judged(errand, ending.lines, good, ending.message or "Read-back shows another setting.")
    is_done = not reasons
    return Outcome(
        is_done=is_done,
        lines=tuple(line for line in told if line.block in target.settings or line.block in reasons),
        error="" if is_done else ending.error,
        message=sentence("Set", {code: f"{setting}" for code, setting in target.settings.items()})
        if is_done
        else sentence(ending.message or "Not set as wished", reasons),
        changes=_done_or_back(errand, is_done),
    )


def compose(errand: Errand, step: Step) -> Outcome:
    """One driver call binds everything; what counts is what the fabric shows afterwards."""
    target, driver = errand.target, errand.driver
    ending = carry_out(
        errand,
        step,
        lambda: driver.compose(op_key=step.op_key, tag=target.tag, host=target.host, blocks=target.blocks),
        seconds_max=errand.capabilities.attach_seconds_max,
    )
    return composed(errand, lines=ending.lines, error=ending.error, message=ending.message)


def composed(errand: Errand, *, lines: tuple[BlockLine, ...], error: str, message: str) -> Outcome:
    """The outcome of a compose by read-back, however the call itself ended."""
    target = errand.target
    machine = ask(errand, lambda: errand.driver.read(target.tag))
    given = given_instead(errand, machine, known=target.blocks)
    bound = readback.attached(errand, readback.look(errand))
    wanted = set(target.blocks) - set(given.instead)
    is_done = machine is not None and machine.host == target.host and bound == wanted
    told = readback.judged(errand, lines, bound, message or "Read-back does not show it.")
    lacking = {line.block: line.reason for line in told if line.outcome != BlockOutcome.DONE}
    changes = replace(
        _done_or_back(errand, is_done),
        attached=bound,
        shifts=(Shift(bound, *ARRIVED),),
        host_shifts=() if machine is None else (ARRIVED,),
    )
    return Outcome(
        is_done=is_done,
        lines=exchanged_lines(told, given),
        error="" if is_done else error,
        message=_arrival(told, given) if is_done else sentence(message or "Not attached", lacking),
        changes=changes_for(given, changes) if given.taken else changes,
        exchanged=given.instead,
    )


def exchanged_lines(told: Iterable[BlockLine], given: Given) -> tuple[BlockLine, ...]:
    """With what came that was not asked for, and without what it came for."""
    kept = [line for line in told if line.block not in given.instead]
    came = [BlockLine(block=code, outcome=BlockOutcome.DONE) for code in given.taken]
    return tuple(sorted([*kept, *came], key=lambda line: line.block))


def _arrival(told: Collection[BlockLine], given: Given) -> str:
    slowest = max((line.seconds for line in told), default=0.0)
    instead = ", ".join(f"{other} for {asked}" for asked, other in sorted(given.instead.items()))
    picked = f" The fabric gave {instead}." if instead else ""
    return f"{blocks_in_words(len(told))} attached in {slowest:.1f} s.{picked}"


def prove(errand: Errand, step: Step, *, beside: Set[str] = frozenset()) -> Outcome:
    """What the host itself sees is exactly the target: the hardware we know, set as wished, linked and well.

    `beside` are other blocks that it may see.
    """
    if errand.capabilities.needs_host_off:
        ask(errand, lambda: errand.driver.power(host=errand.target.host, on=True))
    proof = ask(errand, lambda: _prove(errand))
    missing = dict.fromkeys(sorted(proof.missing), "The host does not see it.")
    reasons = {**missing, **readback.misset(errand, proof.devices), **readback.mistaken(errand, proof.devices)}
    lines = readback.judged(errand, not_done(reasons), set(errand.target.blocks) - set(reasons), "")
    extra = proof.extra - beside
    if not proof.missing and not extra and not reasons:
        message = f"The host sees {blocks_in_words(len(lines))} and nothing else."
        return Outcome(is_done=True, lines=lines, message=message, changes=_then(errand))
    told = f" The host also sees {', '.join(sorted(extra))}." if extra else ""
    return Outcome(
        is_done=False,
        lines=lines,
        message=sentence("Not proven", reasons) + told,
        changes=_done_or_back(errand, False),
    )


def grant(errand: Errand, step: Step) -> Outcome:
    """Publish how to reach the node, from what is seen at this moment."""
    machine = ask(errand, lambda: errand.driver.read(errand.target.tag))
    shown = readback.look(errand)
    is_changed = readback.attached(errand, shown) != set(errand.target.blocks) or readback.misset(
        errand, shown.values()
    )
    if machine is None or is_changed:
        changes = _done_or_back(errand, False)
        return Outcome(is_done=False, message="The node changed after its proof.", changes=changes)
    access = access_of(errand, machine, shown)
    changes = replace(_then(errand, CompositionState.COMPOSED), access=access)
    return Outcome(is_done=True, message=f"Reachable as {access['address']}.", changes=changes)


def access_of(errand: Errand, machine: Machine, shown: Mapping[str, SeenDevice]) -> dict[str, Any]:
    """How its user reaches the host and each device of the target that is shown."""
    return {
        "host": errand.target.host,
        "address": machine.address or errand.node.address,
        "devices": [
            {
                "block": code,
                "device_class": block.device_class,
                "slot": block.slot,
                "serial": shown[code].serial,
                "pci_id": shown[code].pci_id,
                "address": shown[code].address,
                "slices": _slices(shown[code]),
                "power_cap_w": shown[code].setting.power_cap_w,
            }
            for code, block in errand.node.blocks.items()
            if code in shown
        ],
    }


def _slices(seen: SeenDevice) -> list[str]:
    """One profile for each slice of a cut card; none for a whole one."""
    return [profile for profile, count in sorted(seen.setting.layout.items()) for _ in range(count)]


def errand_find(errand: Errand) -> dict[str, SeenDevice]:
    """A look that lets an answer of "there is no such block" through: here it is a finding."""
    refusal: list[Permanent] = []

    def question() -> tuple[SeenDevice, ...]:
        try:
            return errand.driver.find(tag=errand.target.tag, blocks=errand.target.blocks)
        except Permanent as error:
            if not error.blocks:
                raise
            refusal.append(error)
            return ()

    devices = ask(errand, question)
    if refusal:
        raise refusal[0]
    return {device.block: device for device in devices}


def _prove(errand: Errand) -> Proof:
    """A host that is still starting is asked again; one that was left off, by a release that forced it, is started."""
    try:
        return errand.driver.prove(tag=errand.target.tag, expected=errand.target.blocks)
    except Precondition as error:
        errand.driver.power(host=errand.target.host, on=True)
        raise Transient(str(error)) from error


def _held_by_us(errand: Errand, devices: Mapping[str, SeenDevice]) -> str:
    """A block on the fabric under the name of another live composition: its release overruns."""
    tags = {seen.tag: seen.block for seen in devices.values() if seen.tag is not None}
    live = errand.books.live(tags) if tags else ()
    return f"Block {min(tags[tag] for tag in live)} is still attached {ELSEWHERE}." if live else ""


def _then(errand: Errand, *moves: CompositionState) -> Changes:
    return Changes(at=errand.clock(), moves=moves)


def _done_or_back(errand: Errand, is_done: bool) -> Changes:
    """A step that is not done begins the undo with its own outcome."""
    return _then(errand, *[CompositionState.DECOMPOSING] * (not is_done))


def _fault_of(seen: SeenDevice) -> str:
    if seen.tag is not None or seen.host is not None:
        return f"It is attached to {seen.host or 'a host'} {ELSEWHERE}."
    if seen.health != WELL:
        return f"It reports {seen.health}."
    if seen.setting != AS_IT_COMES:
        return f"It is {seen.setting} by somebody else."
    return "" if seen.is_clean else "It was not cleaned."


def not_done(reasons: Mapping[str, str]) -> list[BlockLine]:
    return [BlockLine(block=code, outcome=BlockOutcome.NOT_DONE, reason=reason) for code, reason in reasons.items()]


def blocks_in_words(number: int) -> str:
    return "1 block" if number == 1 else f"{number} blocks"


def sentence(what: str, reasons: Mapping[str, str]) -> str:
    told = "; ".join(f"{code}: {reason}" for code, reason in sorted(reasons.items()))
    return f"{what.rstrip('.')}: {told}" if told else f"{what.rstrip('.')}."
