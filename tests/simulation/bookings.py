"""What the portal does with reservations, in memory: the scheduler's services without their database.

Every function is one transaction. The rules of states are the scheduler's own tables; the verdict on an operation's end
is the scheduler's own function, in `settling`.
"""

from collections.abc import Callable, Sequence

from fabric.composing.books import Resizing
from fabric.states import COMPOSITION_TRANSITIONS, BlockState, CompositionState, ResizeState
from scheduler import limits
from scheduler.states import TRANSITIONS, OperationKind, OperationState, ReservationState
from tests.simulation.calendar import Calendar, Stay
from tests.simulation.loop import Loop
from tests.simulation.store import Composition, Operation, Reservation, Store

TAG_PREFIX = "heddle"
LEASE_SECONDS = float(limits.LEASE_SECONDS)
COMPOSE_SECONDS_MAX = limits.COMPOSE_DEADLINE_MINUTES * 60.0
RELEASE_SECONDS_MAX = limits.RELEASE_DEADLINE_MINUTES * 60.0


class Bookings:
    def __init__(self, *, store: Store, calendar: Calendar, loop: Loop, expect: Callable[[float], None]) -> None:
        self.store = store
        self.calendar = calendar
        self.expect = expect  # tells the ticker when something will be due
        self._loop = loop
        self._last_id = 0
        self._reattached: set[tuple[str, str]] = set()

    @property
    def now(self) -> float:
        return self._loop.now

    def move(self, one: Reservation, to: ReservationState, reason: str) -> bool:
        """A conditional update along the table, with its entry in the journal."""
        if to not in TRANSITIONS[one.state]:
            return False
        one.state, one.reason = to, reason
        self._loop.note(f"{one.code} {to}: {reason}")
        return True

    def start(self, one: Reservation) -> None:
        if self.now >= one.ends_at:
            self.finish(one, ReservationState.FAILED, "The whole window passed before composing could begin.")
        elif self.move(one, ReservationState.COMPOSING, "Composing."):
            one.was_begun = True
            for index in range(len(one.nodes)):
                self.open_node(one, index, generation=1)

    def open_node(self, one: Reservation, index: int, *, generation: int) -> None:
        """A new try has a new generation: names are never reused."""
        node = one.nodes[index]
        row = Composition(
            tag=f"{TAG_PREFIX}-{one.code}-n{index}-g{generation}",
            owner=one.code,
            index=index,
            generation=generation,
            host=node.host,
            blocks={code: self.store.blocks[code] for code in sorted(node.blocks)},
            settings={code: node.settings[code] for code in sorted(node.settings) if code in node.blocks},
        )
        assert row.tag not in self.store.compositions, "a name is used again"
        assert self.live_of(one.code, index) is None, "two live compositions of one node"
        self.store.compositions[row.tag] = self.store.live[row.tag] = row
        deadline = max(self.now, one.starts_at) + COMPOSE_SECONDS_MAX
        self.queue(OperationKind.COMPOSE, row, due_at=self.now, deadline_at=deadline)

    def queue(self, kind: OperationKind, row: Composition, *, due_at: float, deadline_at: float) -> Operation:
        self._last_id += 1
        operation = Operation(self._last_id, kind, row.owner, row.tag, due_at, deadline_at)
        self.store.operations[operation.id] = self.store.open_operations[operation.id] = operation
        self.expect(due_at)
        return operation

    def begin_release(self, one: Reservation, intent: ReservationState, reason: str) -> bool:
        """COMPOSING or ACTIVE → RELEASING, with one operation a live node."""
        if not self.move(one, ReservationState.RELEASING, reason):
            return False
        one.intent = intent
        acts_at = self._overtake(one)
        for row in [row for row in self.store.live.values() if row.owner == one.code]:
            if CompositionState.DECOMPOSING in COMPOSITION_TRANSITIONS[row.state]:
                row.state, row.reason = CompositionState.DECOMPOSING, reason
            due_at = acts_at.get(row.tag, self.now)
            self.queue(OperationKind.RELEASE, row, due_at=due_at, deadline_at=self.now + RELEASE_SECONDS_MAX)
        self.finish_if_closed(one)
        return True

    def finish_if_closed(self, one: Reservation) -> bool:
        if one.state != ReservationState.RELEASING or any(row.owner == one.code for row in self.store.live.values()):
            return False
        assert one.intent is not None
        return self.finish(one, one.intent, one.reason)

    def finish(self, one: Reservation, to: ReservationState, reason: str) -> bool:
        moved = self.move(one, to, reason)
        if moved:
            one.finished_at = self.now
            self.calendar.give_back(one, at=self.now)
        return moved

    def cancel(self, one: Reservation) -> None:
        """At any time: before anything is composed it simply ends."""
        if one.state == ReservationState.CONFIRMED:
            self.finish(one, ReservationState.CANCELLED, "Cancelled.")
        elif one.state in (ReservationState.COMPOSING, ReservationState.ACTIVE):
            self.begin_release(one, ReservationState.CANCELLED, "Cancelled.")

    def end_early(self, one: Reservation) -> None:
        if one.state == ReservationState.ACTIVE:
            self.begin_release(one, ReservationState.ENDED, "Ended early.")

    def resize(self, one: Reservation, index: int, *, adds: Sequence[str], removes: Sequence[str], reason: str) -> bool:
        """A node in use is to be changed. One change at a time, and none once its end was asked for."""
        row = self.live_of(one.code, index)
        if row is None or row.state != CompositionState.COMPOSED or one.state != ReservationState.ACTIVE:
            return False
        if any(change.state == ResizeState.OPEN for change in row.resizes):
            return False
        settings = {code: row.settings[code] for code in adds if code in row.settings}
        number = len(row.resizes) + 1
        row.resizes.append(
            Resizing(
                round=number,
                adds=tuple(sorted(adds)),
                removes=tuple(sorted(removes)),
                settings=settings,
                state=ResizeState.OPEN,
                reason=reason,
            )
        )
        deadline = self.now + COMPOSE_SECONDS_MAX
        self.queue(OperationKind.RESIZE, row, due_at=self.now, deadline_at=deadline).round = number
        self._loop.note(f"{row.tag} shall get {[*adds]} for {[*removes]}")
        return True

    def exchange(self, one: Reservation, index: int, *, given: str | None, wants_more: bool) -> None:
        """Its holder asks for another device in the place of one, for one more, or gives one back."""
        taken = None
        if wants_more:
            free = {code for code, state in self.store.block_states.items() if state == BlockState.FREE}
            taken = self.calendar.spare(free, begins=self.now, ends=one.busy_until)
        adds, removes = ([] if code is None else [code] for code in (taken, given))
        if (adds or removes) and self.resize(one, index, adds=adds, removes=removes, reason="Asked for."):
            for code in adds:
                self.calendar.hold(code, Stay(one.code, self.now, one.busy_until))

    def reattach(self, code: str) -> bool:
        """Give a node in use the device back that it has lost, once a block and reservation."""
        row = next((row for row in self.store.live.values() if code in row.blocks), None)
        if row is None or (row.owner, code) in self._reattached:
            return False
        is_begun = self.resize(
            self.store.reservations[row.owner], row.index, adds=[code], removes=[], reason="It was lost."
        )
        if is_begun:
            self._reattached.add((row.owner, code))
        return is_begun

    def live_of(self, owner: str, index: int) -> Composition | None:
        rows = self.store.live.values()
        return next((row for row in rows if (row.owner, row.index) == (owner, index)), None)

    def close(self, operation: Operation, state: OperationState, error: str = "") -> None:
        operation.state, operation.lease_until, operation.error = state, None, error
        self.store.open_operations.pop(operation.id, None)
        self.store.running.pop(operation.id, None)

    def _overtake(self, one: Reservation) -> dict[str, float]:
        """Open operations are dropped; whoever holds a lease may be inside a call: its node waits till that is over."""
        leased = {}
        for operation in [row for row in self.store.open_operations.values() if row.owner == one.code]:
            if operation.kind == OperationKind.RELEASE:
                continue
            if operation.state == OperationState.RUNNING and (operation.lease_until or 0.0) > self.now:
                leased[operation.tag] = operation.lease_until or self.now
            operation.fence += 1
            self.close(operation, OperationState.DROPPED, "Overtaken by the release.")
        return leased
