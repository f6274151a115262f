"""Why not: refusals (understood, not granted: 409) and field errors (cannot be read, or names nothing: 400). Pure.

Codes are for programs and never change; messages are for people.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class RefusalCode(StrEnum):
    """R0–R22 of the topology rules, then quota, policy and the planner's own."""

    NO_FREE_HOST = "NO_FREE_HOST"  # R0
    ZONE_MISMATCH = "ZONE_MISMATCH"  # R1
    NO_FABRIC_PORT = "NO_FABRIC_PORT"  # R2
    PRU_FANOUT = "PRU_FANOUT"  # R3
    HOST_FANOUT = "HOST_FANOUT"  # R3
    HOST_SLOT_LIMIT = "HOST_SLOT_LIMIT"  # R4
    MMIO_EXHAUSTED = "MMIO_EXHAUSTED"  # R5
    BUS_EXHAUSTED = "BUS_EXHAUSTED"  # R6
    LANE_BUDGET = "LANE_BUDGET"  # R7: a template whose switch has too few lanes is refused when the file is read
    DEVICE_BUSY = "DEVICE_BUSY"  # R8
    UNIT_INDIVISIBLE = "UNIT_INDIVISIBLE"  # R9
    BRIDGE_SPLIT = "BRIDGE_SPLIT"  # R10
    MIG_LAYOUT = "MIG_LAYOUT"  # R11
    DRIVER_CONFLICT = "DRIVER_CONFLICT"  # R13
    SLOT_POWER = "SLOT_POWER"  # R14
    RACK_POWER = "RACK_POWER"  # R14
    RACK_COOLING = "RACK_COOLING"  # R14
    P2P_PATH = "P2P_PATH"  # R15: also what same_switch and same_pru refuse with
    NIC_AFFINITY = "NIC_AFFINITY"  # R16
    GDS_AFFINITY = "GDS_AFFINITY"  # R17
    NEEDS_REBOOT = "NEEDS_REBOOT"  # R18
    NUMA_SPLIT = "NUMA_SPLIT"  # R19: a warning of a plan, never a refusal
    CXL_UNSUPPORTED = "CXL_UNSUPPORTED"  # R20
    RDMA_MISMATCH = "RDMA_MISMATCH"  # R21
    DEVICE_UNAVAILABLE = "DEVICE_UNAVAILABLE"  # R22
    QUOTA_DEVICES = "QUOTA_DEVICES"
    QUOTA_HOURS = "QUOTA_HOURS"  # of a period, or booked ahead
    BUDGET = "BUDGET"
    PRIORITY_LIMIT = "PRIORITY_LIMIT"  # higher than the project may book with
    NEEDS_APPROVAL = "NEEDS_APPROVAL"  # a change that somebody would have to approve first
    NEEDS_CHOICE = "NEEDS_CHOICE"  # a start that the clocks leave out, or that comes twice
    HORIZON = "HORIZON"
    LEAD_TIME = "LEAD_TIME"
    TOO_SHORT = "TOO_SHORT"
    TOO_LONG = "TOO_LONG"
    NOT_POOLABLE = "NOT_POOLABLE"
    NOT_IN_PLACE = "NOT_IN_PLACE"  # a node in use cannot be changed so
    POOL_BUSY = "POOL_BUSY"
    SEARCH_LIMIT = "SEARCH_LIMIT"


UNPROVEN_CODES = frozenset({RefusalCode.SEARCH_LIMIT, RefusalCode.POOL_BUSY})  # it may fit all the same


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A nearest change that would fit, in words and as a value a program can use.

    `kind` is one of start, count, class, host, bridge, power_cap.
    """

    kind: str
    message: str
    value: str | int | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why not. `need` and `have` share `unit` (devices, W, GiB, hosts, minutes …)."""

    code: RefusalCode
    field: str  # path in the request, such as mix[0].lines[1].count
    message: str
    need: int | float | None = None
    have: int | float | None = None
    unit: str = ""
    overridable_by: str | None = None  # who could say yes all the same: operator, lead, or nobody
    suggestions: tuple[Suggestion, ...] = ()


@dataclass(frozen=True, slots=True)
class Alternative:
    """A changed request that the same planner found to fit, whole, so that it can be booked as it stands."""

    kind: str  # start (later), start_before, count, class, zone, power_cap, make_room, preempt
    message: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    mix: tuple[Mapping[str, Any], ...] | None = None  # the whole `mix` as sent, changed; None where it is as it was
    request: Mapping[str, Any] = field(default_factory=dict, hash=False)  # the whole body that books it


class Refused(Exception):
    """Understood, not granted. Carries *all* reasons."""

    def __init__(self, refusals: Sequence[Refusal], alternatives: Sequence[Alternative] = ()) -> None:
        super().__init__("; ".join(f"{r.code}: {r.message}" for r in refusals))
        self.refusals = tuple(refusals)
        self.alternatives = tuple(alternatives)

    @property
    def is_proven(self) -> bool:
        """Whether it is certain that nothing fits: no search was given up, and nobody was merely in the way."""
        return is_proven(self.refusals)


def is_proven(refusals: Sequence[Refusal]) -> bool:
    return not UNPROVEN_CODES & {refusal.code for refusal in refusals}


@dataclass(frozen=True, slots=True)
class FieldError:
    field: str
    code: (
        str  # required, unknown, unsupported, invalid, too_small, too_large, too_long, naive, past, inverted, gap, fold
    )
    message: str


class Invalid(Exception):
    """Cannot be read, or names nothing that exists. Carries *all* field errors."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("; ".join(f"{e.field}: {e.message}" for e in errors))
        self.errors = tuple(errors)


class Stale(Exception):
    """The caller saw an older version (412). `version` is the present one."""

    def __init__(self, version: int) -> None:
        super().__init__(f"The reservation has changed since; it is at version {version} now.")
        self.version = version


class WrongState(Exception):
    """The verb does not apply in the present state (409). `remedy` is a sentence of what to do instead."""

    def __init__(self, verb: str, state: str, remedy: str = "") -> None:
        problem = f"A reservation that is {state.replace('_', ' ')} cannot be changed by “{verb}”."
        super().__init__(f"{problem} {remedy}".strip())
        self.verb = verb
        self.state = state
