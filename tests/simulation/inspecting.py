"""The reconciler in memory: the product compares, counts and decides; here its acts are carried out on dictionaries."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace

from fabric.composing.differences import Recorded, Standing, compare, stand
from fabric.composing.repairs import Act, Do, RecordedHost, Scene, decide
from fabric.drivers.base import AS_IT_COMES, DriverError, Inventory
from fabric.states import BLOCK_TRANSITIONS, BlockState, CompositionState
from tests.simulation.books import end_attachment, shift_unit
from tests.simulation.calls import Calls
from tests.simulation.fate import Fate, Fates, Killed, LostConnection
from tests.simulation.loop import Loop
from tests.simulation.memory_fabric import MemoryFabric
from tests.simulation.mending import Mending
from tests.simulation.store import Composition, Store

SCAN_SECONDS = 60.0
COMPOSED = CompositionState.COMPOSED


class Inspecting:
    """`on_lost` is told of a device that a node in use has lost: whether it can be given back."""

    def __init__(
        self,
        *,
        store: Store,
        fabric: MemoryFabric,
        loop: Loop,
        fates: Fates,
        mending: Mending,
        on_lost: Callable[[str], bool],
    ) -> None:
        self._store = store
        self._fabric = fabric
        self._loop = loop
        self._fates = fates
        self._on_lost = on_lost
        self._mending = mending
        self.complete_at: deque[float] = deque(maxlen=16)  # moments of the last complete listings
        self.stops = 0  # how often there were too many orphans at once
        self._kept: dict[str, tuple[object, Recorded]] = {}
        self._spared: tuple[str, ...] = ()

    def look(self) -> None:
        """One listing, by a worker of its own."""
        self._loop.start(self._look)

    def detach_now(self) -> None:
        """An operator has looked at the orphans that were too many at once, and lets them be taken apart."""
        for tag in self._spared:
            held = tuple(one.what.block for one in self._store.standing if one.what.tag == tag and one.what.block)
            if tag not in self._store.live and all(repair.job.tag != tag for repair in self._store.repairs.values()):
                self._mending.detach(tag, held)
        self._spared = ()

    def _look(self) -> None:
        fate = Fate(self._fates, lambda what: self._loop.note(f"inspection: {what}"))
        try:
            before, turns = self._recorded(), self._loop.turns
            listing = Calls(fabric=self._fabric, fate=fate, loop=self._loop).inventory()
            fate.write(lambda: self._judge(before, listing, is_same=turns == self._loop.turns))
        except DriverError as error:
            self._loop.note(f"not listed: {error}")
        except (Killed, LostConnection):
            return

    def _judge(self, before: Mapping[str, Recorded], listing: Inventory, *, is_same: bool) -> None:
        store, now = self._store, self._loop.clock()
        if listing.is_complete:
            self.complete_at.append(self._loop.now)
        after = before if is_same else self._recorded()
        steady = {code: row for code, row in after.items() if before[code] is row}
        live, ours = store.live.keys(), store.compositions.keys()
        differences = compare(inventory=listing, recorded=steady.values(), live_tags=live, our_tags=ours)
        standing = stand(
            before=store.standing,
            differences=differences,
            compared=steady.keys(),
            is_complete=listing.is_complete,
            now=now,
        )
        self._settle(standing)
        scene = Scene(
            listing=listing,
            recorded=list(steady.values()),
            standing=standing,
            hosts=self._hosts(),
            now=now,
            live_tags=live,
            our_tags=ours,
            frozen=store.frozen,
            busy={one for repair in store.repairs.values() for one in (repair.job.tag, *repair.job.blocks) if one},
            is_paused=bool(store.paused),
        )
        for act in decide(scene):
            ACTS[act.do](self, act)

    def _settle(self, standing: tuple[Standing, ...]) -> None:
        still = {one.what.key for one in standing}
        for one in self._store.standing:
            if one.what.key not in still:
                self._store.settled[one.what.block] = self._loop.clock()
                self._loop.note(f"settled: {one.what.block or one.what.tag} {one.what.kind}")
        known = {one.what.key for one in self._store.standing}
        for one in standing:
            if one.what.key not in known:
                self._loop.note(
                    f"found: {one.what.block} {one.what.kind}: {one.what.observed}, not {one.what.expected}"
                )
        self._store.standing = standing

    def _recorded(self) -> dict[str, Recorded]:
        """Those of which nothing has changed are the same objects as the last time."""
        store = self._store
        of_block: dict[str, Composition] = {}
        for live in store.live.values():
            for code in live.blocks:
                if live.state != COMPOSED or code not in of_block:
                    of_block[code] = live
        found, kept = {}, self._kept
        for code, state in store.block_states.items():
            attachment, row = store.attachments.get(code), of_block.get(code)
            holder = store.live.get(attachment.tag) if attachment is not None else None
            is_moving = (row is not None and row.state != COMPOSED) or (holder is not None and holder.state != COMPOSED)
            key = (state, holder and holder.tag, is_moving, store.reasons.get(code, ""), store.settled.get(code))
            if code not in kept or kept[code][0] != key:
                kept[code] = (key, self._record(code, holder, is_moving))
            found[code] = kept[code][1]
        return found

    def _record(self, code: str, holder: Composition | None, is_moving: bool) -> Recorded:
        (serial,) = self._store.blocks[code].serials
        return Recorded(
            code=code,
            state=self._store.block_states[code],
            tag=holder.tag if holder else None,
            host=holder.host if holder else None,
            is_moving=is_moving,
            reason=self._store.reasons.get(code, ""),
            serial=serial,
            setting=holder.settings.get(code, AS_IT_COMES) if holder else AS_IT_COMES,
            settled_at=self._store.settled.get(code),
        )

    def _hosts(self) -> list[RecordedHost]:
        store = self._store
        rows = {row.host: row for row in store.live.values()}
        rows |= {row.host: row for row in store.live.values() if row.state != COMPOSED}
        return [
            RecordedHost(
                code=code,
                state=state,
                reason=store.reasons.get(code, ""),
                tag=rows[code].tag if code in rows and rows[code].state == COMPOSED else None,
                is_moving=code in rows and rows[code].state != COMPOSED,
                boot_id=store.boot_ids.get(code, ""),
            )
            for code, state in store.host_states.items()
        ]

    def _unusable(self, act: Act) -> None:
        to = BlockState.MISSING if act.do == Do.MISSING else BlockState.QUARANTINED
        states = self._store.host_states if act.do == Do.QUARANTINE_HOST else self._store.block_states
        if to in BLOCK_TRANSITIONS[states[act.unit]]:
            shift_unit(states, act.unit, to)
            self._store.reasons[act.unit] = act.reason
            self._loop.note(f"{act.unit} {to}: {act.reason}")

    def _detach(self, act: Act) -> None:
        self._mending.detach(act.tag, act.blocks)

    def _clean(self, act: Act) -> None:
        self._mending.clean(act.unit)

    def _reattach(self, act: Act) -> None:
        """It is inspected and cleaned first, and the change of its node waits for that."""
        states, code = self._store.block_states, act.unit
        if states[code] != BlockState.ATTACHED or not self._on_lost(code):
            return self._tell(act)
        shift_unit(states, code, BlockState.DETACHING)
        end_attachment(self._store, code, None, self._loop.clock())
        self._mending.clean(code)
        return self._answer(act, "It is attached again.")

    def _tell(self, act: Act) -> None:
        self._answer(act, "Its holder is told.")

    def _free_host(self, act: Act) -> None:
        shift_unit(self._store.host_states, act.unit, BlockState.FREE)
        self._loop.note(f"{act.unit} is free again")

    def _note_boot(self, act: Act) -> None:
        self._store.boot_ids[act.unit] = act.boot_id

    def _stop(self, act: Act) -> None:
        self.stops += 1
        self._spared = act.blocks
        self._loop.note(act.reason)

    def _answer(self, act: Act, answer: str) -> None:
        self._store.standing = tuple(
            replace(one, answer=answer) if one.what.key == act.about else one for one in self._store.standing
        )


ACTS: Mapping[Do, Callable[[Inspecting, Act], None]] = {
    Do.QUARANTINE: Inspecting._unusable,
    Do.MISSING: Inspecting._unusable,
    Do.DETACH: Inspecting._detach,
    Do.CLEAN: Inspecting._clean,
    Do.REATTACH: Inspecting._reattach,
    Do.DEVICE_FAILED: Inspecting._tell,
    Do.STOP: Inspecting._stop,
    Do.QUARANTINE_HOST: Inspecting._unusable,
    Do.FREE_HOST: Inspecting._free_host,
    Do.NOTE_BOOT: Inspecting._note_boot,
    Do.REBOOTED: Inspecting._note_boot,
}
