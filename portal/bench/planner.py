"""All parts in order, on pools that are filled once and measured by several parts."""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from portal.bench import admission, machine
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
    clients: int
    seed: int = SEED

    def but(self, **changes: object) -> "Effort":
        """With what was named instead; None changes nothing."""
        return replace(self, **{name: value for name, value in changes.items() if value is not None})


@dataclass
class Bench:
    """Pools that are there already, by the shipped pool's name and the number of reservations."""

    effort: Effort
    say: Say
    now: datetime
    kept: dict[tuple[str, int], tuple[World, Filled]] = field(default_factory=dict)

    def world(self, name: str, size: int) -> tuple[World, Filled]:
        if (name, size) not in self.kept:
            began = time.monotonic()
            world = settle(shipped=name, code=f"{name}-{size}", now=self.now)
            self.kept[name, size] = world, fill(world=world, count=size, seed=self.effort.seed)
            self.say(f"{name} with {size:,} reservations made in {time.monotonic() - began:.0f} s")
        return self.kept[name, size]


def _admission(bench: Bench) -> None:
    effort = bench.effort
    cells = []
    for name in effort.pools:
        for size in effort.sizes:
            world, filled = bench.world(name, size)
            cells.append(
                admission.measure(
                    world=world, name=name, filled=filled, calls=effort.calls, runs=effort.runs, seed=effort.seed
                )
            )
    bench.say(admission.report(cells))


PARTS: dict[str, Callable[[Bench], None]] = {"admission": _admission}
FULL = Effort(
    parts=tuple(PARTS),
    pools=("lab", "pod", "scale"),
    sizes=(0, 1_000, 10_000, 100_000),
    runs=3,
    calls=40,
    seconds=5.0,
    clients=500,
)
QUICK = replace(FULL, pools=("lab",), sizes=(0, 40), runs=2, calls=3, seconds=0.5, clients=24)


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
