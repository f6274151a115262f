"""What the portal answers, as types for whoever reads code or writes it. Nothing is checked or changed at run time, so
that a portal newer than this client may say more. A test holds them against the portal's own description.
"""

from typing import Any, Generic, TypedDict, TypeVar

from heddle.policy_shapes import Alert as Alert
from heddle.policy_shapes import Occurrence as Occurrence
from heddle.policy_shapes import OpenApproval as OpenApproval
from heddle.policy_shapes import Rate as Rate
from heddle.policy_shapes import Rates as Rates
from heddle.policy_shapes import Series as Series
from heddle.policy_shapes import SeriesSummary as SeriesSummary
from heddle.policy_shapes import UnfitOccurrence as UnfitOccurrence
from heddle.policy_shapes import WaitEstimate as WaitEstimate
from heddle.policy_shapes import WaitingReservation as WaitingReservation
from heddle.quota_shapes import CeilingUsed as CeilingUsed
from heddle.quota_shapes import ClassUsed as ClassUsed
from heddle.quota_shapes import PoolQuota as PoolQuota
from heddle.quota_shapes import ProjectQuota as ProjectQuota
from heddle.quota_shapes import QuotaBounds as QuotaBounds

Row = TypeVar("Row")


class Page(TypedDict, Generic[Row]):
    results: list[Row]
    next: str | None


class Counts(TypedDict):
    total: int
    free: int
    cordoned: int
    by_state: dict[str, int]


class Pool(TypedDict):
    code: str
    name: str
    time_zone: str
    currency: str
    generation: int
    policy: dict[str, Any]
    blocks: dict[str, Counts]
    hosts: Counts


class DeviceClass(TypedDict):
    code: str
    name: str
    vendor: str
    kind: str
    poolability: str
    tdp_w: int | None
    memory_gib: float | None
    rate_usd_per_hour: str | None
    pools: dict[str, Counts]


class FreeUnits(TypedDict):
    total: int
    usable: int
    turnaround_minutes: int
    free: list[int]
    free_for_hours: list[int] | None


class Availability(TypedDict):
    pool: str
    zone: str | None
    generation: int
    step_minutes: int
    hours: int | None
    steps: list[str]
    device_classes: dict[str, FreeUnits]
    hosts: FreeUnits


class Project(TypedDict):
    slug: str
    name: str
    role: str | None


class Used(TypedDict):
    device_hours: float
    charged_hours: float
    price: str | None
    currency: str
    energy_kwh: float


class UsageRow(Used):
    project: str
    pool: str
    device_class: str | None
    period_starts_at: str
    period_ends_at: str


Usage = TypedDict(  # `from` is a word of the language
    "Usage", {"from": str, "to": str, "by": str, "total": Used, "results": list[UsageRow], "next": str | None}
)


class Suggestion(TypedDict):
    kind: str
    message: str
    value: Any


class Refusal(TypedDict):
    code: str
    field: str
    message: str
    need: float | None
    have: float | None
    unit: str
    overridable_by: str | None
    suggestions: list[Suggestion]


class Alternative(TypedDict):
    kind: str
    message: str
    starts_at: str | None
    ends_at: str | None
    mix: list[dict[str, Any]] | None
    request: dict[str, Any]


class FieldError(TypedDict):
    field: str
    code: str
    message: str


class Power(TypedDict):
    watts: int
    basis: str


class Energy(TypedDict):
    estimate_kwh: float
    basis: str


class PlannedBlock(TypedDict):
    code: str
    pool: str
    device_class: str
    kind: str
    chassis: str
    switch: str
    slot_kind: str
    slot: int
    zone: str | None
    state: str
    cordoned: bool
    host: str | None
    reservation: str | None
    serial: str
    pci_id: str
    pci_address: str
    drift: str | None


class Node(TypedDict):
    index: int
    role: str
    host: str
    host_address: str
    host_model: str
    blocks: list[PlannedBlock]
    settings: dict[str, Any]
    network: str | None
    rails: int
    paths: dict[str, Any] | None


class Plan(TypedDict):
    nodes: list[Node]
    warnings: list[str]


class Quote(TypedDict):
    id: str
    project: str
    pool: str
    starts_at: str
    ends_at: str
    hold_minutes: int | None
    mix: list[dict[str, Any]]
    plan: Plan
    price: dict[str, Any]
    power: Power
    warm_up_seconds: int
    expires_at: str
    created_at: str


class Slots(TypedDict):
    windows: list[Quote]
    proven: bool
    binds: list[Refusal]


class Devices(TypedDict):
    device_class: str
    count: int


class ReservationSummary(TypedDict):
    """As lists show it."""

    code: str
    title: str
    project: str
    pool: str
    state: str
    state_reason: str
    version: int
    starts_at: str
    ends_at: str
    busy_from: str
    busy_until: str
    hold_expires_at: str | None
    priority: str
    promise: str
    beyond_quota: bool
    preempt_at: str | None
    created_by: str
    created_at: str
    nodes: int
    devices: list[Devices]


class Step(TypedDict):
    position: int
    round: int
    kind: str
    undo: bool
    state: str
    attempt: int
    started_at: str | None
    finished_at: str | None
    message: str
    lines: list[dict[str, Any]]


class Composition(TypedDict):
    tag: str
    node: int
    generation: int
    state: str
    state_reason: str
    host: str
    access: dict[str, Any]
    steps: list[Step]


class TimelineEntry(TypedDict):
    id: int
    at: str
    kind: str
    message: str
    actor: str


class Reservation(ReservationSummary):
    """The whole of it."""

    mix: list[dict[str, Any]]
    plan: Plan
    compositions: list[Composition]
    price: dict[str, Any]
    power: Power
    energy: Energy
    timeline: list[TimelineEntry]
    proofs: list[dict[str, Any]]
    on_failure: str
    swaps: int
    shortfall: list[dict[str, Any]]
    verbs: list[str]
    active_at: str | None
    finished_at: str | None
    check_in_due_at: str | None
    checked_in_at: str | None


class Event(TypedDict):
    id: int
    at: str
    kind: str
    reference: str
    reservation: str | None
    project: str | None
    pool: str | None
    actor: str
    door: str
    request_id: str
    message: str
    facts: dict[str, Any]


class Token(TypedDict):
    id: str
    name: str
    scopes: list[str]
    project: str | None
    created_at: str
    expires_at: str
    last_used_at: str | None


class NewToken(Token):
    token: str
