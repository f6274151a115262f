"""Settle what a mix leaves open, in order of preference: `first_of`, then the classes of selectors. Pure.

A mix that leaves nothing open has one choice with one variant, which cost no more than its wishes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from itertools import islice, product
from typing import NamedTuple

from fabric.topology import PoolTopology
from scheduler.limits import CHOICES_MAX, VARIANTS_MAX
from scheduler.planning.case import Ask, Wish
from scheduler.planning.matching import cost_of, elsewhere, matched, unpoolable
from scheduler.planning.rules.availability import REASONS
from scheduler.planning.wishes import Classes, Place, Resolution, wishes_of
from scheduler.refusals import Refusal, RefusalCode
from scheduler.requests import Line, Mix


@dataclass(frozen=True, slots=True)
class Choice:
    """A mix in which every `first_of` is settled. `picked` says by which of its alternatives, by path of the line."""

    mix: Mix
    picked: Mapping[str, int] = field(default_factory=dict)

    @property
    def paths(self) -> Mapping[Place, str]:
        """Where each line stands in the request as it was sent."""
        return {
            (at, nth): f"{path}.first_of[{self.picked[path]}]" if path in self.picked else path
            for (at, nth), path in ((place, _path(place)) for place, _ in _lines(self.mix))
        }

    @property
    def has_selectors(self) -> bool:
        return any(line.selector for _, line in _lines(self.mix))


def choices(mix: Mix, topology: PoolTopology) -> Iterator[Choice]:
    """In order of preference, at most `CHOICES_MAX`.

    An alternative of which the pool has nothing at all is passed over, unless that is true of all.
    """
    open_lines = [(place, line) for place, line in _lines(mix) if line.first_of]
    if not open_lines:
        yield Choice(mix)
        return
    stocked = [[n for n, one in enumerate(line.first_of) if _is_stocked(one, topology)] for _, line in open_lines]
    for numbers in islice(product(*(ns or [0] for ns in stocked)), CHOICES_MAX):
        picked = {_path(place): n for (place, _), n in zip(open_lines, numbers, strict=True)}
        yield Choice(settled(mix, picked), picked)


def settled(mix: Mix, picked: Mapping[str, int]) -> Mix:
    """The mix with the alternatives of these lines taken; other lines stay as they are."""
    groups = [
        replace(group, lines=tuple(_taken(line, picked.get(_path((at, nth)))) for nth, line in enumerate(group.lines)))
        for at, group in enumerate(mix.groups)
    ]
    return replace(mix, groups=tuple(groups))


def variants(choice: Choice, topology: PoolTopology) -> Iterator[tuple[Wish, ...]]:
    """The wishes with one class for every selector, the cheapest whole first, at most `VARIANTS_MAX`.

    Nothing where a selector matches nothing: `unmatched` says so.
    """
    if not choice.has_selectors:
        yield _wishes(choice.mix, topology, Resolution(paths=choice.paths) if choice.picked else Resolution())
        return
    selected = [_selected(choice, place, line, topology) for place, line in _selectors(choice.mix)]
    for picks in islice(_cheapest_first(selected, topology), VARIANTS_MAX):
        classes = {one.place: one.options[n] for one, n in zip(selected, picks, strict=True)}
        yield _wishes(choice.mix, topology, Resolution(classes, choice.paths))


def open_wishes(choice: Choice, topology: PoolTopology) -> tuple[Wish, ...]:
    """The wishes with every class that a selector matches, for a search that may mix them.

    Slices stay with classes that need as many cards as the best one. Empty where a selector matches nothing.
    """
    classes: dict[Place, Classes] = {}
    for place, line in _selectors(choice.mix):
        found = matched(line, topology)
        if not found:
            return ()
        narrowed = [one.blocks for one in found if one.blocks is not None]
        whole = {block.code for one in found if one.blocks is None for block in topology.stock[one.codes[0]]}
        blocks = frozenset(whole.union(*narrowed)) if narrowed else None
        classes[place] = Classes(tuple(one.codes[0] for one in found), blocks)
    return _wishes(choice.mix, topology, Resolution(classes, choice.paths))


def _wishes(mix: Mix, topology: PoolTopology, resolution: Resolution) -> tuple[Wish, ...]:
    """Cards that are to be capped are only those whose fabric can; which may be cut, each block says itself."""
    wishes = wishes_of(mix, topology.classes, resolution)
    if not topology.unsettable:
        return wishes
    return tuple(replace(wish, asks=tuple(_settable(ask, topology) for ask in wish.asks)) for wish in wishes)


def _settable(ask: Ask, topology: PoolTopology) -> Ask:
    if ask.power_cap_w is None:
        return ask
    meant = {block.code for code in ask.classes for block in topology.stock.get(code, ())}
    blocks = meant if ask.blocks is None else meant & ask.blocks
    return replace(ask, blocks=frozenset(blocks - topology.unsettable))


def unmatched(choice: Choice, topology: PoolTopology, catalogue_only: Mapping[str, str]) -> list[Refusal]:
    """Selectors that nothing in the pool matches, and that nothing could where only unpoolable classes do."""
    refusals = []
    for place, line in _selectors(choice.mix):
        if not matched(line, topology):
            refusals.append(_nothing_matches(f"{choice.paths[place]}.selector", line, topology, catalogue_only))
    return refusals


class _Selected(NamedTuple):
    place: Place
    devices: int  # over all nodes
    options: Sequence[Classes]  # one class each, best first


def _selected(choice: Choice, place: Place, line: Line, topology: PoolTopology) -> _Selected:
    """The options are the classes of which the pool has enough for the group; all of them if it has of none."""
    found = matched(line, topology)
    need = line.count * choice.mix.groups[place[0]].nodes
    enough = [one for one in found if line.profile or need <= len(one.blocks or topology.stock[one.codes[0]])]
    return _Selected(place, need, enough or found)


def _cheapest_first(selected: Sequence[_Selected], topology: PoolTopology) -> Iterator[tuple[int, ...]]:
    """Which option of each line, by the cost of the whole; every option's cost is at least that of the one before."""
    if not all(one.options for one in selected):
        return
    start = (0,) * len(selected)
    seen, heap = {start}, [(_cost(selected, start, topology), start)]
    while heap:
        _, picks = heappop(heap)
        yield picks
        for nth, pick in enumerate(picks):
            following = (*picks[:nth], pick + 1, *picks[nth + 1 :])
            if pick + 1 < len(selected[nth].options) and following not in seen:
                seen.add(following)
                heappush(heap, (_cost(selected, following, topology), following))


