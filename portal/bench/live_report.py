"""Figures and faults of the live bench. Pure."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from portal.bench.measuring import Timing
from portal.bench.printing import milliseconds, ratio, table
from portal.live.frames import POOL_CHANGED

HEAD = ("server", "p50 (rounds)", "p95 (rounds)", "all have it (rounds)")
SHARES = (50, 95, 100)
GOAL = 2.0


@dataclass(frozen=True, slots=True)
class Tally:
    """Over all browsers: entries that one was never told, or was told twice, and who was told out of order."""

    lost: int
    doubled: int
    disordered: int
    entries: int  # of the burst, and the seconds until everybody had the last of them
    seconds: float

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.disordered)

    def __str__(self) -> str:
        found = f"{self.lost} lost, {self.doubled} doubled, {self.disordered} browsers told out of order"
        return f"{self.entries} entries in a burst, everybody had them after {milliseconds(self.seconds)} ms; {found}"


def table_of(*, ours: Timing, bare: Timing) -> str:
    """Percentiles of every round; the ratio is the median over rounds of ours to the bare one's beside it."""
    mine, plain = (_by_round(timing) for timing in (ours, bare))
    rows = [["bare", *map(_cell, plain)], ["ours", *map(_cell, mine)]]
    ratios = [
        median(one / two for one, two in zip(my_share, their_share, strict=True))
        for my_share, their_share in zip(mine, plain, strict=True)
    ]
    rows.append(["ours/bare", *(f"{ratio(one, 1.0)}" for one in ratios)])
    goal = f"Goal: p95 of ours at most {GOAL:.0f} × the bare server's: {'met' if ratios[1] <= GOAL else 'MISSED'}."
    return table("One event to every browser (ms)", HEAD, rows) + f"\n\n{goal}"


def _by_round(timing: Timing) -> list[list[float]]:
    return [[_share(round_, percent) for round_ in timing.runs] for percent in SHARES]


def _share(took: Sequence[float], percent: int) -> float:
    return sorted(took)[min(len(took) - 1, len(took) * percent // 100)]


def _cell(of_rounds: Sequence[float]) -> str:
    low, high = min(of_rounds), max(of_rounds)
    return f"{milliseconds(median(of_rounds))} ({milliseconds(low)}–{milliseconds(high)})"


def tally(*, heard: Sequence[Sequence[bytes]], told: Sequence[bytes], entries: int, seconds: float) -> Tally:
    """What each browser heard, without that a pool changed, held against what was told."""
    lost = doubled = disordered = 0
    for texts in heard:
        mine = [text for text in texts if json.loads(text)["kind"] != POOL_CHANGED]
        missing, more = Counter(told) - Counter(mine), Counter(mine) - Counter(told)
        lost, doubled = lost + missing.total(), doubled + more.total()
        disordered += not (missing or more) and mine != list(told)
    return Tally(lost, doubled, disordered, entries, seconds)
