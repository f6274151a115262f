"""What the executor reads and writes of its own: values, and the protocol of the books that keep them. Pure.

`ledger.Ledger` keeps them in the database. Whoever keeps them elsewhere keeps the same promises: every method is one
atomic act, a write by a run that is no longer the current one is refused, and what `begin` has written is there for
good before it returns.
"""

from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from fabric.drivers.base import BlockLine, CardSetting
from fabric.states import BlockState, CompositionState, ResizeState, StepKind, StepState

OPEN = frozenset({StepState.STARTED, StepState.UNKNOWN})  # an intent whose outcome is not written yet


class Superseded(Exception):
    """Somebody else holds the newer fence: stop, write nothing."""


class Turned(Exception):
    """The composition is no longer in the state this run works on; look again."""


class NotReady(Exception):
    """A block or the host is still of another composition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """What the books know of one block."""

    code: str
    device_class: str
    slot: int
    serials: frozenset[str] = frozenset()  # of the hardware in it; empty where nobody has written it down
    lanes: int | None = None  # of its link when all is well; None where its class does not say
    place: tuple[str, str, str, str] = ("", "", "", "")  # chassis, switch, zone, bridge group


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """The target of one composition: its blocks by code, in order, and how those are set that need it."""

    tag: str
    host: str
    address: str
    blocks: Mapping[str, Block]
    settings: Mapping[str, CardSetting] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resizing:
    """A change of a node in use, as it was written down."""

    round: int
    adds: tuple[str, ...]
    removes: tuple[str, ...]
    settings: Mapping[str, CardSetting]
    state: ResizeState
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The intent row of one step; `position` names it within its composition."""

    position: int
    kind: StepKind
    op_key: str
    state: StepState
    host: str
    blocks: tuple[str, ...]  # whom it acts on
    attempt: int
    fence: int
    started_at: datetime
    round: int = 0  # 0 is the first wiring and its end; else of which resize
    is_undo: bool = False
    lines: tuple[BlockLine, ...] = ()
    error: str = ""
    message: str = ""
    request_id: str = ""
    exchanged: Mapping[str, str] = field(default_factory=dict)  # asked → given, where the fabric picks devices
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """Blocks that are as `seen` move on; one in another state stays (an operator, or a scan, was faster)."""

    blocks: frozenset[str]
    seen: BlockState
    to: BlockState


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """The proof, or the lack of it, that a block was given back."""

    block: str
    is_proven: bool
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What follows from an intent or an outcome, written in one transaction with it, in the order of these fields."""

    at: datetime
    includes: Mapping[str, CardSetting] = field(default_factory=dict)  # become blocks of the node, set so
    takes: tuple[str, ...] = ()  # become attaching: all of them are free, or NotReady and nothing is written
    takes_host: bool = False  # the same of the host
    attached: frozenset[str] = frozenset()  # an attachment is open from now on, if it was not
    detached: frozenset[str] = frozenset()  # a block's attachment of this composition is over
    quarantined: Mapping[str, str] = field(default_factory=dict)  # whatever their state was; by block, the reason
    host_quarantined: str = ""  # the reason, if it is
    shifts: tuple[Shift, ...] = ()
    host_shifts: tuple[tuple[BlockState, BlockState], ...] = ()
    proofs: tuple[Gone, ...] = ()
    access: Mapping[str, Any] | None = None
    excludes: frozenset[str] = frozenset()  # are blocks of the node no longer
    resize: ResizeState | None = None  # what the resize of this run becomes
    moves: tuple[CompositionState, ...] = ()  # what the composition becomes; Turned if the table knows no such move
    may_stay: bool = False  # then a move that the table does not know is left out instead
    reason: str = ""  # of the moves; the first one that was given stays


class Books(Protocol):
    """The books of one composition, opened by one run.

    Every method that writes asks first whether the run is still the current one (Superseded), and tells of every step
    it writes, all in its one transaction.
    """

    def require_current(self) -> None:
        """Right before every call of the driver. Raises Superseded."""

    def node(self) -> Node: ...

    def resizing(self) -> Resizing | None:
        """The resize that this run is to carry out."""

    def standing(self) -> tuple[CompositionState, str]:
        """The composition's state, and the reason that came with it."""

    def steps(self) -> tuple[Step, ...]:
        """By position."""

    def blocks(self, codes: Collection[str]) -> Mapping[str, Block]:
        """Any blocks of the pool; one that is not known is left out."""

    def block_states(self, codes: Collection[str]) -> Mapping[str, BlockState]:
        """In the order of their codes."""

    def host_state(self) -> BlockState: ...

    def attached_elsewhere(self, codes: Collection[str]) -> frozenset[str]:
        """Those with an open attachment of another composition."""

    def wanted_elsewhere(self, codes: Collection[str]) -> frozenset[str]:
        """Those that are blocks of another live composition."""

    def live(self, tags: Collection[str]) -> frozenset[str]:
        """Those of the names that are of live compositions."""

    def is_paused(self) -> bool:
        """Whether an operator has paused the fabric: no mutations, reads go on."""

    def begin(self, step: Step, *, only_in: Set[CompositionState], changes: Changes) -> None:
        """Write a new intent and what it implies. Raises Turned, in another state; NotReady; Superseded."""

    def take_over(self, step: Step, *, only_in: Set[CompositionState]) -> None:
        """Put an open intent of a run that died under attempt and fence of this one. Raises Turned, Superseded."""

    def amend(self, step: Step) -> None:
        """Write state, lines, error and message of an intent that stays open. Raises Superseded."""

    def settle(self, *steps: Step, changes: Changes) -> None:
        """Close these intents and write what follows, in one transaction. Raises Superseded, Turned."""

    def take_turn(self, *, now: datetime, until: datetime, at_most: int) -> bool:
        """Stand in the fabric's queue of mutations, or keep the place; True while it is among the first `at_most`."""

    def return_turn(self) -> None: ...
