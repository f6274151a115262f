"""What the fabric shows, and how that differs from what was asked of it. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from fabric.composing.errand import Errand
from fabric.composing.patience import ask
from fabric.drivers.base import AS_IT_COMES, BlockLine, BlockOutcome, SeenDevice

WELL = "ok"


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
        if seen.block in errand.target.blocks and seen.setting != wishes.get(seen.block, AS_IT_COMES)
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
