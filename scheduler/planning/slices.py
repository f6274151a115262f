"""MIG: which slices one card can be cut into, and on how few cards a number of them goes (rule R11). Pure.

NVIDIA's rules, from the MIG user guide: a profile `Ng.Mgb` takes N of the card's compute slices and a power of two of
its memory slices, beginning at a multiple of that. A card of seven has eight memory slices, a card of four has four. So
on a card of seven 3g lies at 0 or 4, 4g at 0, 2g at 0, 2 or 4, 1g at 0 to 6, a 1g of double memory at 0, 2, 4 or 6.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from fabric.topology import DeviceClassFacts

Layout = Mapping[str, int]  # profile → how many of it on one card
Counts = tuple[int, ...]  # the same, in the order of `_Cut.profiles`

_COMPUTE = re.compile(r"(\d{1,2})g\.", re.ASCII)
_CLASSES_KEPT_MAX = 64
_ANSWERS_KEPT_MAX = 4_096


def fits(layout: Layout, facts: DeviceClassFacts) -> bool:
    """Whether one card of this class can be cut so."""
    if any(count and name not in facts.mig_profiles for name, count in layout.items()):
        return False
    cut = _cut_of(facts)
    return _into(cut, _counts(cut, layout), 1) is not None


def pack(want: Layout, facts: DeviceClassFacts) -> tuple[Layout, ...]:
    """The layout of each card for so many slices, on the fewest cards; the fullest first, the same every time.

    Exact for any number, as long as the class's `most` of a profile is what its geometry allows.
    Raises KeyError for a profile the class has not.
    """
    for name in want:
        if not facts.mig_profiles.get(name):
            raise KeyError(name)
    cut = _cut_of(facts)
    cards = _packed(cut, _counts(cut, want))
    names = [profile.name for profile in cut.profiles]
    return tuple({name: n for name, n in zip(names, card, strict=True) if n} for card in cards)


@dataclass(frozen=True, slots=True)
class _Profile:
    """Where slices of one kind may lie: `starts` and `width` are in memory slices.

    The starts that least else can use come first: the last half of a card of seven lacks a compute slice.
    """

    name: str
    width: int
    starts: tuple[int, ...]
    most: int


@dataclass(frozen=True, slots=True)
class _Cut:
    """How cards of one class are cut; hashable, so that what was found for it is remembered."""

    memory: int
    profiles: tuple[_Profile, ...]  # the widest first, then what takes most compute slices


def _cut_of(facts: DeviceClassFacts) -> _Cut:
    known = sorted((name, most) for name, most in facts.mig_profiles.items() if most > 0)
    return _cut(facts.mig_instances_max, tuple(known))


@lru_cache(maxsize=_CLASSES_KEPT_MAX)
def _cut(compute: int, profiles: tuple[tuple[str, int], ...]) -> _Cut:
    memory = _power_up(compute)
    owns = {name: _compute_slices(name, most, compute) for name, most in profiles}
    found = [_profile(name, owns[name], most, compute, memory) for name, most in profiles]
    return _Cut(memory, tuple(sorted(found, key=lambda profile: (-profile.width, -owns[profile.name], profile.name))))


def _compute_slices(name: str, most: int, compute: int) -> int:
    named = _COMPUTE.match(name)
    return min(int(named[1]), compute) if named else max(1, compute // max(1, most))


def _profile(name: str, own: int, most: int, compute: int, memory: int) -> _Profile:
    """Its memory is what lets `most` of it lie side by side, and at least what its compute slices need."""
    share = memory if own == compute else _power_up(own)
    width = share if most <= 1 else max(share, _power_down(memory // most))
    starts = [at for at in range(0, memory, width) if at + own <= compute]
    starts.sort(key=lambda at: (min(width, compute - at), at))
    return _Profile(name, width, tuple(starts), most)


def _power_up(least: int) -> int:
    return 1 << max(0, least - 1).bit_length()


def _power_down(most: int) -> int:
    return 1 << (max(1, most).bit_length() - 1)


def _counts(cut: _Cut, layout: Layout) -> Counts:
    return tuple(layout.get(profile.name, 0) for profile in cut.profiles)


@lru_cache(maxsize=_ANSWERS_KEPT_MAX)
def _packed(cut: _Cut, counts: Counts) -> tuple[Counts, ...]:
    cards = _least(cut, counts)
    while True:
        found = _into(cut, counts, cards)
        if found is not None:
            return tuple(sorted(found, reverse=True))
        cards += 1


def _least(cut: _Cut, counts: Counts) -> int:
    """No fewer cards than memory and each profile alone ask for."""
    memory = sum(n * profile.width for n, profile in zip(counts, cut.profiles, strict=True))
    alone = (-(-n // profile.most) for n, profile in zip(counts, cut.profiles, strict=True))
    return max(-(-memory // cut.memory), *alone) if counts else 0


def _into(cut: _Cut, counts: Counts, cards: int) -> tuple[Counts, ...] | None:
    """The widest first, each where the least else could lie.

    Widths are powers of two and starts are multiples of them, so what is narrower never needs what is wider to be put
    elsewhere: if this finds no room on so many cards, there is none.
    """
    taken = [0] * cards  # a bit for every memory slice
    cut_so = [[0] * len(counts) for _ in range(cards)]
    for nth, profile in enumerate(cut.profiles):
        left = counts[nth]
        bits = (1 << profile.width) - 1
        for start in profile.starts:
            for card in range(cards):
                if left and not taken[card] & bits << start and cut_so[card][nth] < profile.most:
                    taken[card] |= bits << start
                    cut_so[card][nth] += 1
                    left -= 1
        if left:
            return None
    return tuple(tuple(card) for card in cut_so)
