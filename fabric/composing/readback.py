"""What the fabric shows, and how that differs from what was asked of it. Pure."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from fabric.composing.books import Block
from fabric.composing.errand import Errand
from fabric.composing.patience import ask
from fabric.drivers.base import AS_IT_COMES, BlockLine, BlockOutcome, CardSetting, SeenDevice

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


def mistaken(errand: Errand, devices: Iterable[SeenDevice]) -> dict[str, str]:
    """By block, the devices of the target that are not the hardware we know, badly linked, or ill."""
    known = errand.node.blocks
    return {
        seen.block: why
        for seen in devices
        if seen.block in errand.target.blocks and (why := _mistake(known[seen.block], seen))
    }


def _mistake(block: Block, seen: SeenDevice) -> str:
    """Compared only where both sides say something."""
    if seen.health != WELL:
        return f"It reports {seen.health}."
    if seen.device_class and seen.device_class != block.device_class:
        return f"It is a {seen.device_class}, not a {block.device_class}."
    if block.lanes and seen.lanes is not None and seen.lanes < block.lanes:
        return f"Its link came up with {seen.lanes} of {block.lanes} lanes."
    return other_hardware(block, seen)


def other_hardware(block: Block, seen: SeenDevice) -> str:
    if block.serials and seen.serial and seen.serial not in block.serials:
        return f"Its serial number is {seen.serial}, not {' or '.join(sorted(block.serials))}."
    return ""


def judged(errand: Errand, lines: Collection[BlockLine], good: Collection[str], reason: str) -> tuple[BlockLine, ...]:
    """One line a block of the target by the read-back, with the times and reasons the driver gave.

    A fabric that picks devices itself names what it took and what failed of it: that is to blame then, and not the
    blocks that were asked for, which nobody touched.
    """
    told = {line.block: line for line in lines}
    silent = BlockLine(block="", outcome=BlockOutcome.NOT_DONE)
    picked = [line for line in lines if line.block not in errand.target.blocks and line.outcome != BlockOutcome.DONE]
    blamed = picked if errand.capabilities.picks_devices else []
    own = tuple(
        BlockLine(
            block=code,
            outcome=BlockOutcome.DONE if code in good else BlockOutcome.NOT_DONE,
            seconds=told.get(code, silent).seconds,
            reason="" if code in good else told.get(code, silent).reason or reason,
        )
        for code in errand.target.blocks
        if not blamed or code in good or code in told
    )
    return (*own, *blamed)


def evidence(errand: Errand, block: Block, seen: SeenDevice | None, cleaning: BlockLine | None) -> dict[str, Any]:
    """What was read of a block when it was given back, how it was cleaned, in seconds, and how it was held before."""
    told = {
        "method": cleaning.method if cleaning else "",
        "seconds": cleaning.seconds if cleaning else None,
        "before": {
            "host": errand.target.host,
            "tag": errand.target.tag,
            "serials": sorted(block.serials),
            "setting": _wire(errand.target.settings.get(block.code, AS_IT_COMES)),
        },
    }
    if seen is None:
        return {"is_shown": False, **told}
    return {
        **told,
        "is_shown": True,
        "serial": seen.serial,
        "host": seen.host,
        "tag": seen.tag,
        "is_clean": seen.is_clean,
        "setting": _wire(seen.setting),
        "health": seen.health,
    }


def _wire(setting: CardSetting) -> dict[str, Any]:
    return {"layout": dict(setting.layout), "power_cap_w": setting.power_cap_w}
