"""Consent, waiting, series and rates as the portal sends them. Named by `shapes` like all the others."""

from typing import Any, TypedDict


class Rate(TypedDict):
    """`usd_per_hour` sets what a class costs, `percent` scales what holds without it."""

    device_class: str | None
    priority: str | None
    weekdays: str
    from_minute: int
    until_minute: int
    usd_per_hour: str | None
    percent: int | None
    valid_from: str
    valid_until: str | None


class Rates(TypedDict):
    pool: str
    time_zone: str
    rates: list[Rate]


class OpenApproval(TypedDict):
    reservation: str
    title: str
    project: str
    pool: str
    asked_by: str
    priority: str
    starts_at: str
    ends_at: str
    nodes: int
    devices: dict[str, int]
    usd: str
    route: str
    because: list[str]
    asked_at: str
    expires_at: str
    on_behalf_of: str | None


class WaitEstimate(TypedDict):
    at: str | None
    rests_on: str
    in_the_way: int
    first_fit: str | None


class WaitingReservation(TypedDict):
    code: str
    title: str
    project: str
    pool: str
    priority: str
    not_before: str
    not_after: str
    duration_minutes: int
    auto_accept: bool
    queued_at: str
    place: int
    of: int
    reasons: list[dict[str, Any]]
    estimate: WaitEstimate | None


class Alert(TypedDict):
    code: str
    project: str | None
    pool: str | None
    mix: list[dict[str, Any]] | None
    duration_minutes: int
    not_before: str
    not_after: str
    created_at: str
    told_at: str | None


class Occurrence(TypedDict):
    occurrence_at: str
    reservation: str
    state: str
    starts_at: str
    ends_at: str
    is_exception: bool


class UnfitOccurrence(TypedDict):
    local: str
    at: str
    refusals: list[dict[str, Any]]


class SeriesSummary(TypedDict):
    code: str
    project: str
    pool: str
    title: str
    rule: str
    time_zone: str
    starts_local: str
    duration_minutes: int
    version: int
    ahead: int
    next_at: str | None
    created_by: str
    ended_at: str | None


class Series(SeriesSummary):
    mix: list[dict[str, Any]]
    occurrences: list[Occurrence]
    misfits: list[UnfitOccurrence]
