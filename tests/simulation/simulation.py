"""One seed: its world is drawn, lived through to the end of its last reservation, then left in peace and looked at."""

import random
from dataclasses import dataclass
from heapq import heapify

from fabric.composing.books import Block as KnownBlock
from fabric.states import BlockState
from scheduler.states import FINAL
from tests.simulation.beat import Beat
from tests.simulation.bookings import Bookings
from tests.simulation.calendar import Calendar, plans
from tests.simulation.checks import Broken, Checks
from tests.simulation.dials import Dials, draw
from tests.simulation.fate import Fates
from tests.simulation.inspecting import SCAN_SECONDS, STEP_SECONDS, Inspecting
from tests.simulation.loop import Loop, Trace
from tests.simulation.matter import DEVICE_CLASS, LANES, Block, Host
from tests.simulation.memory_fabric import MemoryFabric, with_profile
from tests.simulation.mischief import Mischief
from tests.simulation.people import People
from tests.simulation.settling import Settling
from tests.simulation.store import Store
from tests.simulation.workers import Workers

QUIET_SECONDS = 120.0
OWN_RUNS = 4
LOOK_SECONDS = 150.0


@dataclass(frozen=True, slots=True)
class Story:
    """How a seed ended. `broken` is the predicate that did not hold, "" if all did."""

    seed: int
    world: str
    lifecycles: int
    fulfilled: int
    events: int
    checksum: int
    broken: str = ""
    at: float = 0.0
    last: tuple[str, ...] = ()


class Simulation:
    def __init__(self, *, seed: int, lifecycles: int, dials: Dials | None = None) -> None:
        rng = random.Random(seed)
        self.seed = seed
        self.dials = dials or draw(rng)
        self.loop = Loop(Trace())
        hosts = [f"host-{number}" for number in range(1, self.dials.hosts + 1)]
        blocks = [f"gpu-{number}" for number in range(1, self.dials.blocks + 1)]
        self.fabric = MemoryFabric(
            blocks=[_device(slot, code) for slot, code in enumerate(blocks, start=1)],
            hosts=[Host(code) for code in hosts],
            rng=random.Random(rng.random()),
            capabilities=with_profile(
                {"needs_host_off": self.dials.needs_host_off, "max_parallel_mutations": self.dials.turns_max}
            ),
            pace=self.dials.pace,
        )
        self.store = Store(
            blocks={
                code: KnownBlock(
                    code=code, device_class=DEVICE_CLASS, slot=slot, serials=frozenset({f"SN-{code}"}), lanes=LANES
                )
                for slot, code in enumerate(blocks, start=1)
            },
            block_states=dict.fromkeys(blocks, BlockState.FREE),
            host_states=dict.fromkeys(hosts, BlockState.FREE),
        )
        self.calendar = Calendar()
        self.bookings = Bookings(
            store=self.store, calendar=self.calendar, loop=self.loop, expect=lambda at: self.beat.expect(at)
        )
        of = self.dials.of
        self.fates = Fates(
            rng=random.Random(rng.random()),
            loop=self.loop,
            death=of("death"),
            stall=of("stall"),
            lost_commit=of("lost_commit"),
        )
        self.settling = Settling(bookings=self.bookings, on_due=lambda operation: self.beat.hint(operation))
        self.workers = Workers(
            store=self.store,
            fabric=self.fabric,
            loop=self.loop,
            fates=self.fates,
            settling=self.settling,
            slots=self.dials.workers,
            own=OWN_RUNS,
        )
        self.beat = Beat(
            bookings=self.bookings,
            workers=self.workers,
            loop=self.loop,
            rng=random.Random(rng.random()),
            dials=self.dials,
        )
        self.mischief = Mischief(
            fabric=self.fabric,
            bookings=self.bookings,
            loop=self.loop,
            rng=random.Random(rng.random()),
            dials=self.dials,
        )
        self.people = People(
            fabric=self.fabric,
            bookings=self.bookings,
            loop=self.loop,
            rng=random.Random(rng.random()),
            dials=self.dials,
        )
        self.inspecting = Inspecting(
            store=self.store, fabric=self.fabric, loop=self.loop, fates=self.fates, on_lost=lambda block: False
        )
        self.checks = Checks(fabric=self.fabric, store=self.store, loop=self.loop)
        accepted = list(plans(rng, hosts=hosts, blocks=blocks, number=lifecycles))
        for one in accepted:
            self._accept(one)
        self.last_end = max(one.busy_until for one in accepted)

    def run(self) -> Story:
        try:
            self._live()
        except Broken as broken:
            return self._story(str(broken))
        return self._story("")

    def _accept(self, one) -> None:
        from tests.simulation.calendar import Stay

        for node in one.nodes:
            for unit in (node.host, *node.blocks):
                self.calendar.hold(unit, Stay(one.code, one.busy_from, one.busy_until))
        self.beat.accept(one)
        self.people.plan_for(one)

    def _live(self) -> None:
        loop, far = self.loop, float("inf")
        self.mischief.begin_faults()
        loop.every(SCAN_SECONDS, self.inspecting.look, until=far)
        loop.every(STEP_SECONDS, self.inspecting.mend, until=far)
        loop.every(60.0, self.mischief.minute, until=far)
        loop.every(LOOK_SECONDS, self.people.look_at_quarantined, until=far)
        loop.every(15.0, self.checks.look, until=far)
        loop.run(until=self.last_end)
        loop.note("all faults stop")
        self.fates.end()
        self.beat.is_fair = True
        self.mischief.stop()
        loop.run(until=loop.now + QUIET_SECONDS)
        self.checks.at_the_end()

    def _story(self, broken: str) -> Story:
        trace = self.loop.trace
        ended = self.store.reservations.values()
        return Story(
            seed=self.seed,
            world=self.dials.name,
            lifecycles=len(ended),
            fulfilled=sum(one.was_active for one in ended),
            events=trace.events,
            checksum=trace.checksum,
            broken=broken,
            at=self.loop.now,
            last=tuple(trace.last),
        )


def _device(slot: int, code: str) -> Block:
    return Block(code=code, slot=slot, serial=f"SN-{code}", profiles={"1g.10gb": 7}, cap_max_w=400)
