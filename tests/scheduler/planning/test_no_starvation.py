"""A large mix against a stream of small ones, which book whatever anybody gives back, for a day of seeded chance.

The pool is full for longer than a day: whoever comes books its first start within the next day. Bookings are withdrawn
now and then. Without a guard the small ones take every gap, and the large one is not served; with it, it is.
"""

from datetime import datetime, timedelta
from random import Random

import pytest

from scheduler.planning.earliest import earliest
from scheduler.planning.guarding import Guard, with_guards
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan
from scheduler.planning.snapshot import QuotaFacts, Snapshot
from scheduler.planning.stays import stays_of_plan
from scheduler.planning.targets import target
from scheduler.planning.timeline import Committed, Timeline
from scheduler.requests import ReservationRequest
from scheduler.states import Priority
from tests.worlds import GPU, NOW, ask, group, host, topology, two_hosts_eight_gpus

TICK, DAY = timedelta(minutes=30), timedelta(days=1)
SMALL = ask(group((GPU, 1)), project="team-small")
LARGE = ask(group((GPU, 2), nodes=4), project="team-large")
LARGE_LASTS = timedelta(hours=4)
WITHDRAWN_A_TICK = 0.1
ARRIVALS_A_TICK = 8
SEEDS = range(4)
WORLD = topology(
    hosts=[host(f"host-{number}") for number in range(1, 5)],
    blocks=list(two_hosts_eight_gpus().blocks.values()),
    prus=list(two_hosts_eight_gpus().prus.values()),
)


class Pool:
    """Four hosts and eight devices, full for a day with bookings of one device each."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.timeline = Timeline(WORLD)
        self.booked: dict[str, datetime] = {}  # until when
        self.guards: list[Guard] = []
        self.now = NOW
        self.made = 0
        while self.arrive():
            pass

    def index(self, timeline: Timeline, project: str) -> PoolIndex:
        return PoolIndex(Snapshot(WORLD, 1, Committed(timeline), QuotaFacts(project), self.now))

    def first(
        self, request: ReservationRequest, lasting: timedelta, until: datetime, timeline: Timeline
    ) -> Plan | None:
        found = earliest(
            request=request,
            index=self.index(timeline, request.project),
            duration=lasting,
            not_before=self.now,
            not_after=until,
            limit=1,
        )
        return found.windows[0] if found.windows else None

    def arrive(self) -> bool:
        """A small one of one to four hours takes its first start of the next day; False where there is none."""
        lasting = timedelta(hours=self.random.randint(1, 4))
        around = with_guards(self.timeline, self.guards, asker=Priority.NORMAL, now=self.now)
        plan = self.first(SMALL, lasting, self.now + DAY + lasting, around)
        if plan is None:
            return False
        self.made += 1
        code = f"r-{self.made}"
        self.timeline.add_stays(stays_of_plan(self.timeline.shape, plan, reservation=code, project="team-small"))
        self.booked[code] = plan.busy_until
        return True

    def withdraw_some(self) -> None:
        for code, until in list(self.booked.items()):
            if until <= self.now or self.random.random() < WITHDRAWN_A_TICK:
                self.timeline.remove_reservation(code)
                del self.booked[code]


def served_after(seed: int, *, is_guarded: bool) -> timedelta | None:
    """How long the large one waits, which lets its window end within a day; None if it has no turn in that time."""
    pool, until = Pool(seed), NOW + DAY
    while pool.now < until:
        pool.now += TICK
        pool.withdraw_some()
        if pool.first(LARGE, LARGE_LASTS, until, pool.timeline) is not None:
            return pool.now - NOW
        if is_guarded:
            pool.guards = [kept for kept in pool.guards if kept.plan.busy_from > pool.now] or aimed(pool, until)
        for _ in range(ARRIVALS_A_TICK):
            pool.arrive()
    return None


def aimed(pool: Pool, until: datetime) -> list[Guard]:
    found = target(
        request=LARGE,
        index=pool.index(pool.timeline, "team-large"),
        duration=LARGE_LASTS,
        not_before=pool.now,
        not_after=until,
    )
    return [Guard("r-large", Priority.NORMAL, found.plan)] if found else []


@pytest.mark.parametrize("seed", SEEDS)
def test_a_large_one_has_its_turn_beside_a_stream_of_small_ones(seed: int) -> None:
    waited = served_after(seed, is_guarded=True)

    assert waited is not None


@pytest.mark.parametrize("seed", SEEDS)
def test_without_a_guard_the_small_ones_would_starve_it(seed: int) -> None:
    assert served_after(seed, is_guarded=False) is None
