"""A wish as parts: devices of one class that are counted alike, whichever line asked for them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fabric.topology import BlockFacts, DeviceClassFacts
from scheduler.planning.case import Ask, Wish
from scheduler.planning.settings import drawn


@dataclass(frozen=True, slots=True)
class Part:
    """`count` devices of a class; `asks` are the lines, `watts` is what each device is counted with."""

    code: str
    count: int
    watts: int
    asks: tuple[Ask, ...]
    is_choosy: bool  # not every device of the class will do

    def suits(self, block: BlockFacts) -> bool:
        return not self.is_choosy or self.asks[0].accepts(block)


def parts_of(wish: Wish, classes: Mapping[str, DeviceClassFacts]) -> Sequence[Part]:
    """Lines that any device of their class will do for are one part, if they draw the same; others stand alone."""
    plain: dict[tuple[str, int], list[Ask]] = {}
    choosy: list[Part] = []
    for ask in wish.asks:
        code = ask.classes[0]
        watts = drawn(classes[code], ask)
        if ask.blocks is None and not ask.slices:
            plain.setdefault((code, watts), []).append(ask)
        else:
            choosy.append(Part(code, ask.count, watts, (ask,), is_choosy=True))
    merged = [
        Part(code, sum(a.count for a in asks), watts, tuple(asks), is_choosy=False)
        for (code, watts), asks in plain.items()
    ]
    return (*choosy, *merged)
