"""What must be so, whatever happens: by the fabric's own truth and the books side by side."""

from fabric.composing.books import OPEN
from fabric.states import BlockState
from scheduler.states import FINAL, ReservationState
from tests.simulation.fate import Fates
from tests.simulation.inspecting import Inspecting
from tests.simulation.loop import Loop
from tests.simulation.matter import NEVER
from tests.simulation.memory_fabric import MemoryFabric
from tests.simulation.mischief import Mischief
from tests.simulation.store import Composition, Store

LOOK_SECONDS = 30.0
OWNERLESS_SECONDS_MAX = 60.0 + 60.0 + 60.0  # the grace, a scan that finds it, another that is sure; see `_ownerless`
DETACH_SECONDS_MAX = 45.0  # what the fabric needs to take it apart
TOUCHED_SECONDS = 600.0
LISTINGS_MIN = 5  # complete ones since somebody laid hands on it, before the books must know
JUDGED = frozenset({BlockState.FREE, BlockState.MISSING})
RESTING = frozenset({BlockState.FREE, BlockState.QUARANTINED})


class Broken(Exception):
    """A predicate that does not hold."""


class Checks:
    def __init__(
        self,
        *,
        fabric: MemoryFabric,
        store: Store,
        loop: Loop,
        fates: Fates,
        mischief: Mischief,
        inspecting: Inspecting,
    ) -> None:
        self._fabric = fabric
        self._store = store
        self._loop = loop
        self._fates = fates
        self._mischief = mischief
        self._inspecting = inspecting
        self._planned_at: dict[str, float] = {}
        self._troubles = 0
        self._quiet_since = 0.0
        self._ownerless_since: dict[str, float] = {}

    def look(self) -> None:
        self._count_troubles()
        self._one_owner()
        self._ownerless()
        self._free_is_free()
        self._in_use()

    def quiet(self) -> None:
        """120 s after the last fault nobody waits for anything any more."""
        self.look()
        self._everybody_has_ended()
        self._nothing_under_way()

    def tidy(self) -> None:
        """When the reconciler has had the scans it needs to be sure, books and fabric say the same."""
        self.quiet()
        self._nothing_left()

    def _one_owner(self) -> None:
        if self._fabric.doubled:
            raise Broken(f"a block in two compositions: {self._fabric.doubled[0]}")

    def _ownerless(self) -> None:
        """None attached under a name of ours that no live composition has, for longer than the reconciler may take.

        Only while the fabric answers: any fault, death or mischief begins the time anew.
        """
        now, found = self._loop.now, {}
        for code, block in self._fabric.blocks.items():
            if block.tag is not None and block.tag in self._store.compositions and not self._is_owned(code, block.tag):
                found[code] = max(self._ownerless_since.get(code, now), self._quiet_since)
        self._ownerless_since = found
        for code, since in found.items():
            if now - since > OWNERLESS_SECONDS_MAX + DETACH_SECONDS_MAX:
                raise Broken(
                    f"{code} is attached as {self._fabric.blocks[code].tag}, without an owner for {now - since:.0f} s"
                )

    def _free_is_free(self) -> None:
        """What the books offer is not attached under a name of ours; what they call missing was really away.

        Of a node's blocks its executor judges first, and the reconciler only after that.
        """
        planned = {code for row in self._store.live.values() for code in row.blocks}
        self._planned_at.update(dict.fromkeys(planned, self._loop.now))
        for code, state in self._store.block_states.items():
            if code in planned or state not in JUDGED or self._was_touched(code):
                continue
            if state == BlockState.FREE and self._is_left_over(code):
                raise Broken(f"{code} is offered as free and still attached as {self._fabric.blocks[code].tag}")
            if state == BlockState.MISSING and not self._is_fresh(self._planned_at.get(code, NEVER)):
                raise Broken(f"{code} is called missing and was there all the time")

    def _is_left_over(self, code: str) -> bool:
        tag = self._fabric.blocks[code].tag
        return tag is not None and tag in self._store.compositions and not self._fabric.systems[tag].is_revenant

    def _in_use(self) -> None:
        """Whoever is told that a node is active has its devices, as long as nobody laid hands on them."""
        for row in self._store.live.values():
            if self._store.reservations[row.owner].state == ReservationState.ACTIVE and not row.resizes:
                blocks = self._fabric.blocks
                away = [code for code in row.blocks if blocks[code].tag != row.tag and not self._was_touched(code)]
                if away:
                    raise Broken(f"{row.tag} is active without {', '.join(away)}")

    def _everybody_has_ended(self) -> None:
        for one in self._store.reservations.values():
            if one.state not in FINAL:
                raise Broken(f"{one.code} is still {one.state}: {one.reason}")
            if not one.reason:
                raise Broken(f"{one.code} is {one.state} without a reason")

    def _nothing_under_way(self) -> None:
        store = self._store
        for operation in store.open_operations.values():
            raise Broken(f"{operation.kind} of {operation.tag} is still {operation.state}: {operation.error}")
        for row in store.live.values():
            raise Broken(f"{row.tag} is still {row.state}: {row.reason}")
        for row in store.compositions.values():
            _no_open_step(row)

    def _nothing_left(self) -> None:
        for code, block in self._fabric.blocks.items():
            if block.tag is not None:
                raise Broken(f"{code} is still attached as {block.tag}")
        for repair in self._store.repairs.values():
            raise Broken(f"{repair.job.op_key} is still open")
        for one in self._store.standing:
            raise Broken(f"drift: {one.what.block} {one.what.kind}, {one.what.observed}")
        for code, state in {**self._store.block_states, **self._store.host_states}.items():
            if state not in RESTING:
                raise Broken(f"{code} is still {state}")
            if state == BlockState.FREE and code in self._store.attachments:
                raise Broken(f"{code} is free and its attachment to {self._store.attachments[code].tag} is open")

    def _was_touched(self, code: str) -> bool:
        """Somebody laid hands on it so lately that the books may still say otherwise."""
        block = self._fabric.blocks[code]
        return not block.is_present or self._is_fresh(block.touched_at)

    def _is_fresh(self, at: float) -> bool:
        seen_at = self._inspecting.complete_at
        return self._loop.now - at < TOUCHED_SECONDS or len(seen_at) < LISTINGS_MIN or at >= seen_at[-LISTINGS_MIN]

    def _is_owned(self, code: str, tag: str) -> bool:
        row = self._store.live.get(tag)
        return row is not None and (code in row.blocks or any(code in change.adds for change in row.resizes))

    def _count_troubles(self) -> None:
        troubles = self._fabric.faults.struck + self._fates.struck + self._mischief.done + self._inspecting.stops
        if troubles != self._troubles or self._store.paused or self._fabric.stuck:
            self._troubles, self._quiet_since = troubles, self._loop.now


def _no_open_step(row: Composition) -> None:
    for step in row.steps:
        if step.state in OPEN:
            raise Broken(f"{step.op_key} is still {step.state}: {step.message}")
