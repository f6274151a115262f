"""All parts in order, on pools that are filled once and measured by several parts."""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import product
from typing import Any

from portal.bench import admission, crowd, fragments, growth, machine, over_http, slots, storm, windows
from portal.bench.filling import Filled, fill
from portal.bench.printing import Say
from portal.bench.worlds import World, settle

SEED = 20261120


@dataclass(frozen=True)
class Effort:
    """How much is measured. `calls` of every kind in every run."""

    parts: Collection[str]
    pools: Sequence[str]
    sizes: Sequence[int]
    runs: int
    calls: int
    seconds: float  # for everything that counts what is done in a time
    clients: int  # of the storm
    processes: int  # of the crowd
    days: int  # of the month in which the pool is cut to pieces
    seed: int = SEED

    def but(self, **changes: Any) -> "Effort":
        """With what was named instead; None changes nothing."""
        return replace(self, **{name: value for name, value in changes.items() if value is not None})


@dataclass
class Bench:
    """Pools that are there already, by the shipped pool's name and the number of reservations."""

    effort: Effort
    say: Say
    now: datetime
    kept: dict[tuple[str, int], tuple[World, Filled]] = field(default_factory=dict)
    measured: list[admission.Cell] = field(default_factory=list)

    def world(self, name: str, size: int) -> tuple[World, Filled]:
        if (name, size) not in self.kept:
            began = time.monotonic()
            world = settle(shipped=name, code=f"{name}-{size}", now=self.now)
            self.kept[name, size] = world, fill(world=world, count=size, seed=self.effort.seed)
            self.say(f"{name} with {size:,} reservations made in {time.monotonic() - began:.0f} s")
        return self.kept[name, size]

    def fullest(self) -> list[tuple[str, World, Filled]]:
        """Every pool with the most reservations."""
        return [(name, *self.world(name, max(self.effort.sizes))) for name in self.effort.pools]

    def cells(self) -> list[admission.Cell]:
        """Quotes and commits for every pool and size; measured once."""
        effort = self.effort
        how = {"calls": effort.calls, "runs": effort.runs, "seed": effort.seed}
        for name, size in product(effort.pools, () if self.measured else effort.sizes):
            world, filled = self.world(name, size)
            self.measured.append(admission.measure(world=world, name=name, filled=filled, **how))
        return self.measured


def _admission(bench: Bench) -> None:
    bench.say(admission.report(bench.cells()))


def _growth(bench: Bench) -> None:
    effort, cells = bench.effort, bench.cells()
    devices = {name: len(bench.world(name, effort.sizes[-1])[0].topology.blocks) for name in effort.pools}
    world, _ = bench.world(effort.pools[-1], effort.sizes[-1])
    by_groups = growth.by_groups(world=world, calls=effort.calls, runs=effort.runs, seed=effort.seed)
    bench.say(growth.report([*growth.by_reservations(cells), *growth.by_devices(cells, devices), *by_groups]))


def _windows(bench: Bench) -> None:
    effort = bench.effort
    rows = [
        windows.measure(
            world=world, name=name, filled=filled, calls=effort.calls, runs=effort.runs, seed=effort.seed + 1
        )
        for name, world, filled in bench.fullest()
    ]
    bench.say(windows.report(rows))


def _slots(bench: Bench) -> None:
    effort = bench.effort
    rows = [
        row
        for name, world, filled in bench.fullest()
        for row in slots.measure(world=world, name=name, filled=filled, calls=effort.calls, runs=effort.runs)
    ]
    bench.say(slots.report(rows))


def _http(bench: Bench) -> None:
    effort = bench.effort
    rows = [
        row
        for name, world, filled in bench.fullest()
        for row in over_http.measure(
            world=world, name=name, filled=filled, calls=effort.calls, runs=effort.runs, seed=effort.seed + 2
        )
    ]
    bench.say(over_http.report(rows))


def _crowd(bench: Bench) -> None:
    effort = bench.effort
    name = effort.pools[-1]
    worlds = [settle(shipped=name, code=f"{name}-crowd-{nth}", now=bench.now) for nth in range(CROWD_POOLS)]
    rows = [
        row
        for some in (worlds[:1], worlds)
        for row in crowd.measure(worlds=some, seconds=effort.seconds, runs=effort.runs, processes=effort.processes)
    ]
    bench.say(crowd.report(rows, effort.processes))


def _storm(bench: Bench) -> None:
    effort = bench.effort
    name = next((pool for pool in effort.pools if pool == STORM_POOL), effort.pools[0])
    world = settle(shipped=name, code=f"{name}-storm", now=bench.now)
    bench.say(storm.report([storm.measure(world=world, clients=effort.clients, seed=effort.seed)]))


def _fragments(bench: Bench) -> None:
    effort = bench.effort
    name = next((pool for pool in effort.pools if pool == STORM_POOL), effort.pools[0])
    world, _ = bench.world(name, 0)
    rows = fragments.measure(topology=world.topology, now=world.now, seed=effort.seed, days=effort.days)
    bench.say(fragments.report(rows, name))


CROWD_POOLS = 4
STORM_POOL = "pod"
PARTS: dict[str, Callable[[Bench], None]] = {
    "admission": _admission,
    "growth": _growth,
    "windows": _windows,
    "slots": _slots,
    "http": _http,
    "crowd": _crowd,
    "storm": _storm,
    "fragments": _fragments,
}
FULL = Effort(
    parts=tuple(PARTS),
    pools=("lab", "pod", "scale"),
    sizes=(0, 1_000, 10_000, 100_000),
    runs=3,
    calls=40,
    seconds=5.0,
    clients=500,
    processes=8,
    days=30,
)
QUICK = replace(FULL, pools=("lab",), sizes=(0, 40), runs=2, calls=3, seconds=0.3, clients=12, processes=2, days=1)


def run(*, plan: Effort, say: Say) -> None:
    """Raises KeyError for a part that there is not."""
    bench = Bench(effort=plan, say=say, now=datetime.now(UTC))
    chosen = {part: PARTS[part] for part in plan.parts}
    say(machine.facts(now=bench.now))
    say(f"seed {plan.seed}, {plan.runs} runs, {plan.calls} calls of each kind in a run")
    for part, measure in chosen.items():
        began = time.monotonic()
        measure(bench)
        say(f"({part}: {time.monotonic() - began:.0f} s)")
