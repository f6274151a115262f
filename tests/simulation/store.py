"""The portal's tables as dictionaries. Plain and mutable; `books` and `bookings` keep the guards."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from fabric.composing.books import Block, Node, Resizing, Step
from fabric.composing.differences import Standing
from fabric.composing.mending import Job
from fabric.drivers.base import CardSetting
from fabric.states import LIVE_COMPOSITIONS, BlockState, CompositionState
from scheduler.requests import OnFailure
from scheduler.states import OperationKind, OperationState, ReservationState

BEGIN = datetime(2030, 1, 1, tzinfo=UTC)  # an arbitrary moment: second 0 of every simulation


def moment(seconds: float) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


def seconds_of(at: datetime) -> float:
    return (at - BEGIN).total_seconds()


@dataclass(slots=True)
class Attachment:
    """One row: `until` is None while it is open."""

    block: str
    tag: str
    since: datetime
    until: datetime | None = None


@dataclass(slots=True)
class Composition:
    tag: str
    owner: str
    index: int
    generation: int
    host: str
    blocks: dict[str, Block]
    settings: dict[str, CardSetting]
    state: CompositionState = CompositionState.OPENED
    reason: str = ""
    steps: list[Step] = field(default_factory=list)
    resizes: list[Resizing] = field(default_factory=list)
    access: Mapping[str, Any] = field(default_factory=dict)
    proofs: dict[str, bool] = field(default_factory=dict)
    node: Node | None = None  # as the executor is told, until it changes

    @property
    def is_live(self) -> bool:
        return self.state in LIVE_COMPOSITIONS

    def told(self) -> Node:
        if self.node is None:
            self.node = Node(
                tag=self.tag,
                host=self.host,
                address=f"{self.host}.example",
                blocks=dict(sorted(self.blocks.items())),
                settings=dict(sorted(self.settings.items())),
            )
        return self.node


@dataclass(slots=True)
class Operation:
    """Due work, leased under a fence. Times in seconds of the simulation."""

    id: int
    kind: OperationKind
    owner: str
    tag: str
    due_at: float
    deadline_at: float
    state: OperationState = OperationState.QUEUED
    fence: int = 0
    attempt: int = 0
    lease_until: float | None = None
    hinted_at: float | None = None
    error: str = ""
    round: int = 0  # of which resize it is


@dataclass(slots=True)
class NodePlan:
    host: str
    blocks: list[str]
    settings: dict[str, CardSetting] = field(default_factory=dict)


@dataclass(slots=True)
class Reservation:
    """`busy_from` and `busy_until` are the ends of what it holds of its units, padding included."""

    code: str
    nodes: list[NodePlan]
    busy_from: float
    starts_at: float
    ends_at: float
    busy_until: float
    on_failure: OnFailure
    state: ReservationState = ReservationState.CONFIRMED
    reason: str = ""
    intent: ReservationState | None = None
    swaps: int = 0
    was_begun: bool = False
    was_active: bool = False
    finished_at: float | None = None


@dataclass(slots=True)
class Turn:
    op_key: str
    until: float


@dataclass(slots=True)
class Repair:
    """The intent of what the reconciler does on the fabric."""

    id: int
    job: Job
    since: float
    lease_until: float | None = None


@dataclass(slots=True)
class Store:
    """`units` are the states of blocks and hosts, by code; no code is both."""

    blocks: dict[str, Block]
    block_states: dict[str, BlockState]
    host_states: dict[str, BlockState]
    reasons: dict[str, str] = field(default_factory=dict)  # of units in their states
    attachments: dict[str, Attachment] = field(default_factory=dict)  # the open one of each block
    ended: list[Attachment] = field(default_factory=list)
    compositions: dict[str, Composition] = field(default_factory=dict)
    live: dict[str, Composition] = field(default_factory=dict)
    reservations: dict[str, Reservation] = field(default_factory=dict)
    operations: dict[int, Operation] = field(default_factory=dict)
    open_operations: dict[int, Operation] = field(default_factory=dict)
    standing: tuple[Standing, ...] = ()  # differences that are not settled
    settled: dict[str, datetime] = field(default_factory=dict)  # by block, when its last difference was
    repairs: dict[int, Repair] = field(default_factory=dict)  # open ones
    boot_ids: dict[str, str] = field(default_factory=dict)
    frozen: set[str] = field(default_factory=set)  # names about which nothing is done automatically
    running: dict[int, Operation] = field(default_factory=dict)  # of the open ones, those under a lease
    op_keys: set[str] = field(default_factory=set)
    turns: list[Turn] = field(default_factory=list)
    paused: str = ""  # why, if it is

    def operation_of(self, tag: str, kind: OperationKind) -> Operation | None:
        return next((one for one in self.open_operations.values() if (one.tag, one.kind) == (tag, kind)), None)
