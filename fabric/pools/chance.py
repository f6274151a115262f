"""A fixed generator of numbers: the same seed gives the same pool on every machine and every Python.

SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): 64-bit integer arithmetic only, so that no library's version matters.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

MASK = (1 << 64) - 1
GAMMA = 0x9E3779B97F4A7C15
MIX_1 = 0xBF58476D1CE4E5B9
MIX_2 = 0x94D049BB133111EB

One = TypeVar("One")


class Chance:
    def __init__(self, seed: int) -> None:
        self._state = seed & MASK

    def bits(self) -> int:
        """64 of them."""
        self._state = (self._state + GAMMA) & MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * MIX_1) & MASK
        mixed = ((mixed ^ (mixed >> 27)) * MIX_2) & MASK
        return mixed ^ (mixed >> 31)

    def below(self, bound: int) -> int:
        """0 … bound - 1; the bias of a modulus over 64 bits does not matter here."""
        return self.bits() % bound

    def weighted(self, weights: Mapping[One, int]) -> One:
        """One of the keys, as often as its whole-number weight says."""
        at = self.below(sum(weights.values()))
        for one, weight in weights.items():
            if at < weight:
                return one
            at -= weight
        raise AssertionError("the weights add up to more than the number drawn")

    def shuffled(self, items: Sequence[One]) -> list[One]:
        """Fisher and Yates."""
        mixed = list(items)
        for last in range(len(mixed) - 1, 0, -1):
            other = self.below(last + 1)
            mixed[last], mixed[other] = mixed[other], mixed[last]
        return mixed
