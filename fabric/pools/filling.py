"""Which device is in which slot of a generated pool: counts are exact, most PRUs hold one kind, the rest a few."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from fabric.pools.chance import Chance


@dataclass(frozen=True, slots=True)
class Mixture:
    """What to fill: `counts` by device in the order of the file, adding up to `prus` × `slots`."""

    counts: Mapping[str, int]
    prus: int
    slots: int  # of a PRU
    switch_slots: int  # of a switch: mixed PRUs change kind at a switch where they can
    homogeneous: int  # PRUs that hold one kind
    kinds_max: int  # in any other PRU


class CannotFill(ValueError):
    """The counts and the rules contradict each other; the message says how."""


def fill(mixture: Mixture, chance: Chance) -> list[dict[str, int]]:
    """For every PRU, how many of each device. Raises CannotFill.

    Mixed PRUs are strewn among the others, which follow the order of the counts.
    """
    if sum(mixture.counts.values()) != mixture.prus * mixture.slots:
        raise CannotFill(f"{sum(mixture.counts.values())} devices for {mixture.prus * mixture.slots} slots")
    whole = _homogeneous(mixture)
    left = {name: count - whole[name] * mixture.slots for name, count in mixture.counts.items()}
    mixed = _mixed({name: count for name, count in left.items() if count}, mixture, chance)
    uniform = [{name: mixture.slots} for name in mixture.counts for _ in range(whole[name])]
    is_mixed = chance.shuffled([True] * len(mixed) + [False] * len(uniform))
    mixed_in_turn, uniform_in_turn = iter(mixed), iter(uniform)
    return [next(mixed_in_turn if one else uniform_in_turn) for one in is_mixed]


def _homogeneous(mixture: Mixture) -> Mapping[str, int]:
    """PRUs of one kind for every device: in proportion to its count, whole PRUs only, the largest remainders first."""
    total = mixture.prus * mixture.slots
    shares = {name: divmod(mixture.homogeneous * count, total) for name, count in mixture.counts.items()}
    whole = {name: min(share, mixture.counts[name] // mixture.slots) for name, (share, _) in shares.items()}
    by_remainder = sorted(shares, key=lambda name: -shares[name][1])
    while missing := mixture.homogeneous - sum(whole.values()):
        fitting = [name for name in by_remainder if (whole[name] + 1) * mixture.slots <= mixture.counts[name]]
        if not fitting:
            raise CannotFill(f"no {mixture.homogeneous} PRUs can hold one kind each: {missing} too many")
        for name in islice(fitting, missing):
            whole[name] += 1
    return whole


def _mixed(left: dict[str, int], mixture: Mixture, chance: Chance) -> list[dict[str, int]]:
    """While there are fewer kinds than PRUs left, any choice can be completed.

    When there are as many, the scarcest kind goes into the next PRU whole and the most plentiful fills it up: that
    leaves one kind and one PRU fewer.
    """
    prus = mixture.prus - mixture.homogeneous
    if len(left) > prus:
        raise CannotFill(f"{len(left)} kinds are left for {prus} mixed PRUs")
    made = []
    for remaining in range(prus, 0, -1):
        one = _scarcest(left, mixture) if len(left) == remaining else _few(left, mixture, chance)
        made.append(one)
        left = {name: count - one.get(name, 0) for name, count in left.items() if count > one.get(name, 0)}
    for one in made:
        if len(one) == 1:
            _mix_up(one, made, mixture)
    return made


def _mix_up(alone: dict[str, int], others: list[dict[str, int]], mixture: Mixture) -> None:
    """What was left at the end may be of one kind: it changes a switch of cards with the first PRU that can."""
    (kind,) = alone
    step = mixture.switch_slots
    for other in others:
        for name, count in other.items():
            kinds = {*other, kind} - ({name} if count == step else set())
            if name != kind and count >= step and 1 < len(kinds) <= mixture.kinds_max:
                _move(kind, step, alone, other)
                _move(name, step, other, alone)
                return


def _move(name: str, count: int, source: dict[str, int], target: dict[str, int]) -> None:
    target[name] = target.get(name, 0) + count
    source[name] -= count
    if not source[name]:
        del source[name]


def _scarcest(left: Mapping[str, int], mixture: Mixture) -> dict[str, int]:
    first, *others = sorted(left, key=lambda name: left[name])
    one = {first: left[first]}
    if left[first] < mixture.slots:
        one[others[-1]] = mixture.slots - left[first]
    return one


def _few(left: Mapping[str, int], mixture: Mixture, chance: Chance) -> dict[str, int]:
    """Kinds drawn by what is left of them: a switch of each, then the first of them that has more."""
    kinds: list[str] = []
    while len(kinds) < min(mixture.kinds_max, len(left)):
        kinds.append(chance.weighted({name: count for name, count in left.items() if name not in kinds}))
    one = dict.fromkeys(kinds, 0)
    for most in (mixture.switch_slots, mixture.slots):
        for name in kinds:
            one[name] += min(most, left[name] - one[name], mixture.slots - sum(one.values()))
    if sum(one.values()) == mixture.slots:
        return {name: count for name, count in one.items() if count}
    return {max(left, key=lambda name: left[name]): mixture.slots}  # fewer kinds than PRUs: one of them has enough
