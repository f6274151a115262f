"""Knobs of a face of the emulated fabric, each turned with one line: a kind and how often. No randomness of its own.

Faults of the fabric itself are handed to the emulator's file; those of a face are counted here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Generic, TypeVar

from fabric.drivers.emulator import faults, mischief
from fabric.drivers.emulator.faults import FaultKind

Kind = TypeVar("Kind", bound=StrEnum)


@dataclass(slots=True)
class Setting(Generic[Kind]):
    kind: Kind
    times_left: int | None
    blocks: frozenset[str]


@dataclass(slots=True)
class Knobs(Generic[Kind]):
    """`foreign` and `restart` are acts of a face: they happen once, and are not switched on."""

    path: Path
    kinds: type[Kind]
    foreign: Kind  # somebody else attaches a block: {"block", "host", "name"}
    restart: Kind
    settings: list[Setting[Kind]] = field(default_factory=list)

    def turn(self, *, line: Mapping[str, Any], now: float) -> Kind | None:
        """One line: {"kind": …, "times": 1, "blocks": […]}. The face's knob, if it is one. Raises ValueError."""
        kind, options = str(line.get("kind", "")), {k: v for k, v in line.items() if k != "kind"}
        if kind in {k.value for k in FaultKind}:
            faults.set_fault(path=self.path, kind=FaultKind(kind), **options)
            return None
        knob = self.kinds(kind)
        if knob == self.foreign:
            name = str(options.get("name", "stranger"))
            mischief.attach(path=self.path, block=options["block"], host=options["host"], tag=name, now=now)
        elif knob != self.restart:
            self.settings.append(Setting(knob, options.get("times"), frozenset(options.get("blocks", ()))))
        return knob

    def clear(self) -> None:
        """Off with all of them; what they did stays done."""
        self.settings.clear()
        faults.clear(path=self.path)

    def strikes(self, kind: Kind) -> bool:
        """Whether it hits now; one that has a number of times loses one."""
        for setting in self.settings:
            if setting.kind == kind and setting.times_left != 0:
                if setting.times_left is not None:
                    setting.times_left -= 1
                return True
        return False

    def is_on(self, kind: Kind, block: str = "") -> bool:
        return any(s.kind == kind and (not s.blocks or block in s.blocks) for s in self.settings if s.times_left != 0)
