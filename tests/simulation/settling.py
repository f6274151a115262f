"""An operation's end in memory: the scheduler's own verdict, carried out on dictionaries."""

from collections.abc import Callable, Mapping

from fabric.composing.results import NodeOutcome, NodeResult
from fabric.states import UNUSABLE, BlockState, CompositionState, ResizeState
from scheduler.settling import Facts, Verdict, Way, verdict
from scheduler.states import OperationKind, OperationState, ReservationState
from tests.simulation.bookings import Bookings
from tests.simulation.books import close_resizes, quarantine
from tests.simulation.store import Composition, Operation, Reservation

PROVEN = (CompositionState.COMPOSED, CompositionState.RESIZING)
Go = Callable[["Settling", Operation, NodeResult], bool]


class Settling:
    def __init__(self, *, bookings: Bookings, on_due: Callable[[Operation], None]) -> None:
        self.bookings = bookings
        self.store = bookings.store
        self._on_due = on_due

    def settle(self, operation: Operation, fence: int, result: NodeResult) -> None:
        """One transaction. A result under an old fence changes nothing but wakes the release that overtook it."""
        if operation.fence != fence or operation.state != OperationState.RUNNING:
            result = NodeResult(outcome=NodeOutcome.SUPERSEDED)
        given = verdict(kind=operation.kind, outcome=result.outcome, facts=self._facts(operation, result))
        self._close(operation, given, result)
        if given.sets_aside:
            for code in result.failed_blocks:
                if self.store.block_states[code] == BlockState.FREE:
                    quarantine(self.store, self.store.block_states, code, result.reason)
        for way in given.ways:
            if WAYS[way](self, operation, result):
                break

    def _facts(self, operation: Operation, result: NodeResult) -> Facts:
        row, one = self._row(operation), self._reservation(operation)
        others = [node for node in range(len(one.nodes)) if node != row.index]
        return Facts(
            state=one.state,
            on_failure=one.on_failure,
            attempt=operation.attempt,
            is_late=self.bookings.now >= operation.deadline_at,
            is_closed=not row.is_live,
            is_last=all(self._is_composed(one, node) for node in others),
            generation=row.generation,
            blocks=len(row.blocks),
            failed=len(set(result.failed_blocks) & set(row.blocks)),
            swaps=one.swaps,
        )

    def _close(self, operation: Operation, given: Verdict, result: NodeResult) -> None:
        if given.operation is None:
            return
        if given.operation == OperationState.QUEUED:
            operation.state, operation.lease_until, operation.hinted_at = OperationState.QUEUED, None, None
            operation.fence += 1
            self.store.running.pop(operation.id, None)
            operation.due_at = self.bookings.now + given.pause_seconds
            self.bookings.expect(operation.due_at)
            operation.error = result.reason
        else:
            self.bookings.close(operation, given.operation, result.reason)

    def activate(self, operation: Operation, result: NodeResult) -> bool:
        one = self._reservation(operation)
        one.was_active = self.bookings.move(one, ReservationState.ACTIVE, "Read-back proves every node.")
        return one.was_active

    def compose_again(self, operation: Operation, result: NodeResult) -> bool:
        row = self._row(operation)
        if row.is_live:
            return False
        self.bookings.open_node(self._reservation(operation), row.index, generation=row.generation + 1)
        return True

    def swap(self, operation: Operation, result: NodeResult) -> bool:
        """Equal free devices in the place of those that failed; all of them, or none."""
        row, one = self._row(operation), self._reservation(operation)
        if row.is_live:
            return False
        node, now, calendar = one.nodes[row.index], self.bookings.now, self.bookings.calendar
        failed = sorted(set(result.failed_blocks) & set(node.blocks))
        states = self.store.block_states
        found: dict[str, str] = {}
        for code in failed:
            usable = (
                {unit for unit, state in states.items() if state not in UNUSABLE} - set(node.blocks) - {*found.values()}
            )
            spare = calendar.spare(usable, begins=now, ends=max(one.busy_until, now + 1.0))
            if spare is None:
                return False
            found[code] = spare
        for code, spare in found.items():
            calendar.exchange(one, code, spare, now=now)
            node.blocks[node.blocks.index(code)] = spare
            if code in node.settings:
                node.settings[spare] = node.settings.pop(code)
            self._set_aside(code, result.reason)
        one.swaps += len(found)
        self.bookings.open_node(one, row.index, generation=row.generation + 1)
        return True

    def degrade(self, operation: Operation, result: NodeResult) -> bool:
        row, one = self._row(operation), self._reservation(operation)
        node = one.nodes[row.index]
        failed = sorted(set(result.failed_blocks) & set(node.blocks))
        if row.is_live or not 0 < len(failed) < len(node.blocks):
            return False
        for code in failed:
            node.blocks.remove(code)
            node.settings.pop(code, None)
            self.bookings.calendar.drop(one, code, at=self.bookings.now)
            self._set_aside(code, result.reason)
        self.bookings.open_node(one, row.index, generation=row.generation + 1)
        return True

    def fail(self, operation: Operation, result: NodeResult) -> bool:
        one = self._reservation(operation)
        reason = result.reason or "It could not be composed."
        return self.bookings.begin_release(one, ReservationState.FAILED, reason) or self.finish(operation, result)

    def finish(self, operation: Operation, result: NodeResult) -> bool:
        return self.bookings.finish_if_closed(self._reservation(operation))

    def carry_on(self, operation: Operation, result: NodeResult) -> bool:
        """Nobody changes a mix here."""
        return False

    def follow(self, operation: Operation, result: NodeResult) -> bool:
        """Plan and units follow what the node has now; a change of which nothing was begun is given up."""
        row, one = self._row(operation), self._reservation(operation)
        if row.state == CompositionState.COMPOSED:
            close_resizes(row, ResizeState.UNDONE, only=operation.round)
        if one.state == ReservationState.RELEASING:
            return self.finish(operation, result)
        node, now = one.nodes[row.index], self.bookings.now
        change = row.resizes[operation.round - 1]
        for code in sorted({*node.blocks, *change.adds} - set(row.blocks)):
            self.bookings.calendar.drop(one, code, at=now)
        node.blocks = sorted(row.blocks)
        return True

    def hurry_release(self, operation: Operation, result: NodeResult) -> bool:
        """The overtaken worker has stopped: its node can be released now, not only when its lease would be over."""
        waiting = self.store.operation_of(operation.tag, OperationKind.RELEASE)
        if waiting is not None and waiting.state == OperationState.QUEUED and waiting.due_at > self.bookings.now:
            waiting.due_at = self.bookings.now
            self._on_due(waiting)
        return True

    def _set_aside(self, code: str, reason: str) -> None:
        if self.store.block_states[code] == BlockState.FREE:
            quarantine(self.store, self.store.block_states, code, reason)

    def _is_composed(self, one: Reservation, index: int) -> bool:
        row = self.bookings.live_of(one.code, index)
        return row is not None and row.state in PROVEN

    def _row(self, operation: Operation) -> Composition:
        return self.store.compositions[operation.tag]

    def _reservation(self, operation: Operation) -> Reservation:
        return self.store.reservations[operation.owner]


WAYS: Mapping[Way, Go] = {
    Way.ACTIVATE: Settling.activate,
    Way.COMPOSE_AGAIN: Settling.compose_again,
    Way.SWAP: Settling.swap,
    Way.DEGRADE: Settling.degrade,
    Way.FAIL: Settling.fail,
    Way.FINISH: Settling.finish,
    Way.CARRY_ON: Settling.carry_on,
    Way.FOLLOW: Settling.follow,
    Way.HURRY_RELEASE: Settling.hurry_release,
}
