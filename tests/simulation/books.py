"""The books of one composition in memory: every method one atomic act, with the guards that the database has.

Whatever would be refused is looked at before anything is changed, so that a refused act changes nothing. Around each
act the worker may die or lose its connection, before the commit or after it.
"""

from collections.abc import Callable, Collection, Mapping, Set
from dataclasses import replace
from datetime import datetime

from fabric.composing.books import OPEN, Block, Changes, Node, NotReady, Resizing, Step, Superseded, Turned
from fabric.states import (
    BLOCK_TRANSITIONS,
    COMPOSITION_TRANSITIONS,
    BlockState,
    CompositionState,
    ResizeState,
)
from tests.simulation.store import Attachment, Composition, Operation, Store, Turn, seconds_of

QUARANTINABLE = frozenset(
    {BlockState.FREE, BlockState.ATTACHING, BlockState.ATTACHED, BlockState.DETACHING, BlockState.CLEANING}
)


class Violation(Exception):
    """A constraint of the database refuses the act."""


class MemoryBooks:
    """`around` is called with each act that writes: it may die before, or after, as the worker's fate will have it.

    Reading cannot go wrong: a connection that is lost then has changed nothing either.
    """

    def __init__(
        self,
        *,
        store: Store,
        composition: Composition,
        operation: Operation,
        around: Callable[[Callable[[], None]], None],
    ) -> None:
        self._store = store
        self._row = composition
        self._operation = operation
        self._fence = operation.fence
        self._attempt = operation.attempt
        self._around = around
        self._resize = operation.round

    def require_current(self) -> None:
        operation = self._operation
        if operation.fence != self._fence or operation.lease_until is None:
            raise Superseded

    def node(self) -> Node:
        return self._row.told()

    def resizing(self) -> Resizing | None:
        return next((one for one in self._row.resizes if one.round == self._resize), None)

    def standing(self) -> tuple[CompositionState, str]:
        return self._row.state, self._row.reason

    def steps(self) -> tuple[Step, ...]:
        return tuple(self._row.steps)

    def blocks(self, codes: Collection[str]) -> Mapping[str, Block]:
        return {code: self._store.blocks[code] for code in codes if code in self._store.blocks}

    def block_states(self, codes: Collection[str]) -> Mapping[str, BlockState]:
        return {code: self._store.block_states[code] for code in sorted(codes)}

    def host_state(self) -> BlockState:
        return self._store.host_states[self._row.host]

    def attached_elsewhere(self, codes: Collection[str]) -> frozenset[str]:
        mine, rows = self._row.tag, self._store.attachments
        return frozenset(code for code in codes if code in rows and rows[code].tag != mine)

    def wanted_elsewhere(self, codes: Collection[str]) -> frozenset[str]:
        others = [one for tag, one in self._store.live.items() if tag != self._row.tag]
        return frozenset(code for code in codes if any(code in other.blocks for other in others))

    def live(self, tags: Collection[str]) -> frozenset[str]:
        return frozenset(tag for tag in tags if tag in self._store.live)

    def is_paused(self) -> bool:
        return bool(self._store.paused)

    def begin(self, step: Step, *, only_in: Set[CompositionState], changes: Changes) -> None:
        def write() -> None:
            self._require(only_in)
            if step.op_key in self._store.op_keys:
                raise Violation(f"{step.op_key} is there already")
            if step.position != len(self._row.steps):
                raise Violation(f"{self._row.tag} has a step {step.position} already")
            self._check(changes)
            self._store.op_keys.add(step.op_key)
            self._row.steps.append(step)
            self._apply(changes)

        self._around(write)

    def take_over(self, step: Step, *, only_in: Set[CompositionState]) -> None:
        def write() -> None:
            self._require(only_in)
            at = self._at(step)
            if self._row.steps[at].state not in OPEN:
                raise Superseded
            row = self._row.steps[at]
            self._row.steps[at] = replace(row, attempt=step.attempt, fence=step.fence, request_id=step.request_id)

        self._around(write)

    def amend(self, step: Step) -> None:
        def write() -> None:
            self._require_current_and_mine(step)
            self._row.steps[self._at(step)] = step

        self._around(write)

    def settle(self, *steps: Step, changes: Changes) -> None:
        def write() -> None:
            self.require_current()
            for step in steps:
                self._require_current_and_mine(step)
            self._check(changes)
            for step in steps:
                self._row.steps[self._at(step)] = step
            self._apply(changes)

        self._around(write)

    def take_turn(self, *, now: datetime, until: datetime, at_most: int) -> bool:
        return take_turn(self._store, self._row.tag, now=seconds_of(now), until=seconds_of(until), at_most=at_most)

    def return_turn(self) -> None:
        return_turn(self._store, self._row.tag)

    def _require(self, only_in: Set[CompositionState]) -> None:
        self.require_current()
        if self._row.state not in only_in:
            raise Turned

    def _require_current_and_mine(self, step: Step) -> None:
        """Only under our own attempt and fence, and only while nobody has closed it."""
        self.require_current()
        row = self._row.steps[self._at(step)]
        if (row.attempt, row.fence) != (self._attempt, self._fence) or row.state not in OPEN:
            raise Superseded

    def _at(self, step: Step) -> int:
        assert self._row.steps[step.position].op_key == step.op_key, "steps are written in order"
        return step.position

    def _check(self, changes: Changes) -> None:
        """Everything that may be refused, before anything is changed."""
        store, row = self._store, self._row
        if changes.takes and any(store.block_states[code] != BlockState.FREE for code in changes.takes):
            raise NotReady("A block is no longer free.")
        if changes.takes_host and store.host_states[row.host] != BlockState.FREE:
            raise NotReady("The host is no longer free.")
        if changes.attached and (doubled := self.attached_elsewhere(changes.attached)):
            raise Violation(f"two open attachments of {', '.join(sorted(doubled))}")
        if changes.moves:
            self._moves(changes)

    def _moves(self, changes: Changes) -> list[CompositionState]:
        """Raises Turned for a move that is not in the table."""
        state, moves = self._row.state, []
        for to in changes.moves:
            if to in COMPOSITION_TRANSITIONS[state]:
                moves.append(to)
                state = to
            elif not changes.may_stay:
                raise Turned
        return moves

    def _apply(self, changes: Changes) -> None:
        store, row = self._store, self._row
        if changes.includes:
            row.blocks.update({code: store.blocks[code] for code in changes.includes})
            row.settings.update(changes.includes)
            row.node = None
        for code in changes.takes:
            store.block_states[code] = BlockState.ATTACHING
        if changes.takes_host:
            store.host_states[row.host] = BlockState.ATTACHING
        for code in sorted(changes.attached) if changes.attached else ():
            if code not in store.attachments:
                store.attachments[code] = Attachment(code, row.tag, changes.at)
        for code in sorted(changes.detached) if changes.detached else ():
            end_attachment(store, code, row.tag, changes.at)
        for code, reason in sorted(changes.quarantined.items()) if changes.quarantined else ():
            quarantine(store, store.block_states, code, reason)
        if changes.host_quarantined:
            quarantine(store, store.host_states, row.host, changes.host_quarantined)
        for shift in changes.shifts:
            for code in shift.blocks:  # in any order: each is moved by itself
                if store.block_states[code] == shift.seen:
                    shift_unit(store.block_states, code, shift.to)
        for seen, after in changes.host_shifts:
            if store.host_states[row.host] == seen:
                shift_unit(store.host_states, row.host, after)
        for proof in changes.proofs:
            row.proofs[proof.block] = proof.is_proven
        if changes.access is not None:
            row.access = changes.access
        if changes.excludes:
            row.blocks = {code: block for code, block in row.blocks.items() if code not in changes.excludes}
            row.node = None
        if changes.resize is not None and self._resize:
            close_resizes(row, changes.resize, only=self._resize)
        for to in self._moves(changes) if changes.moves else ():
            move(store, row, to, changes.reason)


