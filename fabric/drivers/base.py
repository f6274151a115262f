"""The contract every driver keeps: protocol, value types, error classes. No Django, no sleeping, no choices.

Sources: DMTF Redfish ResourceBlock 1.4 and DSP0266 (asynchronous answers). A status code is a hint, a read-back is the
fact: `read` and `find` are what the executor believes. Every call names its operation key, so that calling again with
the same key is always safe. A tag that was decomposed is never composed again: names are not reused.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class DriverError(Exception):
    """Root of what a driver may raise; `detail` is for operators, the message for people."""

    def __init__(self, message: str, *, detail: str = "", blocks: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.detail = detail
        self.blocks = tuple(blocks)


class Transient(DriverError):
    """Nothing was done; the same call may be made again later."""


class Unknown(DriverError):
    """It may have been done: only a read may settle it."""


class Conflict(DriverError):
    """A block or host is in use by, or belongs to, somebody else."""


class Precondition(DriverError):
    """Something must happen first (host off, device drained)."""


class Permanent(DriverError):
    """It will never work as asked."""


class ContractBroken(DriverError):
    """The fabric contradicts itself or us: freeze, alarm, repair nothing automatically."""


class BlockOutcome(StrEnum):
    DONE = "done"
    NOT_DONE = "not_done"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class BlockLine:
    """What became of one block in one mutation."""

    block: str
    outcome: BlockOutcome
    seconds: float = 0.0  # how long its bind took
    reason: str = ""
    method: str = ""  # of a cleaning: what was done to it, such as "NVMe sanitize, block erase"


@dataclass(frozen=True, slots=True)
class CardSetting:
    """How one card is set: its MIG layout (profile → slices; NVIDIA MIG User Guide) and the watts it is held to.

    The default is a card as it comes: whole, at its own limit.
    """

    layout: Mapping[str, int] = field(default_factory=dict)
    power_cap_w: int | None = None

    def __str__(self) -> str:
        slices = ", ".join(f"{count} × {profile}" for profile, count in sorted(self.layout.items()))
        told = [f"cut into {slices}"] if slices else []
        told += [f"held to {self.power_cap_w} W"] if self.power_cap_w is not None else []
        return " and ".join(told) or "whole and not capped"


AS_IT_COMES = CardSetting()


@dataclass(frozen=True, slots=True)
class SeenDevice:
    """A device as the fabric (or the host) shows it."""

    block: str
    device_class: str
    serial: str
    pci_id: str  # vendor:device
    address: str  # PCI address on the host it is attached to, "" when attached to none
    host: str | None
    tag: str | None  # the machine it belongs to
    health: str = "ok"  # ok, failed (the fabric calls it failed or critical), unavailable (it is in service there)
    is_clean: bool = True
    setting: CardSetting = AS_IT_COMES  # the one really in force, never a pending one
    lanes: int | None = None  # of its link as negotiated; None where the fabric does not tell


@dataclass(frozen=True, slots=True)
class SeenHost:
    """A host as the fabric shows it; `boot_id` differs after every boot, "" where the fabric does not tell."""

    code: str
    is_on: bool | None = None
    boot_id: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """A composed node as the fabric shows it."""

    tag: str
    host: str
    blocks: frozenset[str]
    address: str  # how to reach the host


@dataclass(frozen=True, slots=True)
class Pending:
    """Accepted, not finished: poll it. `lines` are the blocks already settled."""

    op_key: str
    retry_after_seconds: float
    lines: tuple[BlockLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """Finished. `machine` is None after a decompose. `lines` has one line per block asked for."""

    op_key: str
    machine: Machine | None
    lines: tuple[BlockLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Inventory:
    """One listing; a partial one (`is_complete` False) is never read as "gone"."""

    devices: tuple[SeenDevice, ...]
    machines: tuple[Machine, ...]
    is_complete: bool = True
    hosts: tuple[SeenHost, ...] = ()


@dataclass(frozen=True, slots=True)
class Proof:
    """What the host itself sees of one machine. `missing` and `extra` against what was expected."""

    devices: tuple[SeenDevice, ...]
    missing: frozenset[str]
    extra: frozenset[str]

    @property
    def holds(self) -> bool:
        return not self.missing and not self.extra


@dataclass(frozen=True, slots=True)
class Capabilities:
    max_parallel_mutations: int
    needs_host_off: bool
    is_async: bool
    can_resize: bool
    blocks_max: int
    name_max: int
    attach_seconds_max: int
    detach_seconds_max: int
    picks_devices: bool = False  # True where the fabric chooses which of equal devices it attaches
    can_configure: bool = True  # False where the fabric cannot cut or cap cards: `configure` is always Permanent
    notes: tuple[str, ...] = field(default=())


class Driver(Protocol):
    """One fabric manager. Unknown blocks or hosts are Permanent; every call has a deadline of its own."""

    def capabilities(self) -> Capabilities: ...

    def inventory(self) -> Inventory: ...

    def configure(self, *, op_key: str, tag: str, settings: Mapping[str, CardSetting]) -> Done | Pending:
        """Cut and cap the named cards for the machine that `tag` will be. Again with the same key: nothing done twice.

        Only while nobody holds them: Conflict for a card that is attached, being changed, or under a tag that was
        given up; Precondition for one that was not cleaned; Permanent for one that cannot be set so.
        """

    def compose(self, *, op_key: str, tag: str, host: str, blocks: Sequence[str]) -> Done | Pending:
        """Bind `blocks` to `host` under `tag`. Again with the same key: the same answer, nothing done twice.

        A fabric that picks devices itself binds as many equal ones; `machine.blocks` says which.
        """

    def resize(self, *, op_key: str, tag: str, add: Sequence[str], remove: Sequence[str]) -> Done | Pending:
        """Adds before removes; outcome by block."""

    def decompose(self, *, op_key: str, tag: str) -> Done | Pending:
        """Unbind everything of `tag` and give the name up; already gone is Done; another's is never touched."""

    def clean(self, *, op_key: str, blocks: Sequence[str]) -> Done | Pending:
        """Reset and wipe detached blocks, layout and power cap too; what cannot be proven clean is NOT_DONE."""

    def poll(self, op_key: str) -> Done | Pending:
        """One request, no sleeping. A key the fabric does not know raises Unknown."""

    def read(self, tag: str) -> Machine | None: ...

    def find(self, *, tag: str, blocks: Sequence[str]) -> tuple[SeenDevice, ...]:
        """The named blocks as the fabric shows them now, whoever holds them: the truth after any doubt."""

    def power(self, *, host: str, on: bool) -> None: ...

    def in_use(self, tag: str) -> frozenset[str]:
        """Blocks of the machine on which a process still runs; empty where the fabric cannot tell."""

    def prove(self, *, tag: str, expected: Sequence[str]) -> Proof: ...

    def events(self, cursor: str) -> Iterable[str]:
        """Hints that trigger a read; losing all of them costs latency only."""
