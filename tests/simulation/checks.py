"""What must be so, whatever happens: by the fabric's own truth and the books side by side."""

from scheduler.states import FINAL, ReservationState
from tests.simulation.loop import Loop
from tests.simulation.memory_fabric import MemoryFabric
from tests.simulation.store import Store

GRACE_SECONDS = 60.0
SCAN_SECONDS = 60.0
REASONED = frozenset({ReservationState.FAILED, ReservationState.CANCELLED})


class Broken(Exception):
    """A predicate that does not hold."""


class Checks:
    def __init__(self, *, fabric: MemoryFabric, store: Store, loop: Loop) -> None:
        self._fabric = fabric
        self._store = store
        self._loop = loop

    def look(self) -> None:
        pass

    def at_the_end(self) -> None:
        for one in self._store.reservations.values():
            if one.state not in FINAL:
                raise Broken(f"{one.code} is still {one.state}: {one.reason}")
            if not one.reason:
                raise Broken(f"{one.code} is {one.state} without a reason")
        if self._store.open_operations:
            raise Broken(f"open operations: {self._store.open_operations}")
        if self._store.live:
            raise Broken(f"live compositions: {sorted(self._store.live)}")
        held = {code: block.tag for code, block in self._fabric.blocks.items() if block.tag is not None}
        if held:
            raise Broken(f"still attached: {held}")
