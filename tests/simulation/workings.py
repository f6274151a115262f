"""The inside of the fabric in memory: what becomes of a mutation that was accepted, and when. Whoever holds a block in
truth is in `blocks[code].tag`, and in no other place.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush
from itertools import count

from fabric.drivers.base import (
    AS_IT_COMES,
    BlockOutcome,
    Capabilities,
    CardSetting,
    Conflict,
    Done,
    Machine,
    Pending,
    Permanent,
    Precondition,
    SeenHost,
    Transient,
    Unknown,
)
from fabric.drivers.emulator.faults import FaultKind
from tests.simulation.faults import Faults
from tests.simulation.matter import LANES, Block, Host, Line, Operation, System

CAPABILITIES = Capabilities(
    max_parallel_mutations=4,
    needs_host_off=False,
    is_async=True,
    can_resize=True,
    blocks_max=64,
    name_max=64,
    attach_seconds_max=1500,
    detach_seconds_max=900,
    notes=("in memory",),
)
FAILURE_OF = {
    "bind": (FaultKind.BIND_FAILURE, "the link did not come up"),
    "unbind": (FaultKind.UNBIND_FAILURE, "the block did not let go"),
    "clean": (FaultKind.CLEAN_FAILURE, "the reset failed"),
    "configure": (FaultKind.CONFIGURE_FAILURE, "the card did not take the setting"),
}
CAN_BE_PHANTOM = ("bind", "configure")
SECONDS_OF = {"bind": (4.0, 20.0), "unbind": (3.0, 15.0), "clean": (1.0, 4.0), "configure": (2.0, 6.0)}
RETRY_SECONDS_MIN, RETRY_SECONDS_MAX = 0.25, 2.0
PATIENCE_SECONDS = 10.0
FOR_EVER = float("inf")
FIRST_BUS = 0x21


class Workings:
    """Settles what is due whenever it is asked, like the emulator."""

    def __init__(
        self,
        *,
        blocks: Iterable[Block],
        hosts: Iterable[Host],
        rng: random.Random,
        capabilities: Capabilities = CAPABILITIES,
        pace: float = 1.0,
    ) -> None:
        self.now = 0.0
        self.blocks = {block.code: block for block in blocks}
        self.hosts = {host.code: host for host in hosts}
        self.systems: dict[str, System] = {}
        self.operations: dict[str, Operation] = {}
        self.given_up: set[str] = set()  # names that are never used again
        self.running: dict[str, Operation] = {}
        self.stuck: list[Line] = []
        self.faults = Faults(rng)
        self.pace = pace  # 0: everything at once; 1: seconds as real fabrics need them
        self.notes: list[str] = []
        self.keeps_notes = False
        self.is_careless = False  # it binds what another machine holds, as some real ones do
        self.doubled: list[str] = []  # where two machines of ours had one block
        self.asks_for_patience = False  # it says when all will be done, and not when the next block will
        self._rng = rng
        self._capabilities = capabilities
        self._due: list[tuple[float, int, Line]] = []
        self._numbers = count()

    def settle(self) -> None:
        """Carry out every line whose moment has come."""
        due = self._due
        while due and due[0][0] <= self.now:
            line = heappop(due)[2]
            if not line.is_settled:
                self._carry_out(line)

    def unstick(self) -> None:
        """What was stuck goes on."""
        for line in self.stuck:
            line.due_at = self.now
            heappush(self._due, (self.now, next(self._numbers), line))
        self.stuck.clear()

    def bind(self, code: str, system: System, address: str = "") -> None:
        """Here is where two owners would come to be, and nowhere else."""
        block = self.blocks[code]
        if block.tag is not None:
            if not any(one.is_foreign or one.is_revenant for one in (system, self.systems[block.tag])):
                self.doubled.append(f"{code} of {block.tag} is bound to {system.tag}")
            self.systems[block.tag].blocks.discard(code)
        block.host, block.tag, block.address = system.host, system.tag, address or self._addresses(system.host, 1)[0]
        block.is_clean, block.image = False, None
        system.blocks.add(code)

    def unbind(self, code: str) -> None:
        block = self.blocks[code]
        if block.tag is not None:
            self.systems[block.tag].blocks.discard(code)
        block.host, block.tag, block.address, block.used_until, block.image = None, None, "", 0.0, None

    def forget_if_empty(self, tag: str) -> None:
        system = self.systems.get(tag)
        if system is not None and not system.blocks:
            del self.systems[tag]

    def note(self, what: str) -> None:
        if self.keeps_notes:
            self.notes.append(what)

    def _read(self, name: str) -> None:
        self.settle()
        if FaultKind.UNREADABLE in self.faults.on and self.faults.strikes(FaultKind.UNREADABLE, name):
            raise Transient("The fabric manager could not be read.")

    def _machine(self, system: System) -> Machine:
        shown = frozenset(code for code in system.blocks if self.blocks[code].is_present)
        return Machine(tag=system.tag, host=system.host, blocks=shown, address=f"{system.host}.example")

    def _host_seen(self, host: Host) -> SeenHost:
        if not isinstance(host.image, SeenHost):
            host.image = SeenHost(code=host.code, is_on=host.is_on, boot_id=f"boot-{host.boots}")
        return host.image

    def _repeated(self, op_key: str, request: tuple[object, ...]) -> Done | Pending | None:
        self.settle()
        if not op_key:
            raise Permanent("A mutation needs an operation key.")
        known = self.operations.get(op_key)
        if known is None:
            return None
        if known.request != request:
            raise Permanent("The operation key belongs to another request.", detail=op_key)
        return self._reply(known)

    def _refuse_foreign(self, tag: str) -> None:
        system = self.systems.get(tag)
        if system is not None and system.is_foreign:
            raise Conflict(f"{tag} is not ours.")

    def _end_processes(self, host: str) -> None:
        for block in self.blocks.values():
            if block.host == host:
                block.used_until = 0.0

    def _refuse_in_use(self, tag: str, blocks: Iterable[str]) -> None:
        """A device on which a process runs is not taken off a running host."""
        system = self.systems.get(tag)
        if system is None or not self.hosts[system.host].is_on:
            return
        if used := sorted(code for code in blocks if self.blocks[code].used_until > self.now):
            raise Precondition(f"In use: {', '.join(used)}.", blocks=used)

    def _submit(self, op_key: str, kind: str, tag: str, host: str, request: tuple[object, ...]) -> Operation:
        """Raises what keeps it from being accepted."""
        if len(self.running) >= self._capabilities.max_parallel_mutations:
            raise Transient(f"The fabric is busy with {len(self.running)} changes.")
        if self.faults.strikes(FaultKind.BUSY, kind):
            raise Transient("The fabric manager is busy.")
        if self.faults.strikes(FaultKind.LOST_BEFORE, kind):
            raise Unknown("The fabric manager did not answer.", detail="lost before commit")
        operation = Operation(key=op_key, kind=kind, tag=tag, host=host, request=request)
        self.operations[op_key] = operation
        return operation

    def _add_lines(
        self,
        operation: Operation,
        act: str,
        codes: Sequence[str],
        *,
        after: float = 0.0,
        settings: Mapping[str, CardSetting] | None = None,
    ) -> float:
        """Draw what will become of each block, and when; the seconds of the slowest."""
        faults, kind = self.faults, operation.kind
        failing = faults.drawn_block(FaultKind.PARTIAL, kind, codes)
        if vanishing := faults.drawn_block(FaultKind.VANISH, kind, codes):
            self.blocks[vanishing].is_present = False
            self.blocks[vanishing].touched_at = self.now
        is_stuck = bool(codes) and faults.strikes(FaultKind.STUCK, kind) is not None
        slow = faults.strikes(FaultKind.SLOW, kind)
        stretch = self.pace * (slow.factor if slow else 1.0)
        low, high = SECONDS_OF[act]
        addresses = self._addresses(operation.host, len(codes)) if act == "bind" else ()
        slowest = 0.0
        for code in codes:
            seconds = round(stretch * (low + (high - low) * self._rng.random()), 3)
            slowest = max(slowest, seconds)
            due_at = None if is_stuck else self.now + after + seconds
            line = Line(operation, len(operation.lines), code, act, seconds, due_at)
            if settings is not None:
                line.setting = settings[code]
            if addresses:
                line.address = addresses[len(operation.lines)]
            fault, reason = FAILURE_OF[act]
            if code == failing or faults.strikes(fault, kind, code):
                line.outcome, line.reason = BlockOutcome.NOT_DONE, reason
            elif act in CAN_BE_PHANTOM and faults.strikes(FaultKind.PHANTOM, kind, code):
                line.is_phantom = True
            if act == "bind" and faults.are_on:
                line.is_narrow = faults.strikes(FaultKind.NARROW, kind, code) is not None
                if (use := faults.strikes(FaultKind.IN_USE, kind, code)) is not None:
                    line.used_seconds = use.factor or FOR_EVER
            operation.lines.append(line)
            operation.left += 1
            if act in CAN_BE_PHANTOM:
                self.blocks[code].acts += 1
            if due_at is None:
                self.stuck.append(line)
            else:
                heappush(self._due, (due_at, next(self._numbers), line))
        return slowest

    def _addresses(self, host: str, number: int) -> list[str]:
        """So many that are free on the host's bus, lowest first."""
        taken = {one.address for one in self.blocks.values() if one.host == host}
        buses = (f"0000:{bus:02x}:00.0" for bus in range(FIRST_BUS, FIRST_BUS + len(taken) + number))
        return [address for address in buses if address not in taken][:number]

    def _answer(self, operation: Operation) -> Done | Pending:
        self.running[operation.key] = operation
        if not operation.left:
            self._end(operation)
        self.settle()
        if self.faults.strikes(FaultKind.LOST_AFTER, operation.kind):
            raise Unknown("The fabric manager did not answer.", detail="lost after commit")
        return self._reply(operation)

    def _reply(self, operation: Operation) -> Done | Pending:
        lines = tuple(line.told() for line in operation.lines if line.is_settled)
        if operation.is_over:
            system = self.systems.get(operation.tag) if operation.kind in ("compose", "resize") else None
            return Done(operation.key, self._machine(system) if system else None, lines)
        due = [line.due_at for line in operation.lines if not line.is_settled and line.due_at is not None]
        if self.asks_for_patience:
            return Pending(operation.key, max(due) - self.now if due else PATIENCE_SECONDS, lines)
        until = min(due) - self.now if due else RETRY_SECONDS_MAX
        return Pending(operation.key, min(max(until, RETRY_SECONDS_MIN), RETRY_SECONDS_MAX), lines)

    def _carry_out(self, line: Line) -> None:
        operation, block = line.operation, self.blocks[line.block]
        if line.outcome == BlockOutcome.DONE and (hindrance := self._hindrance(line, block)):
            line.outcome, line.reason = BlockOutcome.NOT_DONE, hindrance
        if line.outcome == BlockOutcome.DONE and not line.is_phantom:
            self._act(line, operation, block)
        self._close(line, operation)
        if not operation.left:
            self._end(operation)

    def _act(self, line: Line, operation: Operation, block: Block) -> None:
        if line.act == "bind":
            self.bind(line.block, self.systems[operation.tag], line.address)
            block.lanes = LANES // 2 if line.is_narrow else LANES
            block.used_until = self.now + line.used_seconds
        elif line.act == "unbind":
            if block.tag == operation.tag:
                self.unbind(line.block)
        elif line.act == "clean":
            block.is_clean, block.setting, block.image = True, AS_IT_COMES, None
        else:
            block.setting, block.image = line.setting, None

    def _close(self, line: Line, operation: Operation) -> None:
        line.is_settled = True
        operation.left -= 1
        if line.act in CAN_BE_PHANTOM:
            self.blocks[line.block].acts -= 1

    def _end(self, operation: Operation) -> None:
        operation.is_over = True
        self.running.pop(operation.key, None)
        self.note(f"operation {operation.key} done")
        if operation.kind == "decompose":
            self.forget_if_empty(operation.tag)

    def _call_off(self, operations: Iterable[Operation]) -> None:
        """Stop them where they are: what is bound stays bound, what is not never will be."""
        for operation in operations:
            for line in operation.lines:
                if not line.is_settled:
                    line.outcome, line.reason = BlockOutcome.NOT_DONE, "called off"
                    self._close(line, operation)
            operation.is_over = True
            del self.running[operation.key]
            self.note(f"operation {operation.key} called off")
        self.stuck = [line for line in self.stuck if not line.is_settled]

    def _hindrance(self, line: Line, block: Block) -> str:
        """Why the block cannot do now what was asked when the operation was accepted."""
        if line.act == "unbind":
            adds = (one for one in line.operation.lines if one.act == "bind")
            is_short = any(not one.is_settled or one.outcome != BlockOutcome.DONE for one in adds)
            return "what should take its place was not added" if is_short else ""
        if not block.is_present:
            return "the device has vanished"
        if block.tag not in (None, line.operation.tag) and not (self.is_careless and line.act == "bind"):
            return f"it belongs to {block.tag}"
        if line.act != "bind" and block.tag is not None:
            return "it is attached"
        return ""
