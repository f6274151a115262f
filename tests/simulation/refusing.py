"""What the fabric in memory refuses, in the classes and words of the contract."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from fabric.drivers.base import CardSetting, Conflict, Permanent, Precondition
from tests.simulation.matter import Block

if TYPE_CHECKING:
    from tests.simulation.memory_fabric import MemoryFabric


def check_compose(fabric: "MemoryFabric", tag: str, host: str, blocks: Sequence[str]) -> None:
    if host not in fabric.hosts:
        raise Permanent(f"There is no host {host}.")
    capabilities = fabric.capabilities()
    if len(blocks) > capabilities.blocks_max or len(tag) > capabilities.name_max or not tag:
        raise Permanent("Too many blocks for one machine, or no usable name.")
    if tag in fabric.systems:
        raise Conflict(f"There is a machine {tag} already.")
    _require_name(fabric, tag)
    if (other := next((one.tag for one in fabric.systems.values() if one.host == host), None)) is not None:
        raise Conflict(f"Host {host} is in use by somebody else.", detail=other)
    if capabilities.needs_host_off and fabric.hosts[host].is_on:
        raise Precondition(f"Host {host} must be off.")
    _require_idle(_known(fabric, blocks), may_be_cleaning=True, is_careless=fabric.is_careless)


def check_resize(fabric: "MemoryFabric", tag: str, add: Sequence[str], remove: Collection[str]) -> str:
    """The machine's host."""
    system = fabric.systems.get(tag)
    if system is None:
        raise Conflict(f"There is no machine {tag}.")
    if strangers := sorted(set(remove) - system.blocks):
        raise Conflict(f"Not of {tag}: {', '.join(strangers)}.", blocks=strangers)
    _require_name(fabric, tag)
    _require_idle(_known(fabric, add), may_be_cleaning=True, is_careless=fabric.is_careless)
    return system.host


def check_configure(fabric: "MemoryFabric", tag: str, settings: Mapping[str, CardSetting]) -> None:
    blocks = _known(fabric, settings)
    if not tag:
        raise Permanent("No usable name.")
    _require_name(fabric, tag)
    _require_idle(blocks, being_cleaned=_being_cleaned(fabric))
    if unfit := {one.code: why for one in blocks if (why := _misfit(one, settings[one.code]))}:
        told = "; ".join(f"{code} {why}" for code, why in sorted(unfit.items()))
        raise Permanent(f"Cannot be set: {told}.", blocks=sorted(unfit))


def check_clean(fabric: "MemoryFabric", blocks: Iterable[str]) -> None:
    if attached := [one.code for one in _known(fabric, blocks) if one.tag is not None]:
        raise Conflict(f"Still attached: {', '.join(attached)}.", blocks=attached)


def _require_name(fabric: "MemoryFabric", tag: str) -> None:
    """A late call of a worker that was overtaken comes under a name that has been given up."""
    if tag in fabric.given_up:
        raise Conflict(f"The name {tag} has been given up.")


def _require_idle(
    blocks: Sequence[Block],
    *,
    may_be_cleaning: bool = False,
    being_cleaned: Collection[str] = (),
    is_careless: bool = False,
) -> None:
    """There, clean, nobody's, and nothing under way on it."""
    taken = [
        one.code
        for one in blocks
        if not one.is_present
        or (not is_careless and (one.tag is not None or one.acts))
        or (not may_be_cleaning and one.code in being_cleaned)
    ]
    if taken:
        raise Conflict(f"In use or not there: {', '.join(taken)}.", blocks=taken)
    if dirty := [one.code for one in blocks if not one.is_clean]:
        raise Precondition(f"Not clean since the last use: {', '.join(dirty)}.", blocks=dirty)


def _being_cleaned(fabric: "MemoryFabric") -> set[str]:
    return {line.block for one in fabric.running.values() for line in one.lines if line.act in ("clean", "unbind")}


def _known(fabric: "MemoryFabric", codes: Iterable[str]) -> list[Block]:
    wanted = list(codes)
    if len(set(wanted)) != len(wanted):
        raise Permanent("A block is named twice.")
    if unknown := sorted(code for code in wanted if code not in fabric.blocks):
        raise Permanent(f"There is no block {', '.join(unknown)}.", blocks=unknown)
    return [fabric.blocks[code] for code in wanted]


def _misfit(block: Block, setting: CardSetting) -> str:
    if setting.layout and not block.profiles:
        return "is not a card that may be cut"
    for profile, number in sorted(setting.layout.items()):
        if not 1 <= number <= block.profiles.get(profile, 0):
            return f"cannot be cut into {number} × {profile}"
    if setting.power_cap_w is not None and not 1 <= setting.power_cap_w <= block.cap_max_w:
        return f"cannot be held to {setting.power_cap_w} W"
    return ""
