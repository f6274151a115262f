"""What holders and operators do: cancel, end early, exchange devices, look at what is quarantined."""

import random

from fabric.drivers.base import AS_IT_COMES, DriverError
from fabric.states import BlockState
from scheduler.states import ReservationState
from tests.simulation.bookings import Bookings
from tests.simulation.books import end_attachment, shift_unit
from tests.simulation.dials import Dials
from tests.simulation.inspecting import Inspecting
from tests.simulation.loop import Loop
from tests.simulation.memory_fabric import MemoryFabric
from tests.simulation.store import Reservation, moment

ROUND_SECONDS = 60.0  # between two looks of an operator
GIVES_BACK_SHARE, WANTS_MORE_SHARE = 0.8, 0.8  # of those who ask for a change
WITHDRAWN_SHARE = 0.25  # of all reservations, in every world: their plans have changed before anything began


class People:
    def __init__(
        self,
        *,
        fabric: MemoryFabric,
        bookings: Bookings,
        loop: Loop,
        rng: random.Random,
        dials: Dials,
        inspecting: Inspecting,
    ) -> None:
        self._fabric = fabric
        self._bookings = bookings
        self._loop = loop
        self._rng = rng
        self._dials = dials
        self._inspecting = inspecting

    def plan_for(self, one: Reservation) -> None:
        """What its holder will do is drawn when it is accepted."""
        if self._rng.random() < WITHDRAWN_SHARE:
            self._loop.at(one.busy_from * self._rng.random(), lambda: self._bookings.cancel(one))
        elif self._rng.random() < self._dials.of("cancel"):
            at = self._rng.uniform(one.busy_from - 120.0, one.ends_at)
            self._loop.at(at, lambda: self._bookings.cancel(one))
        elif self._rng.random() < self._dials.of("end_early"):
            self._loop.at(self._rng.uniform(one.starts_at, one.ends_at), lambda: self._bookings.end_early(one))
        if self._rng.random() < self._dials.of("exchange"):
            self._loop.at(self._rng.uniform(one.starts_at, one.ends_at), lambda: self._exchange(one))
        if self._rng.random() < self._dials.of("busy_device"):
            self._loop.at(one.ends_at - 1.0, lambda: self._work_on(one))

    def _exchange(self, one: Reservation) -> None:
        index = self._rng.randrange(len(one.nodes))
        plain = [code for code in one.nodes[index].blocks if code not in one.nodes[index].settings]
        given = self._rng.choice(plain) if plain and self._rng.random() < GIVES_BACK_SHARE else None
        self._bookings.exchange(one, index, given=given, wants_more=self._rng.random() < WANTS_MORE_SHARE)

    def _work_on(self, one: Reservation) -> None:
        if one.state == ReservationState.ACTIVE:
            self._fabric.now = self._loop.now
            for node in one.nodes:
                for code in node.blocks[:1]:
                    self._fabric.blocks[code].used_until = self._loop.now + self._rng.uniform(5.0, 60.0)

    def make_a_round(self) -> None:
        self._look_at_blocks()
        self._look_at_hosts()
        self._inspecting.detach_now()

    def _look_at_blocks(self) -> None:
        """An operator offers again what the fabric itself shows free, and has what is not clean cleaned."""
        store, fabric = self._bookings.store, self._fabric
        fabric.now = self._loop.now
        for code in [code for code, state in store.block_states.items() if state == BlockState.QUARANTINED]:
            try:
                seen = next(iter(fabric.find(tag="", blocks=[code])), None)
                if seen is None or seen.tag is not None or seen.health != "ok":
                    continue
                if not seen.is_clean or seen.setting != AS_IT_COMES:
                    fabric.clean(op_key=f"clear/{code}/{self._loop.now:.0f}", blocks=[code])
                    continue
            except DriverError:
                continue
            shift_unit(store.block_states, code, BlockState.FREE)
            end_attachment(store, code, None, moment(self._loop.now))
            self._loop.note(f"an operator clears {code}")

    def _look_at_hosts(self) -> None:
        store, fabric = self._bookings.store, self._fabric
        taken = {system.host for system in fabric.systems.values()}
        for code in [code for code, state in store.host_states.items() if state == BlockState.QUARANTINED]:
            if code not in taken:
                shift_unit(store.host_states, code, BlockState.FREE)
                self._loop.note(f"an operator clears {code}")
