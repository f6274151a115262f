"""The steps that wire a node: what each asks of the fabric, and what its outcome means for the rows."""

from collections.abc import Mapping
from functools import partial

from fabric.composing import readback
from fabric.composing.errand import Errand, NotReady
from fabric.composing.intent import Outcome, move
from fabric.composing.patience import ask, carry_out
from fabric.drivers.base import (
    AS_IT_COMES,
    BlockLine,
    BlockOutcome,
    Permanent,
    Precondition,
    Proof,
    SeenDevice,
    Transient,
)
from fabric.models import Attachment, Composition, CompositionStep
from fabric.services.units import move_blocks, move_hosts
from fabric.states import LIVE_COMPOSITIONS, UNUSABLE, BlockState, CompositionState

WELL = "ok"
ELSEWHERE = "under another name"  # never which: the name is its owner's, and these words are read by everybody


def require_ready(errand: Errand) -> None:
    """Before anything is written: nothing of the target may still be of another composition, whose release overruns."""
    others = Attachment.objects.filter(block_id__in=errand.block_ids(), until=None).exclude(
        composition=errand.composition
    )
    busy = {
        code: state
        for code, state in readback.block_states(errand).items()
        if state not in UNUSABLE | {BlockState.FREE}
    }
    if other := others.select_related("block").order_by("id").first():
        raise NotReady(f"Block {other.block.code} is still attached {ELSEWHERE}.")
    if busy:
        code, state = next(iter(busy.items()))
        raise NotReady(f"Block {code} is still {state}.")
    if (state := readback.host_state(errand)) not in UNUSABLE | {BlockState.FREE}:
        raise NotReady(f"Host {errand.target.host} is still {state}.")


def inspect(errand: Errand, step: CompositionStep) -> Outcome:
    """Is every block there, well, clean and nobody's; what is not is quarantined, and nothing has been touched."""
    faults = {code: f"It is {state}." for code, state in readback.block_states(errand).items() if state in UNUSABLE}
    if (state := readback.host_state(errand)) in UNUSABLE:
        return Outcome(
            is_done=False, message=f"Host {errand.target.host} is {state}.", moves_to=CompositionState.CLOSED
        )
    try:
        devices = errand_find(errand)
    except Permanent as error:
        devices, unknown = {}, {code: str(error) for code in error.blocks or errand.target.blocks}
    else:
        unknown = {code: "The fabric does not show it." for code in errand.target.blocks if code not in devices}
    if waiting := _held_by_us(devices):
        return Outcome(is_done=False, is_waiting=True, message=waiting)
    odd = {code: fault for code, seen in devices.items() if (fault := _fault_of(seen))}
    reasons = {**faults, **unknown, **odd}
    if not reasons:
        return Outcome(is_done=True, message=f"{_blocks(len(devices))} found clean and free.")
    return Outcome(
        is_done=False,
        lines=readback.judged(errand, _lines(reasons), set(errand.target.blocks) - set(reasons), ""),
        message=_sentence("Not fit to be composed", reasons),
        settle=partial(readback.quarantine, errand, reasons),
        may_quarantine=True,
        moves_to=CompositionState.CLOSED,
    )


def quiesce(errand: Errand, step: CompositionStep) -> Outcome:
    """Switch the host off, where its fabric changes nothing on a running one."""
    ask(errand, lambda: errand.driver.power(host=errand.target.host, on=False))
    return Outcome(is_done=True, message=f"Host {errand.target.host} is off.")


def before_touching(errand: Errand, composition: Composition) -> None:
    """From here on there is something to take back."""
    if composition.state == CompositionState.OPENED:
        move(errand, composition, to=CompositionState.COMPOSING)


def before_configure(errand: Errand, composition: Composition) -> None:
    """The intent takes host and blocks. Raises NotReady, and takes nothing, if one is no longer free."""
    before_touching(errand, composition)
    ids = errand.block_ids()
    taken = move_blocks(ids=ids, seen=BlockState.FREE, to=BlockState.ATTACHING)
    hosts = move_hosts(ids=[errand.host.id], seen=BlockState.FREE, to=BlockState.ATTACHING)
    if taken != len(ids) or hosts != 1:
        raise NotReady("A block or the host is no longer free.")


def before_compose(errand: Errand, composition: Composition) -> None:
    """Host and blocks are taken by the first intent that touches them."""
    if not errand.target.settings:
        before_configure(errand, composition)


def configure(errand: Errand, step: CompositionStep) -> Outcome:
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
        message=_sentence("Set", {code: f"{setting}" for code, setting in target.settings.items()})
        if is_done
        else _sentence(ending.message or "Not set as wished", reasons),
        moves_to=None if is_done else CompositionState.DECOMPOSING,
    )


