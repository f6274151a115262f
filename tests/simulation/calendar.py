"""Which reservation holds which unit, and when: accepted plans never overlap, padding included (that is taken for
granted here; the planner has tests of its own)."""

import random
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from fabric.drivers.base import CardSetting
from scheduler.requests import OnFailure
from tests.simulation.store import NodePlan, Reservation

PAD_SECONDS = (10.0, 45.0)
WINDOW_SECONDS = (20.0, 150.0)
PAUSE_SECONDS = (0.0, 45.0)  # between two stays on a host; often none at all
BLOCKS_MAX = 3
SECOND_NODE_SHARE, SETTING_SHARE, DEGRADE_SHARE, BACK_TO_BACK_SHARE = 0.06, 0.06, 0.25, 0.5
WISHES = (CardSetting(layout={"1g.10gb": 7}), CardSetting(power_cap_w=250))


@dataclass(slots=True)
class Stay:
    code: str
    begins: float
    ends: float


@dataclass(slots=True)
class Calendar:
    stays: dict[str, list[Stay]] = field(default_factory=dict)

    def hold(self, unit: str, stay: Stay) -> None:
        assert self.is_free(unit, stay.begins, stay.ends), f"{unit} is planned twice"
        self.stays.setdefault(unit, []).append(stay)

    def hold_all(self, one: Reservation) -> None:
        for node in one.nodes:
            for unit in (node.host, *node.blocks):
                self.hold(unit, Stay(one.code, one.busy_from, one.busy_until))

    def is_free(self, unit: str, begins: float, ends: float) -> bool:
        return all(stay.ends <= begins or ends <= stay.begins for stay in self.stays.get(unit, ()))

    def exchange(self, one: Reservation, given: str, taken: str, *, now: float) -> None:
        stay = next(stay for stay in self.stays[given] if stay.code == one.code)
        self.hold(taken, Stay(one.code, now, stay.ends))
        self.drop(one, given, at=now)

    def drop(self, one: Reservation, unit: str, *, at: float) -> None:
        """What is over stays in the books up to this moment."""
        self.stays[unit] = [stay for stay in self.stays[unit] if stay.code != one.code or stay.begins < at]
        for stay in self.stays[unit]:
            if stay.code == one.code:
                stay.ends = min(stay.ends, at)

    def give_back(self, one: Reservation, *, at: float) -> None:
        for node in one.nodes:
            for unit in (node.host, *node.blocks):
                self.drop(one, unit, at=at)

    def spare(self, candidates: Collection[str], *, begins: float, ends: float) -> str | None:
        """The first that nobody has planned with for so long."""
        return next((unit for unit in sorted(candidates) if self.is_free(unit, begins, ends)), None)


def plans(rng: random.Random, *, hosts: list[str], blocks: list[str], number: int) -> Iterator[Reservation]:
    """So many accepted reservations, each after the others on the units it has; none overlaps another."""
    free_at = dict.fromkeys((*hosts, *blocks), 0.0)
    for count in range(1, number + 1):
        nodes_wanted = 2 if rng.random() < SECOND_NODE_SHARE else 1
        chosen_hosts = _soonest(rng, free_at, hosts, nodes_wanted)
        blocks_wanted = [rng.randint(0 if rng.random() < 0.1 else 1, BLOCKS_MAX) for _ in chosen_hosts]
        chosen = _soonest(rng, free_at, blocks, sum(blocks_wanted))
        earliest = max(free_at[unit] for unit in (*chosen_hosts, *chosen))
        busy_from = earliest if rng.random() < BACK_TO_BACK_SHARE else earliest + rng.uniform(*PAUSE_SECONDS)
        starts_at = busy_from + rng.uniform(*PAD_SECONDS)
        ends_at = starts_at + rng.uniform(*WINDOW_SECONDS)
        busy_until = ends_at + rng.uniform(*PAD_SECONDS)
        for unit in (*chosen_hosts, *chosen):
            free_at[unit] = busy_until
        nodes = [
            NodePlan(host, [chosen.pop() for _ in range(k)])
            for host, k in zip(chosen_hosts, blocks_wanted, strict=True)
        ]
        for node in nodes:
            if node.blocks and rng.random() < SETTING_SHARE:
                node.settings = {node.blocks[0]: rng.choice(WISHES)}
        yield Reservation(
            code=f"r{count}",
            nodes=nodes,
            busy_from=busy_from,
            starts_at=starts_at,
            ends_at=ends_at,
            busy_until=busy_until,
            on_failure=OnFailure.DEGRADE if rng.random() < DEGRADE_SHARE else OnFailure.ALL,
        )


def _soonest(rng: random.Random, free_at: dict[str, float], units: list[str], number: int) -> list[str]:
    """Mostly those that are free first, with some chance."""
    ordered = sorted(units, key=lambda unit: free_at[unit])
    near = ordered[: number + 3]
    return rng.sample(near, min(number, len(near)))
