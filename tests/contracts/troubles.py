"""Everything that goes wrong with a fabric, by name: switched on before a life, or happening in the midst of it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from fabric.counted_simulator.knobs import Knob as CountedKnob
from fabric.drivers.emulator.faults import FaultKind
from fabric.redfish_simulator.knobs import Knob
from tests.contracts.counted_world import CountedWorld
from tests.contracts.lives import ASKED, nothing
from tests.contracts.redfish_world import RedfishWorld
from tests.contracts.worlds import World

STRANGER_ON = "host-2"


@dataclass(frozen=True)
class Trouble:
    before: Callable[[Any], None] = nothing
    midway: Callable[[Any], None] = nothing


def fault(kind: FaultKind, *, blocks: Sequence[str] = (), **how: Any) -> Trouble:
    """Of the blocks that will be attached for those that are named here."""

    def before(world: World) -> None:
        struck = {"blocks": sorted(in_place_of(world, blocks))} if blocks else {}
        world.fault(kind, **struck, **how)

    return Trouble(before=before)


def knob(kind: StrEnum, **how: Any) -> Trouble:
    return Trouble(before=lambda world: world.turn(kind, **how))


def knob_midway(kind: StrEnum, **how: Any) -> Trouble:
    return Trouble(midway=lambda world: world.turn(kind, **how))


def in_place_of(world: World, blocks: Collection[str]) -> frozenset[str]:
    """Which blocks a fresh world attaches for these, when the three of a life are asked for."""
    instead = dict(zip(ASKED, world.given(ASKED), strict=True))
    return frozenset(instead[block] for block in blocks)


def _stolen() -> Trouble:
    """Of what was attached; which that is, is found out before anything is."""
    stolen: list[str] = []

    def before(world: World) -> None:
        stolen[:] = in_place_of(world, ["gpu-2"])

    def midway(world: World) -> None:
        world.advance(60.0)  # when it is bound
        world.attach_foreign(stolen[0], STRANGER_ON, "stranger")

    return Trouble(before=before, midway=midway)


def _gone(kind: StrEnum) -> Trouble:
    gone: list[str] = []

    def before(world: World) -> None:
        gone[:] = in_place_of(world, ["gpu-2"])

    return Trouble(before=before, midway=lambda world: world.turn(kind, blocks=gone))


def _second_writer_unseen(world: CountedWorld) -> None:
    world.turn(CountedKnob.SECOND_WRITER, times=1)
    world.fault(FaultKind.LOST_AFTER, times=1)


def _in_pages(world: RedfishWorld) -> None:
    world.face.manners = replace(world.face.manners, page_size=4)


OF_EVERY_FABRIC: Mapping[str, Trouble] = {
    "no trouble": Trouble(),
    "reply lost before commit": fault(FaultKind.LOST_BEFORE, times=1),
    "reply lost after commit": fault(FaultKind.LOST_AFTER, times=1),
    "reply to the decompose lost before commit": fault(FaultKind.LOST_BEFORE, operation="decompose", times=1),
    "reply to the decompose lost after commit": fault(FaultKind.LOST_AFTER, operation="decompose", times=1),
    "every other reply lost": fault(FaultKind.LOST_AFTER, probability=0.5),
    "slow": fault(FaultKind.SLOW, factor=4),
    "stuck": fault(FaultKind.STUCK, operation="compose", times=1),
    "busy": fault(FaultKind.BUSY, times=2),
    "a block fails on attach": fault(FaultKind.BIND_FAILURE, blocks=["gpu-2"]),
    "one drawn block fails": fault(FaultKind.PARTIAL, times=1),
    "a block cannot be reset": fault(FaultKind.CLEAN_FAILURE, blocks=["gpu-1"]),
    "a block vanishes as it is attached": fault(FaultKind.VANISH, blocks=["gpu-2"], times=1),
    "unreadable": fault(FaultKind.UNREADABLE, times=2),
    "partial listing": fault(FaultKind.PARTIAL_LISTING, times=1),
    "foreign owner": Trouble(before=lambda world: world.attach_foreign("gpu-2", STRANGER_ON, "stranger")),
    "stolen midway": _stolen(),
}

OF_REDFISH: Mapping[str, Trouble] = {
    "garbage": knob(Knob.GARBAGE, times=1),
    "200 with an error inside": knob(Knob.ERROR_IN_200, times=1),
    "done, and silent": knob(Knob.SILENT, times=1),
    "deaf to a read": knob(Knob.DEAF, times=1),
    "503 to reads": knob(Knob.BUSY_READ, times=2),
    "session expires": knob_midway(Knob.SESSION_EXPIRED, times=1),
    "ETag race": knob(Knob.ETAG_RACE, times=1),
    "task lost": knob(Knob.TASK_LOST, times=1),
    "a listing in pages": Trouble(before=_in_pages),
    "listing cut short": knob(Knob.LISTING_CUT, times=1),
    "state of blocks not kept": knob(Knob.STATE_NOT_KEPT),
    "half applied": knob(Knob.HALF_APPLIED, times=1),
    "two systems of one name": knob(Knob.TWIN),
    "a block of two systems": knob(Knob.TWO_OWNERS),
    "restarted midway": knob_midway(Knob.RESTART),
    "hosts must be off": knob(Knob.HOST_ON),
    "a block's resource is gone": _gone(Knob.GONE),
}

OF_COUNTED: Mapping[str, Trouble] = {
    "garbage": knob(CountedKnob.GARBAGE, times=1),
    "200 with an error inside": knob(CountedKnob.ERROR_IN_200, times=1),
    "done, and silent": knob(CountedKnob.SILENT, times=1),
    "deaf to a read": knob(CountedKnob.DEAF, times=1),
    "503 to reads": knob(CountedKnob.BUSY_READ, times=2),
    "token expires": knob_midway(CountedKnob.TOKEN_EXPIRED, times=1),
    "listing cut short": knob(CountedKnob.LISTING_CUT, times=1),
    "the job is suspended": knob(CountedKnob.SUSPENDED, times=1),
    "every job is suspended": knob(CountedKnob.SUSPENDED),
    "a second writer changes the count": knob(CountedKnob.SECOND_WRITER, times=1),
    "a second writer while the reply is lost": Trouble(before=_second_writer_unseen),
    "restarted midway": knob_midway(CountedKnob.RESTART),
    "hosts must be off": knob(CountedKnob.HOST_ON),
    "a device's resource is gone": _gone(CountedKnob.GONE),
}