def _cost(selected: Sequence[_Selected], picks: Sequence[int], topology: PoolTopology) -> tuple[float, ...]:
    """Sums over the lines: devices that are not priced, dollars an hour, watts."""
    costs = [
        [part * one.devices for part in cost_of(one.options[n].codes[0], topology)]
        for one, n in zip(selected, picks, strict=True)
    ]
    return tuple(map(sum, zip(*costs, strict=True)))


def _nothing_matches(field: str, line: Line, topology: PoolTopology, catalogue_only: Mapping[str, str]) -> Refusal:
    others, never = elsewhere(line, topology), unpoolable(line, topology)
    if never and not others:
        words = REASONS.get(catalogue_only.get(never[0], ""), "cannot be composed in a pool")
        name = topology.unpoolable[never[0]].get("name", never[0])
        return Refusal(RefusalCode.NOT_POOLABLE, field, f"The selector matches only {name}, which {words}.")
    more = f" and {len(others) - 1} more" if len(others) > 1 else ""
    known = f"; of what the catalogue knows it matches {others[0].name}{more}" if others else ""
    message = f"Nothing in the pool matches the selector{known}."
    return Refusal(RefusalCode.DEVICE_UNAVAILABLE, field, message, line.count, 0, "devices")


def _is_stocked(line: Line, topology: PoolTopology) -> bool:
    return bool(matched(line, topology)) if line.selector else line.device_class in topology.stock


def _taken(line: Line, pick: int | None) -> Line:
    return line if pick is None else line.first_of[pick]


def _selectors(mix: Mix) -> Iterator[tuple[Place, Line]]:
    return ((place, line) for place, line in _lines(mix) if line.selector)


def _lines(mix: Mix) -> Iterator[tuple[Place, Line]]:
    return (((at, nth), line) for at, group in enumerate(mix.groups) for nth, line in enumerate(group.lines))


def _path(place: Place) -> str:
    return f"mix[{place[0]}].lines[{place[1]}]"
