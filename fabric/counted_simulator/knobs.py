"""What the service is made to do wrong, each with one line: a kind and how often. No randomness of its own.

Faults of the fabric itself are handed to the emulator's file; those of this face are counted here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from fabric.drivers.emulator import faults, mischief
from fabric.drivers.emulator.faults import FaultKind


class Knob(StrEnum):
    """This face's own; every `FaultKind` of the emulator is a knob too."""

    GARBAGE = "garbage"  # done, and answered 200 with a page that is no JSON
    ERROR_IN_200 = "error_in_200"  # not done, and answered 200 with an error inside
    SILENT = "silent"  # a change is taken, and its reply never comes
    DEAF = "deaf"  # a read is never answered
    BUSY_READ = "busy_read"  # a read is refused with 503 and Retry-After
    TOKEN_EXPIRED = "token_expired"  # 401 once more
    LISTING_CUT = "listing_cut"  # the listing of devices leaves out every other one, and counts them all
    SUSPENDED = "suspended"  # a job is suspended as soon as it is taken, until it is resumed or cancelled
    SECOND_WRITER = "second_writer"  # somebody else gets a device of the spec right before our count is taken
    RESTART = "restart"  # tokens are forgotten; what runs goes on
    HOST_ON = "host_on"  # hosts must be off, and are not
    HIDDEN = "hidden"  # a device is attached, and its host does not see it
    FOREIGN = "foreign"  # somebody else attaches a device: {"block", "host", "name"}
    GONE = "gone"  # a device has no resource; its machine goes on naming it


ACTS = frozenset({Knob.FOREIGN, Knob.RESTART})  # happen once, and are not switched on


@dataclass(slots=True)
class Setting:
    kind: Knob
    times_left: int | None
    blocks: frozenset[str]


@dataclass(slots=True)
class Knobs:
    path: Path
    settings: list[Setting] = field(default_factory=list)

    def turn(self, *, line: Mapping[str, Any], now: float) -> Knob | None:
        """One line: {"kind": …, "times": 1, "blocks": […]}. This face's knob, if it is one. Raises ValueError."""
        kind, options = str(line.get("kind", "")), {k: v for k, v in line.items() if k != "kind"}
        if kind in {k.value for k in FaultKind}:
            faults.set_fault(path=self.path, kind=FaultKind(kind), **options)
            return None
        knob = Knob(kind)
        if knob == Knob.FOREIGN:
            name = str(options.get("name", "stranger"))
            mischief.attach(path=self.path, block=options["block"], host=options["host"], tag=name, now=now)
        elif knob not in ACTS:
            self.settings.append(Setting(knob, options.get("times"), frozenset(options.get("blocks", ()))))
        return knob

    def clear(self) -> None:
        """Off with all of them; what they did stays done."""
        self.settings.clear()
        faults.clear(path=self.path)

    def strikes(self, kind: Knob) -> bool:
        """Whether it hits now; one that has a number of times loses one."""
        for setting in self.settings:
            if setting.kind == kind and setting.times_left != 0:
                if setting.times_left is not None:
                    setting.times_left -= 1
                return True
        return False

    def is_on(self, kind: Knob, block: str = "") -> bool:
        return any(s.kind == kind and (not s.blocks or block in s.blocks) for s in self.settings if s.times_left != 0)