def move(store: Store, row: Composition, to: CompositionState, reason: str) -> None:
    """An earlier reason is kept: the first failure is the cause."""
    row.state, row.reason = to, row.reason or reason
    if not row.is_live:
        store.live.pop(row.tag, None)
        close_resizes(row, ResizeState.UNDONE)


def close_resizes(row: Composition, state: ResizeState, *, only: int = 0) -> None:
    """Those that are open; or this one, if it is."""
    row.resizes = [
        replace(one, state=state) if one.state == ResizeState.OPEN and only in (0, one.round) else one
        for one in row.resizes
    ]


def end_attachment(store: Store, code: str, tag: str | None, at: datetime) -> None:
    """Of this composition, or of whichever."""
    open_one = store.attachments.get(code)
    if open_one is not None and tag in (None, open_one.tag):
        open_one.until = at
        store.ended.append(store.attachments.pop(code))


def quarantine(store: Store, states: dict[str, BlockState], code: str, reason: str) -> None:
    if states[code] in QUARANTINABLE:
        shift_unit(states, code, BlockState.QUARANTINED)
        store.reasons[code] = reason


def shift_unit(states: dict[str, BlockState], code: str, to: BlockState) -> None:
    if to not in BLOCK_TRANSITIONS[states[code]]:
        raise Violation(f"{code}: {states[code]} → {to} is not in the table of moves")
    states[code] = to


def take_turn(store: Store, key: str, *, now: float, until: float, at_most: int) -> bool:
    """First come, first served; a place that nobody keeps is given up when its lease ends."""
    turns = store.turns
    if turns:
        turns[:] = [one for one in turns if one.until >= now or one.op_key == key]
    for place, one in enumerate(turns):
        if one.op_key == key:
            one.until = until
            return place < at_most
    turns.append(Turn(key, until))
    return len(turns) <= at_most


def return_turn(store: Store, key: str) -> None:
    store.turns[:] = [one for one in store.turns if one.op_key != key]
