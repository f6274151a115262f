"""Workers that take operations under a lease and a fence and let the product's executor work: the scheduler's
`run_operation`, with a fate."""

from collections import deque
from collections.abc import Callable, Mapping
from functools import partial

from fabric.composing import resizing
from fabric.composing import run as executor
from fabric.composing.errand import Run
from fabric.composing.results import NodeOutcome, NodeResult
from scheduler.states import OperationKind, OperationState
from tests.simulation.bookings import LEASE_SECONDS
from tests.simulation.books import MemoryBooks, Violation
from tests.simulation.calls import Calls
from tests.simulation.dials import Dials
from tests.simulation.fate import Fate, Fates, Killed, LostConnection
from tests.simulation.loop import Loop
from tests.simulation.memory_fabric import MemoryFabric
from tests.simulation.settling import Settling
from tests.simulation.store import Operation, Store

RUNNERS: Mapping[OperationKind, Callable[[Run], NodeResult]] = {
    OperationKind.COMPOSE: executor.compose,
    OperationKind.RELEASE: executor.release,
    OperationKind.RESIZE: resizing.resize,
}

WAIT = "a wait"
OWN_RUNS = 4  # of beat, beside the workers


def _nothing_more() -> None:
    """The lease is written already."""


class Workers:
    """Some of them; what is hinted while all are busy waits in line. Beat has some of its own."""

    def __init__(
        self, *, store: Store, fabric: MemoryFabric, loop: Loop, fates: Fates, settling: Settling, dials: Dials
    ) -> None:
        self._store = store
        self._fabric = fabric
        self._loop = loop
        self._fates = fates
        self._settling = settling
        self._dials = dials
        self._free = {"worker": dials.workers, "beat": OWN_RUNS}
        self._line: deque[int] = deque()
        self._at_work: set[int] = set()  # operations beat has begun itself

    def hint(self, operation_id: int) -> None:
        if self._free["worker"]:
            self._begin(operation_id, "worker")
        else:
            self._line.append(operation_id)

    def run_own(self, operation_id: int) -> None:
        if operation_id not in self._at_work and self._free["beat"]:
            self._at_work.add(operation_id)
            self._begin(operation_id, "beat")

    def takeable(self, operation: Operation) -> bool:
        now = self._loop.now
        if operation.state == OperationState.QUEUED:
            return operation.due_at <= now
        return operation.state == OperationState.RUNNING and (operation.lease_until or 0.0) < now

    def is_busy(self) -> bool:
        """As many at work as the fabric allows changes at once."""
        now, running = self._loop.now, self._store.running
        if len(running) < self._dials.turns_max:
            return False
        return sum((row.lease_until or 0.0) >= now for row in running.values()) >= self._dials.turns_max

    def _begin(self, operation_id: int, who: str) -> None:
        self._free[who] -= 1
        self._loop.start(partial(self._work, operation_id, who))

    def _work(self, operation_id: int, who: str) -> None:
        while True:
            self._run_operation(operation_id)
            if who == "beat" or not self._line:
                break
            operation_id = self._line.popleft()
        self._free[who] += 1
        self._at_work.discard(operation_id)

    def _run_operation(self, operation_id: int) -> None:
        operation = self._store.open_operations.get(operation_id)
        if operation is None or not self.takeable(operation) or self._store.paused or self.is_busy():
            return
        operation.state = OperationState.RUNNING
        self._store.running[operation.id] = operation
        operation.fence += 1
        operation.attempt += 1
        operation.lease_until = operation.hinted_at = self._loop.now
        operation.lease_until += LEASE_SECONDS
        fence = operation.fence
        name = f"{operation.tag} {operation.kind} f{fence}"
        self._loop.note(f"{name} taken")
        fate = Fate(self._fates, lambda what: self._loop.note(f"{name}: {what}"))
        try:
            fate.write(_nothing_more)  # it may die with its lease
            result = self._drive(operation, fence, fate)
            self._loop.note(f"{name} {result.outcome} {result.reason}")
            fate.write(partial(self._settling.settle, operation, fence, result))
        except (Killed, LostConnection):
            return

    def _drive(self, operation: Operation, fence: int, fate: Fate) -> NodeResult:
        """A row that the database refuses is an unknown outcome; its connection lost, the lease runs out."""
        loop, row = self._loop, self._store.compositions[operation.tag]

        def wait(seconds: float) -> None:
            if fate.before(WAIT):
                fate.after(WAIT)
            loop.wait(seconds)
            if operation.fence == fence and operation.state == OperationState.RUNNING:
                operation.lease_until = loop.now + LEASE_SECONDS

        work = Run(
            books=MemoryBooks(store=self._store, composition=row, operation=operation, around=fate.write),
            driver=Calls(fabric=self._fabric, fate=fate, loop=loop),
            attempt=operation.attempt,
            fence=fence,
            clock=loop.clock,
            wait=wait,
            drain_seconds=self._dials.drain_seconds,
        )
        try:
            return RUNNERS[operation.kind](work)
        except Violation as error:
            loop.note(f"refused: {error}")
            return NodeResult(outcome=NodeOutcome.UNKNOWN, reason=str(error))
