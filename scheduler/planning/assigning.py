"""Which block of a node answers which of its asks. Pure and deterministic.

A plan says which blocks a node has; a power cap or a MIG layout belongs to one line of it. Where two lines accept the
same block, which of them it answers is worked out here, the same way wherever it is asked.
"""

from collections.abc import Mapping, Sequence

from fabric.topology import BlockFacts
from scheduler.planning.case import Ask, Placed


def assign(placed: Placed) -> Mapping[str, Ask]:
    """Block code → its ask, for as many blocks as can be answered for: all of them where the node is whole."""
    asks, blocks = placed.wish.asks, sorted(placed.blocks, key=lambda block: block.code)
    chosen = _by_class(asks, blocks) if is_plain(asks) else _Seating(asks).seat(blocks)
    return {block.code: ask for ask, ones in zip(asks, chosen, strict=True) for block in ones}


def is_plain(asks: Sequence[Ask]) -> bool:
    """Every ask has a class of its own, as nearly always: no block can answer two."""
    classes = {code for ask in asks for code in ask.classes}
    return len(classes) == sum(len(ask.classes) for ask in asks)


def _by_class(asks: Sequence[Ask], blocks: Sequence[BlockFacts]) -> list[list[BlockFacts]]:
    return [[block for block in blocks if ask.accepts(block)][: ask.count] for ask in asks]


class _Seating:
    """A largest matching of blocks to asks: a block that finds no room has another one moved on, if that helps."""

    def __init__(self, asks: Sequence[Ask]) -> None:
        self._asks = asks
        self._chosen: list[list[BlockFacts]] = [[] for _ in asks]

    def seat(self, blocks: Sequence[BlockFacts]) -> list[list[BlockFacts]]:
        for block in blocks:
            self._place(block, set())
        return self._chosen

    def _place(self, block: BlockFacts, tried: set[int]) -> bool:
        fitting = [nth for nth, ask in enumerate(self._asks) if nth not in tried and ask.accepts(block)]
        tried.update(fitting)
        for nth in fitting:
            if len(self._chosen[nth]) < self._asks[nth].count:
                self._chosen[nth].append(block)
                return True
        return any(self._make_room(nth, block, tried) for nth in fitting)

    def _make_room(self, nth: int, block: BlockFacts, tried: set[int]) -> bool:
        moved = next((one for one in self._chosen[nth] if self._place(one, tried)), None)
        if moved is None:
            return False
        self._chosen[nth].remove(moved)
        self._chosen[nth].append(block)
        return True
