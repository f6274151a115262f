"""What stays add up to: watts of a rack, nodes on a PRU, devices of a project, ports of a network; and links. Pure."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping

from scheduler.planning.levels import Level
from scheduler.planning.levels import Span as Change
from scheduler.planning.shape import Shape
from scheduler.planning.stays import Stay

Use = tuple[str, int, str]  # reservation, node, host: one port of the host and one uplink of the PRU
Spans = tuple[tuple[int, int], ...]
_NOTHING = Level()


class Sums:
    """Changed in place; what is inside is replaced, never changed, so that a copy stays as it is."""

    __slots__ = ("_levels", "_links", "_shape")

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._levels: dict[Hashable, Level] = {}
        self._links: dict[str, Mapping[Use, Spans]] = {}

    def copy(self) -> "Sums":
        other = Sums(self._shape)
        other._levels, other._links = self._levels.copy(), self._links.copy()
        return other

    def peak(self, key: Hashable, begin: int, end: int) -> int:
        return self._levels.get(key, _NOTHING).peak(begin, end)

    def links_on(self, pru: str) -> Iterator[tuple[Use, int, int]]:
        for use, spans in self._links.get(pru, {}).items():
            yield use, *_hull(spans)

    def linked_prus(self) -> Iterable[str]:
        return self._links.keys()

    def fill(self, stays: Iterable[Stay]) -> None:
        """`add` for many at once, where there are none yet."""
        changes: defaultdict[Hashable, list[Change]] = defaultdict(list)
        links: defaultdict[str, defaultdict[Use, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
        for stay in stays:
            for key, by in amounts(self._shape, stay):
                changes[key].append((stay.begin, stay.end, by))
            for pru in self._prus(stay):
                links[pru][stay.reservation, stay.node, stay.host].append((stay.begin, stay.end))
        self._links = {pru: {use: tuple(sorted(spans)) for use, spans in uses.items()} for pru, uses in links.items()}
        for pru, uses in self._links.items():
            changes["nodes", pru] = [(*_hull(spans), 1) for spans in uses.values()]
        self._levels = {key: Level(ones) for key, ones in changes.items()}

    def add(self, stay: Stay) -> None:
        self._change(stay, 1)
        for pru in self._prus(stay):
            use = (stay.reservation, stay.node, stay.host)
            had = self._links.get(pru, {}).get(use, ())
            self._relink(pru, use, had, tuple(sorted((*had, (stay.begin, stay.end)))))

    def remove(self, stay: Stay) -> None:
        self._change(stay, -1)
        for pru in self._prus(stay):
            use = (stay.reservation, stay.node, stay.host)
            had = self._links[pru][use]
            left = list(had)
            left.remove((stay.begin, stay.end))
            self._relink(pru, use, had, tuple(left))

    def _change(self, stay: Stay, sign: int) -> None:
        for key, by in amounts(self._shape, stay):
            self._raise(key, stay.begin, stay.end, by * sign)

    def _raise(self, key: Hashable, begin: int, end: int, by: int) -> None:
        level = self._levels.get(key, _NOTHING).plus(begin, end, by)
        if level.days:
            self._levels[key] = level
        else:
            self._levels.pop(key, None)

    def _relink(self, pru: str, use: Use, had: Spans, has: Spans) -> None:
        """A node that holds devices of one PRU by several stays has one link to it, for as long as any of them."""
        if had:
            self._raise(("nodes", pru), *_hull(had), -1)
        uses = dict(self._links.get(pru, {}))
        if has:
            self._raise(("nodes", pru), *_hull(has), 1)
            uses[use] = has
        else:
            del uses[use]
        if uses:
            self._links[pru] = uses
        else:
            del self._links[pru]

    def _prus(self, stay: Stay) -> list[str]:
        """A set, in the order of bits."""
        return list(dict.fromkeys(pru for bit in stay.bits if (pru := self._shape.prus[bit]) is not None))


def amounts(shape: Shape, stay: Stay) -> Iterator[tuple[Hashable, int]]:
    """What a stay adds to which sum for as long as it lasts, but for the links."""
    counts: Counter[Hashable] = Counter()
    for bit in stay.bits:
        device_class = shape.classes[bit]
        if not device_class:
            continue
        counts["rack", shape.racks[bit]] += stay.watts.get(bit, shape.watts[bit])
        counts["held", stay.project, device_class] += 1
        if shape.accelerators[bit]:
            counts["held", stay.project] += 1
    if stay.rails:
        counts["ports", stay.network] += stay.rails
    yield from counts.items()


def _hull(spans: Spans) -> tuple[int, int]:
    return spans[0][0], max(end for _, end in spans)
