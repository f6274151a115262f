"""Time that calls take, in seconds; several runs, medians and spread."""

import gc
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

Act = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Timing:
    """The calls of several runs. The median is that of the runs' medians; the spread is their lowest and highest."""

    runs: tuple[tuple[float, ...], ...]

    @property
    def p50(self) -> float:
        return statistics.median(self._medians)

    @property
    def spread(self) -> tuple[float, float]:
        return min(self._medians), max(self._medians)

    def percentile(self, percent: int) -> float:
        """Over the calls of all runs."""
        ordered = sorted(one for run in self.runs for one in run)
        return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]

    def over(self, other: "Timing") -> float:
        """This as a share of the other: the median over pairs of calls that were made one after the other."""
        mine, theirs = ([one for run in timing.runs for one in run] for timing in (self, other))
        return statistics.median(one / two for one, two in zip(mine, theirs, strict=True))

    @property
    def _medians(self) -> list[float]:
        return [statistics.median(run) for run in self.runs]


@dataclass
class Stopwatch:
    """Collects calls by name, run by run."""

    _calls: dict[str, list[list[float]]] = field(default_factory=dict)
    _run: int = 0

    def begin_run(self) -> None:
        self._run += bool(self._calls)
        gc.collect()

    def time(self, name: str, act: Act) -> object:
        began = time.perf_counter()
        answer = act()
        took = time.perf_counter() - began
        runs = self._calls.setdefault(name, [])
        runs += [[] for _ in range(self._run + 1 - len(runs))]
        runs[self._run].append(took)
        return answer

    def timing(self, name: str) -> Timing:
        return Timing(tuple(tuple(run) for run in self._calls[name] if run))


def timed(acts: Iterable[Act]) -> tuple[float, ...]:
    """Seconds of every call."""
    found = []
    for act in acts:
        began = time.perf_counter()
        act()
        found.append(time.perf_counter() - began)
    return tuple(found)


def in_runs(acts: Sequence[Act], *, runs: int) -> Timing:
    """The same calls so many times over."""
    found = []
    for _ in range(runs):
        gc.collect()
        found.append(timed(acts))
    return Timing(tuple(found))
