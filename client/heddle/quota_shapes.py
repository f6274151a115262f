"""What a project may hold in each pool, and what it does. Named by `shapes` like all the others."""

from typing import TypedDict


class ClassUsed(TypedDict):
    device_class: str
    held: int
    most: int
    most_at: str | None
    hours_used: float
    hours_booked: float


class CeilingUsed(TypedDict):
    device_class: str | None
    kind: str | None
    period: str
    ceiling: int
    used: float
    starts_at: str | None
    ends_at: str | None


class QuotaBounds(TypedDict):
    near_term_hours: int | None
    horizon_days: int | None
    min_duration_minutes: int | None
    max_duration_hours: int | None
    min_lead_minutes: int | None
    priority_max: str | None


class PoolQuota(TypedDict):
    pool: str
    accelerators_max: int | None
    gpu_hours_per_month: int | None
    mig_only: bool
    month_starts_at: str
    month_ends_at: str
    held: int
    most: int
    most_at: str | None
    hours_used: float
    hours_booked: float
    device_classes: list[ClassUsed]
    ceilings: list[CeilingUsed]
    bounds: QuotaBounds


class ProjectQuota(TypedDict):
    project: str
    pools: list[PoolQuota]
