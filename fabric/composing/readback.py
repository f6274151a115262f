"""What the fabric shows, and the rows that follow from it: attachments are opened and closed here only."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from fabric.composing.errand import Errand
from fabric.composing.patience import ask
from fabric.drivers.base import AS_IT_COMES, BlockLine, BlockOutcome, SeenDevice
from fabric.models import Attachment, Host, ResourceBlock
from fabric.services.units import move_blocks, move_hosts
from fabric.states import BlockState


def look(errand: Errand) -> dict[str, SeenDevice]:
    """The target's blocks as the fabric shows them now, by code; one that it does not show is not in it."""
    devices = ask(errand, lambda: errand.driver.find(tag=errand.target.tag, blocks=errand.target.blocks))
    return {device.block: device for device in devices}


def attached(errand: Errand, shown: Mapping[str, SeenDevice]) -> frozenset[str]:
    """On our host, under our name."""
    target = errand.target
    return frozenset(code for code, seen in shown.items() if (seen.tag, seen.host) == (target.tag, target.host))


def held(errand: Errand, shown: Mapping[str, SeenDevice]) -> frozenset[str]:
    """Under our name, wherever."""
    return frozenset(code for code, seen in shown.items() if seen.tag == errand.target.tag)


def misset(errand: Errand, devices: Iterable[SeenDevice]) -> dict[str, str]:
    """By block, the devices of the target that are not set as wished, with how they are; unwished is as it comes."""
    wishes = errand.target.settings
    return {
        seen.block: f"It is {seen.setting}."
        for seen in devices
        if seen.block in errand.blocks and seen.setting != wishes.get(seen.block, AS_IT_COMES)
    }


def judged(errand: Errand, lines: Collection[BlockLine], good: Collection[str], reason: str) -> tuple[BlockLine, ...]:
    """One line a block of the target by the read-back, with the times and reasons the driver gave."""
    told = {line.block: line for line in lines}
    silent = BlockLine(block="", outcome=BlockOutcome.NOT_DONE)
    return tuple(
        BlockLine(
            block=code,
            outcome=BlockOutcome.DONE if code in good else BlockOutcome.NOT_DONE,
            seconds=told.get(code, silent).seconds,
            reason="" if code in good else told.get(code, silent).reason or reason,
        )
        for code in errand.target.blocks
    )


def open_attachments(errand: Errand, codes: Collection[str]) -> None:
    """The database refuses a second open one for a block: two owners are an error, never a silent choice."""
    for block_id in errand.block_ids(frozenset(codes)):
        Attachment.objects.get_or_create(
            block_id=block_id,
            composition=errand.composition,
            until=None,
            defaults={"host": errand.host, "since": errand.clock()},
        )


def close_attachments(errand: Errand, codes: Collection[str]) -> None:
    Attachment.objects.filter(
        composition=errand.composition, block_id__in=errand.block_ids(frozenset(codes)), until=None
    ).update(until=errand.clock())


def shift_blocks(
    errand: Errand, codes: Collection[str], *moves: tuple[BlockState, BlockState], reason: str = ""
) -> None:
    """Each move in turn; a block in another state stays as it is (an operator, or a scan, was faster)."""
    ids = errand.block_ids(frozenset(codes))
    for seen, to in moves:
        move_blocks(ids=ids, seen=seen, to=to, reason=reason)


def shift_host(errand: Errand, *moves: tuple[BlockState, BlockState], reason: str = "") -> None:
    for seen, to in moves:
        move_hosts(ids=[errand.host.id], seen=seen, to=to, reason=reason)


def quarantine(errand: Errand, reasons: Mapping[str, str]) -> None:
    """Each block with its own reason, whatever its state was."""
    for code, reason in sorted(reasons.items()):
        ids = errand.block_ids({code})
        for seen in QUARANTINABLE:
            move_blocks(ids=ids, seen=seen, to=BlockState.QUARANTINED, reason=reason)


def quarantine_host(errand: Errand, reason: str) -> None:
    shift_host(errand, *((seen, BlockState.QUARANTINED) for seen in QUARANTINABLE), reason=reason)


def block_states(errand: Errand) -> dict[str, BlockState]:
    rows = ResourceBlock.objects.filter(id__in=errand.block_ids()).order_by("code")
    return {code: BlockState(state) for code, state in rows.values_list("code", "state")}


def host_state(errand: Errand) -> BlockState:
    return BlockState(Host.objects.values_list("state", flat=True).get(id=errand.host.id))


def evidence(seen: SeenDevice | None) -> dict[str, Any]:
    """What was read of a block when it was given back."""
    if seen is None:
        return {"is_shown": False}
    return {
        "is_shown": True,
        "serial": seen.serial,
        "host": seen.host,
        "tag": seen.tag,
        "is_clean": seen.is_clean,
        "setting": asdict(seen.setting),
        "health": seen.health,
    }


QUARANTINABLE = (
    BlockState.FREE,
    BlockState.ATTACHING,
    BlockState.ATTACHED,
    BlockState.DETACHING,
    BlockState.CLEANING,
)
