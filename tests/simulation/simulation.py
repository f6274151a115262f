"""One seed: its world is drawn, lived through to the end of its last reservation, then left in peace and looked at."""

import math
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.simulation.beat import Beat
from tests.simulation.bookings import Bookings
from tests.simulation.calendar import Calendar, plans
from tests.simulation.checks import LOOK_SECONDS, Broken, Checks
from tests.simulation.dials import Dials, draw
from tests.simulation.fate import Fates
from tests.simulation.inspecting import SCAN_SECONDS, Inspecting
from tests.simulation.loop import Loop, Trace
from tests.simulation.mending import STEP_SECONDS, Mending
from tests.simulation.mischief import Mischief
from tests.simulation.people import ROUND_SECONDS, People
from tests.simulation.pool import fabric_of, store_of
from tests.simulation.settling import Settling
from tests.simulation.store import Reservation
from tests.simulation.workers import Workers

QUIET_SECONDS = 120.0
SURE_SECONDS = 3 * SCAN_SECONDS  # to see a difference again after the grace, to mend it, to see it gone


@dataclass(frozen=True, slots=True)
class Story:
    """How a seed ended. `broken` is the predicate that did not hold, "" if all did."""

    seed: int
    world: str
    lifecycles: int
    events: int
    checksum: int
    ends: Mapping[str, int] = field(default_factory=dict)  # reservations by how they ended
    broken: str = ""
    at: float = 0.0
    last: tuple[str, ...] = ()

    def told(self) -> str:
        """What is needed to see it again."""
        head = f"seed {self.seed} ({self.world}) after {self.at:.1f} s: {self.broken}"
        return "\n".join((head, *self.last, f"trace {self.checksum:08x}"))


class Simulation:
    """Every part has a chance of its own, so that one draw more in one of them does not change the others."""

    def __init__(self, *, seed: int, lifecycles: int, dials: Dials | None = None) -> None:
        rng = random.Random(seed)
        self.seed = seed
        self.dials = dials or draw(rng)
        self.loop = Loop(Trace())
        self.fabric = fabric_of(self.dials, rng=_own(rng))
        self.store = store_of(self.fabric)
        self.fates = Fates(rng=_own(rng), loop=self.loop, dials=self.dials)
        self._make_portal(rng)
        self._make_world(rng)
        accepted = list(plans(rng, hosts=[*self.fabric.hosts], blocks=[*self.fabric.blocks], number=lifecycles))
        for one in accepted:
            self.bookings.calendar.hold_all(one)
            self.beat.accept(one)
            self.people.plan_for(one)
        self.last_end = max(one.busy_until for one in accepted)

    def run(self) -> Story:
        try:
            self._live()
        except Broken as broken:
            return self._story(str(broken))
        return self._story("")

    def _make_portal(self, rng: random.Random) -> None:
        loop, store, fabric = self.loop, self.store, self.fabric
        self.bookings = Bookings(store=store, calendar=Calendar(), loop=loop, expect=lambda at: self.beat.expect(at))
        self.settling = Settling(bookings=self.bookings, on_due=lambda operation: self.beat.hint(operation))
        self.workers = Workers(
            store=store,
            fabric=fabric,
            loop=loop,
            fates=self.fates,
            settling=self.settling,
            dials=self.dials,
        )
        self.beat = Beat(bookings=self.bookings, workers=self.workers, loop=loop, rng=_own(rng), dials=self.dials)
        self.mending = Mending(store=store, fabric=fabric, loop=loop, fates=self.fates)
        self.inspecting = Inspecting(
            store=store,
            fabric=fabric,
            loop=loop,
            fates=self.fates,
            mending=self.mending,
            on_lost=self.bookings.reattach,
        )

    def _make_world(self, rng: random.Random) -> None:
        loop, store, fabric = self.loop, self.store, self.fabric
        self.mischief = Mischief(fabric=fabric, bookings=self.bookings, loop=loop, rng=_own(rng), dials=self.dials)
        self.people = People(
            fabric=fabric,
            bookings=self.bookings,
            loop=loop,
            rng=_own(rng),
            dials=self.dials,
            inspecting=self.inspecting,
        )
        self.checks = Checks(
            fabric=fabric,
            store=store,
            loop=loop,
            fates=self.fates,
            mischief=self.mischief,
            inspecting=self.inspecting,
        )

    def _live(self) -> None:
        loop = self.loop
        self.mischief.begin_faults()
        loop.every(SCAN_SECONDS, self.inspecting.look, until=math.inf)
        loop.every(STEP_SECONDS, self.mending.go_on, until=math.inf)
        loop.every(SCAN_SECONDS, self.mischief.minute, until=math.inf)
        loop.every(ROUND_SECONDS, self.people.make_a_round, until=math.inf)
        loop.every(LOOK_SECONDS, self.checks.look, until=math.inf)
        loop.run(until=self.last_end)
        loop.note("all faults stop")
        self.fates.end()
        self.beat.is_fair = True
        self.mischief.stop()
        loop.run(until=loop.now + QUIET_SECONDS)
        self.checks.quiet()
        loop.run(until=loop.now + SURE_SECONDS)
        self.checks.tidy()

    def _story(self, broken: str) -> Story:
        trace, reservations = self.loop.trace, self.store.reservations.values()
        return Story(
            seed=self.seed,
            world=self.dials.name,
            lifecycles=len(reservations),
            events=trace.events,
            checksum=trace.checksum,
            ends=Counter(_end_of(one) for one in reservations),
            broken=broken,
            at=self.loop.now,
            last=tuple(trace.last),
        )


def _own(rng: random.Random) -> random.Random:
    return random.Random(rng.random())


def _end_of(one: Reservation) -> str:
    if one.was_active:
        return "fulfilled"
    return str(one.state) if one.was_begun else "withdrawn before it began"
