"""How the devices of one node are spread over chassis: few chassis first, the emptiest that suffices first. Pure.

Blocks of one class in one chassis are interchangeable, so the search is over counts, not over blocks.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from scheduler.planning.shelves import Shelf

Spread = tuple[tuple[Shelf, int], ...]


@dataclass
class Spreading:
    """`need` is a count and its shelves by part; `watts_left` is by rack; `tick` may end the search by raising."""

    need: Sequence[tuple[int, Sequence[Shelf]]]  # scarcest part first
    chassis_max: int
    watts_left: Callable[[str], float]
    tick: Callable[[], None]
    prefers: Callable[[str], int] = lambda chassis: 0
    opened: Counter[str] = field(default_factory=Counter)
    drawn: Counter[str] = field(default_factory=Counter)
    chosen: list[tuple[Shelf, int]] = field(default_factory=list)

    def options(self) -> Iterator[Spread]:
        """Every way, over the fewest chassis first, up to `chassis_max`."""
        if not self.need:
            yield ()
        if not self.need or not all(self._could_ever(count, shelves) for count, shelves in self.need):
            return
        chassis = {shelf.chassis for _, shelves in self.need for shelf in shelves}
        for exactly in range(max(1, self._fewest()), min(self.chassis_max, len(chassis)) + 1):
            yield from self._line(0, exactly)

    def _could_ever(self, count: int, shelves: Sequence[Shelf]) -> bool:
        """A bound that refutes without searching: what each rack could feed, summed over the racks."""
        by_rack: defaultdict[str, int] = defaultdict(int)
        for shelf in shelves:
            by_rack[shelf.rack] += shelf.free
        watts = max((shelf.watts for shelf in shelves), default=0)
        return sum(min(free, self._devices_fed(rack, watts)) for rack, free in by_rack.items()) >= count

    def _fewest(self) -> int:
        """Parts that share no chassis need as many as each needs alone, together."""
        fewest, taken = 0, set[str]()
        for count, shelves in sorted(self.need, key=lambda item: len(item[1])):
            names = {shelf.chassis for shelf in shelves}
            alone = _fewest_alone(count, shelves)
            if taken.isdisjoint(names):
                fewest, taken = fewest + alone, taken | names
            else:
                fewest = max(fewest, alone)
        return fewest

    def _devices_fed(self, rack: str, watts: int) -> int:
        left = self.watts_left(rack) - self.drawn[rack]
        return int(max(0, left) // watts) if watts and left != float("inf") else 1 << 30

    def _line(self, at: int, exactly: int) -> Iterator[Spread]:
        if at == len(self.need):
            if len(self.opened) == exactly:
                yield tuple(self.chosen)
            return
        count, shelves = self.need[at]
        order = sorted(shelves, key=lambda shelf: self._preference(shelf, count))
        yield from self._fill(at, order, 0, count, exactly)

    def _preference(self, shelf: Shelf, count: int) -> tuple[int, bool, bool, int, str]:
        """Chassis the node uses already; then those that suffice alone, leaving least; then the fullest."""
        suffices = shelf.free >= count
        return (
            self.prefers(shelf.chassis),
            shelf.chassis not in self.opened,
            not suffices,
            shelf.free if suffices else -shelf.free,
            shelf.chassis,
        )

    def _fill(self, at: int, order: Sequence[Shelf], start: int, left: int, exactly: int) -> Iterator[Spread]:
        self.tick()
        if left == 0:
            yield from self._line(at + 1, exactly)
            return
        for nth in range(start, len(order)):
            if self._reach(order[nth:], exactly) < left:
                return
            shelf = order[nth]
            if shelf.chassis not in self.opened and len(self.opened) == exactly:
                continue
            for amount in shelf.amounts(min(left, self._devices_fed(shelf.rack, shelf.watts))):
                self._take(shelf, amount)
                yield from self._fill(at, order, nth + 1, left - amount, exactly)
                self._give_back(shelf, amount)

    def _reach(self, rest: Sequence[Shelf], exactly: int) -> int:
        """The most that the chassis still to come could give, no more of them being opened than allowed."""
        unopened_max = exactly - len(self.opened)
        known = sum(shelf.free for shelf in rest if shelf.chassis in self.opened)
        if unopened_max == 0:
            return known
        unopened = sorted((shelf.free for shelf in rest if shelf.chassis not in self.opened), reverse=True)
        return known + sum(unopened[:unopened_max])

    def _take(self, shelf: Shelf, amount: int) -> None:
        self.opened[shelf.chassis] += 1
        self.drawn[shelf.rack] += amount * shelf.watts
        self.chosen.append((shelf, amount))

    def _give_back(self, shelf: Shelf, amount: int) -> None:
        self.chosen.pop()
        self.drawn[shelf.rack] -= amount * shelf.watts
        self.opened[shelf.chassis] -= 1
        if not self.opened[shelf.chassis]:
            del self.opened[shelf.chassis]


def _fewest_alone(count: int, shelves: Sequence[Shelf]) -> int:
    """Chassis one part needs at least: the fullest first."""
    used = 0
    for free in sorted((shelf.free for shelf in shelves), reverse=True):
        if count <= 0:
            break
        count, used = count - free, used + 1
    return used
