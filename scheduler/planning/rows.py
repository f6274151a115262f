"""Which units are busy in each slot of time, one bit a unit. Pure.

A row is the mask of the units busy at any instant of its slot. Rows lie in chunks of 64; a chunk also keeps the union
of every 16 rows and of all. A chunk is never changed, only replaced, so that a copy of the rows costs little.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

FINE = 64  # rows in a chunk
COARSE = 16  # rows in one union of a chunk


@dataclass(frozen=True, slots=True)
class _Chunk:
    fine: tuple[int, ...]
    coarse: tuple[int, ...]
    whole: int


_EMPTY = _Chunk((0,) * FINE, (0,) * (FINE // COARSE), 0)


class Rows:
    """Slots are numbered from 1970 on. There is a row for any of them; only chunks that hold something are kept."""

    __slots__ = ("_chunks",)

    def __init__(self, chunks: dict[int, _Chunk] | None = None) -> None:
        self._chunks = chunks if chunks is not None else {}

    def copy(self) -> "Rows":
        return Rows(dict(self._chunks))

    def row(self, slot: int) -> int:
        chunk = self._chunks.get(slot // FINE)
        return chunk.fine[slot % FINE] if chunk else 0

    def between(self, first: int, last: int) -> list[int]:
        """Row after row of `[first, last)`."""
        found: list[int] = []
        for number, at, until in _parts(first, last):
            found += self._chunks.get(number, _EMPTY).fine[at:until]
        return found

    def union(self, first: int, last: int) -> int:
        """Of the rows of `[first, last)`."""
        mask = 0
        while first < last:
            number, at = divmod(first, FINE)
            until = min(FINE, last - number * FINE)
            chunk = self._chunks.get(number)
            if chunk is not None:
                mask |= chunk.whole if until - at == FINE else _union(chunk, at, until)
            first += until - at
        return mask

    def fill(self, flips: Mapping[int, bytearray]) -> None:
        """All at once, where there is nothing yet: by slot, the units whose being busy begins or ends with it."""
        mask, rows = 0, list[int]()
        first = min(flips, default=0) // FINE
        for slot in range(first * FINE, -(-(max(flips, default=0) + 1) // FINE) * FINE):
            if slot in flips:
                mask ^= int.from_bytes(flips[slot], "little")
            rows.append(mask)
            if len(rows) == FINE:
                self._replace(slot // FINE, _EMPTY, rows, 0, FINE)
                rows = []

    def mark(self, mask: int, first: int, last: int) -> None:
        """Busy in the slots of `[first, last)`."""
        for number, at, until in _parts(first, last):
            chunk = self._chunks.get(number, _EMPTY)
            fine = (*chunk.fine[:at], *[row | mask for row in chunk.fine[at:until]], *chunk.fine[until:])
            coarse = list(chunk.coarse)
            for nth in range(at // COARSE, (until - 1) // COARSE + 1):
                coarse[nth] |= mask
            self._chunks[number] = _Chunk(fine, tuple(coarse), chunk.whole | mask)

    def clear(self, mask: int, first: int, last: int, kept: Iterable[tuple[int, int, int]]) -> None:
        """No longer busy in `[first, last)`, but for what is `kept`: mask, first and last again."""
        for number, at, until in _parts(first, last):
            chunk = self._chunks.get(number, _EMPTY)
            fine = [*chunk.fine[:at], *[row & ~mask for row in chunk.fine[at:until]], *chunk.fine[until:]]
            for bits, begin, end in kept:
                for slot in range(max(begin - number * FINE, at), min(end - number * FINE, until)):
                    fine[slot] |= bits
            self._replace(number, chunk, fine, at, until)

    def _replace(self, number: int, chunk: _Chunk, fine: list[int], at: int, until: int) -> None:
        coarse = list(chunk.coarse)
        for nth in range(at // COARSE, (until - 1) // COARSE + 1):
            coarse[nth] = _all_of(fine[nth * COARSE : (nth + 1) * COARSE])
        whole = _all_of(coarse)
        if whole:
            self._chunks[number] = _Chunk(tuple(fine), tuple(coarse), whole)
        else:
            self._chunks.pop(number, None)


def _parts(first: int, last: int) -> Iterable[tuple[int, int, int]]:
    """The range by chunks: number, first and last inside."""
    for number in range(first // FINE, (last - 1) // FINE + 1) if first < last else ():
        yield number, max(first - number * FINE, 0), min(last - number * FINE, FINE)


def _union(chunk: _Chunk, at: int, until: int) -> int:
    first, last = -(-at // COARSE), until // COARSE
    if first >= last:
        return _all_of(chunk.fine[at:until])
    return _all_of((*chunk.fine[at : first * COARSE], *chunk.coarse[first:last], *chunk.fine[last * COARSE : until]))


def _all_of(masks: Iterable[int]) -> int:
    mask = 0
    for one in masks:
        mask |= one
    return mask
