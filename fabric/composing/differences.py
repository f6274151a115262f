"""Where a listing of the fabric differs from what the rows say. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass

from fabric.drivers.base import Inventory, SeenDevice
from fabric.states import BlockState, DriftKind

WELL = "ok"


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the rows say of one block. `tag` and `host` are those of its open attachment, None without one.

    `is_moving` while its composition is being made or taken apart: then a difference is work under way, not drift.
    """

    code: str
    state: BlockState
    tag: str | None
    host: str | None
    is_moving: bool


@dataclass(frozen=True, slots=True)
class Difference:
    block: str
    kind: DriftKind
    tag: str
    expected: str
    observed: str


def compare(
    *, inventory: Inventory, recorded: Iterable[Recorded], live_tags: Set[str], our_tags: Set[str]
) -> tuple[Difference, ...]:
    """By block code. What is not in a partial listing says nothing.

    `our_tags` are all names we ever gave, `live_tags` those of compositions that are not closed.
    """
    devices = {device.block: device for device in inventory.devices}
    return tuple(
        difference
        for block in sorted(recorded, key=lambda one: one.code)
        for difference in _differences(block, devices, inventory.is_complete, live_tags, our_tags)
    )


def _differences(
    block: Recorded, devices: Mapping[str, SeenDevice], is_complete: bool, live_tags: Set[str], our_tags: Set[str]
) -> Iterator[Difference]:
    seen = devices.get(block.code)
    if seen is None:
        if is_complete:
            yield _difference(block, DriftKind.ABSENT, None)
        return
    if kind := _kind_of(block, seen, live_tags, our_tags):
        yield _difference(block, kind, seen)
    if seen.health != WELL:
        yield _difference(block, DriftKind.UNHEALTHY, seen)


def _kind_of(block: Recorded, seen: SeenDevice, live_tags: Set[str], our_tags: Set[str]) -> DriftKind | None:
    if seen.tag is None:
        return DriftKind.LOST if block.tag is not None and not block.is_moving else None
    if seen.tag in live_tags:
        is_as_recorded = block.is_moving or (block.tag, block.host) == (seen.tag, seen.host)
        return None if is_as_recorded else DriftKind.ELSEWHERE
    return DriftKind.ORPHAN if seen.tag in our_tags else DriftKind.FOREIGN


def _difference(block: Recorded, kind: DriftKind, seen: SeenDevice | None) -> Difference:
    return Difference(
        block=block.code,
        kind=kind,
        tag=(seen.tag if seen is not None else block.tag) or "",
        expected=_place(block.host, block.tag),
        observed=f"{_place(seen.host, seen.tag)}, {seen.health}" if seen is not None else "not shown",
    )


def _place(host: str | None, tag: str | None) -> str:
    return f"on {host} as {tag}" if tag is not None else "attached to nothing"
