"""Which faults are on, in the words of the emulator; drawn from the fabric's own chance."""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from fabric.drivers.emulator.faults import SLOW_FACTOR, FaultKind


@dataclass(slots=True)
class Fault:
    """`blocks` empty means any block, `operation` empty any call, `times_left` None for as long as it is on."""

    kind: FaultKind
    probability: float = 1.0
    blocks: frozenset[str] = frozenset()
    operation: str = ""
    times_left: int | None = None
    factor: float = SLOW_FACTOR

    def concerns(self, operation: str, block: str) -> bool:
        return (
            self.times_left != 0
            and (not self.operation or self.operation == operation)
            and (not self.blocks or block in self.blocks)
        )


class Faults:
    """`struck` counts those that struck."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self.on: dict[FaultKind, list[Fault]] = {}
        self.struck = 0
        self.are_on = False

    def set(self, fault: Fault) -> None:
        self.are_on = True
        self.on.setdefault(fault.kind, []).append(fault)

    def clear(self) -> None:
        self.on.clear()
        self.are_on = False

    def strikes(self, kind: FaultKind, operation: str, block: str = "") -> Fault | None:
        for fault in self.on.get(kind, ()) if self.are_on else ():
            if self._rng.random() < fault.probability and fault.concerns(operation, block):
                self._count(fault)
                return fault
        return None

    def drawn_block(self, kind: FaultKind, operation: str, blocks: Sequence[str]) -> str | None:
        """The one block of a call that a fault of this kind hits, or None."""
        for fault in self.on.get(kind, ()):
            hit = _hit(fault.blocks, blocks)
            if hit and fault.concerns(operation, hit[0]) and self._rng.random() < fault.probability:
                self._count(fault)
                return self._rng.choice(hit)
        return None

    def _count(self, fault: Fault) -> None:
        self.struck += 1
        if fault.times_left is not None:
            fault.times_left -= 1


def _hit(named: Collection[str], blocks: Sequence[str]) -> Sequence[str]:
    return [block for block in blocks if block in named] if named else blocks