def compose(errand: Errand, step: CompositionStep) -> Outcome:
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
    bound = readback.attached(errand, readback.look(errand))
    is_done = machine is not None and machine.host == target.host and bound == set(target.blocks)
    told = readback.judged(errand, lines, bound, message or "Read-back does not show it.")
    lacking = {line.block: line.reason for line in told if line.outcome != BlockOutcome.DONE}
    slowest = max((line.seconds for line in told), default=0.0)

    def settle() -> None:
        readback.open_attachments(errand, bound)
        readback.shift_blocks(errand, bound, (BlockState.ATTACHING, BlockState.ATTACHED))
        if machine is not None:
            readback.shift_host(errand, (BlockState.ATTACHING, BlockState.ATTACHED))

    return Outcome(
        is_done=is_done,
        lines=told,
        error="" if is_done else error,
        message=f"{_blocks(len(bound))} attached in {slowest:.1f} s."
        if is_done
        else _sentence(message or "Not attached", lacking),
        settle=settle,
        moves_to=None if is_done else CompositionState.DECOMPOSING,
    )


def prove(errand: Errand, step: CompositionStep) -> Outcome:
    """What the host itself sees is exactly the target, set as wished, and well."""
    if errand.capabilities.needs_host_off:
        ask(errand, lambda: errand.driver.power(host=errand.target.host, on=True))
    proof = ask(errand, lambda: _prove(errand))
    ill = {seen.block: f"It reports {seen.health}." for seen in proof.devices if seen.health != WELL}
    missing = dict.fromkeys(sorted(proof.missing), "The host does not see it.")
    misset = readback.misset(errand, proof.devices)
    reasons = {code: reason for code, reason in {**missing, **misset, **ill}.items() if code in errand.blocks}
    lines = readback.judged(errand, _lines(reasons), set(errand.target.blocks) - set(reasons), "")
    if proof.holds and not ill and not misset:
        return Outcome(is_done=True, lines=lines, message=f"The host sees {_blocks(len(lines))} and nothing else.")
    extra = f" The host also sees {', '.join(sorted(proof.extra))}." if proof.extra else ""
    return Outcome(
        is_done=False,
        lines=lines,
        message=_sentence("Not proven", reasons) + extra,
        moves_to=CompositionState.DECOMPOSING,
    )


def grant(errand: Errand, step: CompositionStep) -> Outcome:
    """Publish how to reach the node, from what is seen at this moment."""
    machine = ask(errand, lambda: errand.driver.read(errand.target.tag))
    shown = readback.look(errand)
    is_changed = readback.attached(errand, shown) != set(errand.target.blocks) or readback.misset(
        errand, shown.values()
    )
    if machine is None or is_changed:
        return Outcome(
            is_done=False, message="The node changed after its proof.", moves_to=CompositionState.DECOMPOSING
        )
    access = {
        "host": errand.target.host,
        "address": machine.address or errand.host.address,
        "devices": [
            {
                "block": code,
                "device_class": block.device_class.code,
                "slot": block.slot,
                "serial": shown[code].serial,
                "pci_id": shown[code].pci_id,
                "address": shown[code].address,
                "slices": _slices(shown[code]),
                "power_cap_w": shown[code].setting.power_cap_w,
            }
            for code, block in errand.blocks.items()
        ],
    }

    def settle() -> None:
        Composition.objects.filter(id=errand.composition.id).update(access=access)

    return Outcome(
        is_done=True,
        message=f"Reachable as {access['address']}.",
        settle=settle,
        moves_to=CompositionState.COMPOSED,
    )


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
    """A host that is still starting is asked again."""
    try:
        return errand.driver.prove(tag=errand.target.tag, expected=errand.target.blocks)
    except Precondition as error:
        raise Transient(str(error)) from error


def _held_by_us(devices: Mapping[str, SeenDevice]) -> str:
    """A block on the fabric under the name of another live composition: its release overruns."""
    tags = {seen.tag: seen.block for seen in devices.values() if seen.tag is not None}
    other = Composition.objects.filter(tag__in=tags, state__in=LIVE_COMPOSITIONS).order_by("id").first()
    return f"Block {tags[other.tag]} is still attached {ELSEWHERE}." if other else ""


def _fault_of(seen: SeenDevice) -> str:
    if seen.tag is not None or seen.host is not None:
        return f"It is attached to {seen.host or 'a host'} {ELSEWHERE}."
    if seen.health != WELL:
        return f"It reports {seen.health}."
    if seen.setting != AS_IT_COMES:
        return f"It is {seen.setting} by somebody else."
    return "" if seen.is_clean else "It was not cleaned."


def _lines(reasons: Mapping[str, str]) -> list[BlockLine]:
    return [BlockLine(block=code, outcome=BlockOutcome.NOT_DONE, reason=reason) for code, reason in reasons.items()]


def _blocks(number: int) -> str:
    return "1 block" if number == 1 else f"{number} blocks"


def _sentence(what: str, reasons: Mapping[str, str]) -> str:
    told = "; ".join(f"{code}: {reason}" for code, reason in sorted(reasons.items()))
    return f"{what.rstrip('.')}: {told}" if told else f"{what.rstrip('.')}."
