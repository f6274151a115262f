"""What stays add up to: watts of a rack, nodes on a PRU, devices of a project, ports of a network; and links. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from scheduler.planning.levels import Level, peak_together
from scheduler.planning.levels import Span as Change
from scheduler.planning.shape import Shape
from scheduler.planning.stays import Stay

Use = tuple[str, int, str]  # reservation, node, host: one port of the host and one uplink of the PRU
Spans = Sequence[tuple[int, int]]
Uses = tuple[dict[Use, Spans], ...]
Key = tuple[str, ...]
_NOTHING = Level()
BUCKETS = 16  # links of a PRU are kept in small dictionaries, so that changing one copies little
SORTED_AT_ONCE = frozenset({"rack", "nodes", "plane", "loose"})  # every search asks them


class Sums:
    """Changed in place; what is inside is replaced, never changed, so that a copy stays as it is."""

    __slots__ = ("_levels", "_links", "_shape")

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._levels: dict[Key, Level] = {}
        self._links: dict[str, Uses] = {}

    def copy(self) -> "Sums":
        other = Sums(self._shape)
        other._levels, other._links = self._levels.copy(), self._links.copy()
        return other

    def peak(self, key: Key, begin: int, end: int) -> int:
        return self._levels.get(key, _NOTHING).peak(begin, end)

    def peak_together(self, keys: Iterable[Key], begin: int, end: int) -> int:
        """Of their sum."""
        return peak_together([self._levels[key] for key in keys if key in self._levels], begin, end)

    def peak_at(self, key: Key, begin: int, end: int) -> tuple[int, int]:
        """With the first instant of it."""
        return self._levels.get(key, _NOTHING).peak_at(begin, end)

    def links_on(self, pru: str) -> Iterator[tuple[Use, int, int]]:
        for uses in self._links.get(pru, ()):
            for use, spans in uses.items():
                yield use, *_hull(spans)

    def linked_prus(self) -> Iterable[str]:
        return self._links.keys()

    def fill(self, stays: Iterable[Stay]) -> None:
        """`add` for many at once, where there are none yet."""
        changes: defaultdict[Key, list[Change]] = defaultdict(list)
        for stay in stays:
            for key, by in amounts(self._shape, stay).items():
                changes[key].append((stay.begin, stay.end, by))
            for pru in self._prus(stay):
                use = (stay.reservation, stay.node, stay.host)
                uses = self._links.setdefault(pru, tuple({} for _ in range(BUCKETS)))[hash(use) % BUCKETS]
                uses[use] = (*uses.get(use, ()), (stay.begin, stay.end))
        for pru in self._links:
            changes["nodes", pru] = [(begin, end, 1) for _, begin, end in self.links_on(pru)]
            changes["loose", pru] += changes["nodes", pru]
        self._levels = {key: Level(ones) for key, ones in changes.items()}
        for key, level in self._levels.items():
            if key[0] in SORTED_AT_ONCE:
                _ = level.days

    def add(self, stay: Stay) -> None:
        self._change(stay, 1)
        for pru in self._prus(stay):
            self._relink(pru, (stay.reservation, stay.node, stay.host), lambda had: [*had, (stay.begin, stay.end)])

    def remove(self, stay: Stay) -> None:
        self._change(stay, -1)
        for pru in self._prus(stay):
            self._relink(pru, (stay.reservation, stay.node, stay.host), lambda had: _less(had, (stay.begin, stay.end)))

    def _change(self, stay: Stay, sign: int) -> None:
        for key, by in amounts(self._shape, stay).items():
            self._raise(key, stay.begin, stay.end, by * sign)

    def _raise(self, key: Key, begin: int, end: int, by: int) -> None:
        level = self._levels.get(key, _NOTHING).plus(begin, end, by)
        if level.is_nothing:
            self._levels.pop(key, None)
        else:
            self._levels[key] = level

    def _relink(self, pru: str, use: Use, change: Callable[[Spans], Spans]) -> None:
        """A node that holds devices of one PRU by several stays has one link to it, for as long as any of them."""
        buckets = list(self._links.get(pru) or ({} for _ in range(BUCKETS)))
        uses = dict(buckets[hash(use) % BUCKETS])
        had = uses.pop(use, ())
        has = change(had)
        for spans, by in ((had, -1), (has, 1)):
            if spans:
                self._raise(("nodes", pru), *_hull(spans), by)
                self._raise(("loose", pru), *_hull(spans), by)
        if has:
            uses[use] = has
        buckets[hash(use) % BUCKETS] = uses
        if any(buckets):
            self._links[pru] = tuple(buckets)
        else:
            del self._links[pru]

    def _prus(self, stay: Stay) -> list[str]:
        """A set, in the order of bits; none for a maintenance, which wires nothing."""
        if stay.is_maintenance:
            return []
        return list(dict.fromkeys(pru for bit in stay.bits if (pru := self._shape.prus[bit]) is not None))


def amounts(shape: Shape, stay: Stay) -> dict[Key, int]:
    """What a stay adds to which sum for as long as it lasts, but for the links.

    A link whose plane is known is no longer loose. A maintenance adds nothing.
    """
    if stay.is_maintenance:
        return {}
    sums: dict[Key, int] = {}
    accelerators = 0
    for bit in stay.bits:
        device_class = shape.classes[bit]
        if device_class:
            rack, held = ("rack", shape.racks[bit]), ("held", stay.project, device_class)
            sums[rack] = sums.get(rack, 0) + stay.watts.get(bit, shape.watts[bit])
            sums[held] = sums.get(held, 0) + 1
            accelerators += shape.accelerators[bit]
    if accelerators:
        sums["held", stay.project] = accelerators
    if stay.rails:
        sums["ports", stay.network] = stay.rails
    for pru, plane in stay.planes:
        sums["plane", pru, plane] = 1
        sums["loose", pru] = -1
    return sums


def _less(spans: Spans, span: tuple[int, int]) -> Spans:
    left = list(spans)
    left.remove(span)
    return left


def _hull(spans: Spans) -> tuple[int, int]:
    return min(begin for begin, _ in spans), max(end for _, end in spans)
