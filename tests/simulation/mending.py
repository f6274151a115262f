"""Repairs in memory: the product takes each step; here its intent is kept and its end is written."""

from collections.abc import Collection
from dataclasses import replace
from functools import partial

from fabric.composing.mending import Expected, Job, Progress, begin_or_go_on
from fabric.composing.repairs import returns_of_itself
from fabric.states import BLOCK_TRANSITIONS, BlockState, RepairKind, RepairState
from tests.simulation.books import end_attachment, return_turn, shift_unit, take_turn
from tests.simulation.calls import Calls
from tests.simulation.fate import Fate, Fates, Killed, LostConnection
from tests.simulation.loop import Loop
from tests.simulation.memory_fabric import MemoryFabric
from tests.simulation.store import Repair, Store

STEP_SECONDS = 3.0  # between two looks at an open repair
LEASE_SECONDS = 30.0


class Mending:
    def __init__(self, *, store: Store, fabric: MemoryFabric, loop: Loop, fates: Fates) -> None:
        self._store = store
        self._fabric = fabric
        self._loop = loop
        self._fates = fates
        self._last_id = 0

    def detach(self, tag: str, blocks: Collection[str]) -> None:
        self._open(RepairKind.DETACH, blocks, tag=tag)

    def clean(self, code: str) -> None:
        states = self._store.block_states
        if BlockState.CLEANING in BLOCK_TRANSITIONS[states[code]]:
            shift_unit(states, code, BlockState.CLEANING)
            self._open(RepairKind.CLEAN, [code])

    def go_on(self) -> None:
        """One step of every open repair that nobody is at."""
        now = self._loop.now
        if not self._store.repairs or self._store.paused:
            return
        for repair in list(self._store.repairs.values()):
            if repair.lease_until is None or repair.lease_until < now:
                repair.lease_until = now + LEASE_SECONDS
                self._loop.start(partial(self._mend, repair))

    def _open(self, kind: RepairKind, blocks: Collection[str], *, tag: str = "") -> None:
        self._last_id += 1
        key = f"repair-{self._last_id}/{kind}"
        expected = {code: Expected(*self._store.blocks[code].serials) for code in blocks}
        job = Job(kind=kind, op_key=key, tag=tag, blocks=expected)
        self._store.repairs[self._last_id] = Repair(self._last_id, job, since=self._loop.now)
        self._loop.note(f"{key} of {tag or ', '.join(blocks)} is opened")

    def _mend(self, repair: Repair) -> None:
        fate = Fate(self._fates, lambda what: self._loop.note(f"{repair.job.op_key}: {what}"))
        driver = Calls(fabric=self._fabric, fate=fate, loop=self._loop)
        capabilities, now = self._fabric.capabilities(), self._loop.now
        seconds_max = capabilities.detach_seconds_max * (repair.job.tries + 1)
        job = replace(repair.job, is_overdue=now - repair.since > seconds_max)
        is_our_turn = take_turn(
            self._store, job.op_key, now=now, until=now + LEASE_SECONDS, at_most=capabilities.max_parallel_mutations
        )
        try:
            progress = begin_or_go_on(job, driver, may_change=lambda: is_our_turn and not self._store.paused)
            fate.write(lambda: self._write(repair, progress))
        except (Killed, LostConnection):
            return

    def _write(self, repair: Repair, progress: Progress) -> None:
        store, job = self._store, repair.job
        if repair.id not in store.repairs:
            return
        repair.job, repair.lease_until = replace(job, tries=progress.tries), None
        if progress.state == RepairState.OPEN:
            return
        del store.repairs[repair.id]
        return_turn(store, job.op_key)
        self._loop.note(f"{job.op_key} {progress.state}: {progress.message}")
        if job.kind == RepairKind.CLEAN:
            self._end_cleaning(job, progress)
        elif progress.state == RepairState.DONE:
            self._end_detaching(job)

    def _end_cleaning(self, job: Job, progress: Progress) -> None:
        """What is proven is offered; an attachment that was left open without proof is over with it."""
        store = self._store
        for code in sorted(job.blocks):
            if store.block_states[code] != BlockState.CLEANING:
                continue
            doubt = store.reasons[code] = progress.doubts.get(code, "")
            shift_unit(store.block_states, code, BlockState.QUARANTINED if doubt else BlockState.FREE)
            open_one = store.attachments.get(code)
            if not doubt and open_one is not None and open_one.tag not in store.live:
                end_attachment(store, code, open_one.tag, self._loop.clock())

    def _end_detaching(self, job: Job) -> None:
        """What was an orphan is cleaned next, unless it is quarantined for a reason that an operator must look at."""
        store = self._store
        for code in sorted(job.blocks):
            end_attachment(store, code, job.tag, self._loop.clock())
            if store.block_states[code] == BlockState.QUARANTINED and returns_of_itself(store.reasons.get(code, "")):
                self.clean(code)
