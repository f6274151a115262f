"""What a project holds and is charged on a pool, what it asks for, and its ceilings. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.planning.case import Case
from scheduler.planning.hours import HourSum, counts, hour_sums
from scheduler.planning.snapshot import HourLimit, QuotaFacts, Stint


@dataclass(frozen=True, slots=True)
class Holding:
    """`held` at the worst instant of the padded window; without class and kind, of accelerators of every kind."""

    device_class: str
    kind: str
    field: str
    held: int
    asked: int
    ceiling: int

    @property
    def is_over(self) -> bool:
        return self.held + self.asked > self.ceiling


def holdings(case: Case) -> Iterator[Holding]:
    """Only ceilings that this request adds to: a request for drives alone is no matter of the accelerators' quota."""
    quota, timeline = case.index.snapshot.quota, case.index.timeline
    span = case.busy_from, case.busy_until
    asked = sum(wish.accelerators for wish in case.wishes)
    if quota.accelerators_max is not None and asked:
        held = timeline.accelerators_of(case.project, *span)
        yield Holding("", "", largest(case, HourLimit()), held, asked, quota.accelerators_max)
    for code, ceiling in sorted(quota.per_class_max.items()):
        if case.totals.get(code):
            held = timeline.devices_of(case.project, code, *span)
            yield Holding(code, "", case.fields.get(code, "mix"), held, case.totals[code], ceiling)
    for kind, ceiling in sorted(quota.per_kind_max.items()):
        asked = sum(one.devices for one in stints(case) if one.kind == kind)
        if asked:
            held = timeline.devices_of_kind(case.project, kind, *span)
            yield Holding("", kind, largest(case, HourLimit(kind=kind)), held, asked, ceiling)


def stints(case: Case) -> list[Stint]:
    """What the wishes would be charged for."""
    classes, begin, end = case.topology.classes, case.charged_from, case.window.ends_at
    return [
        Stint("", code, classes[code].kind if code in classes else "", count, begin, end)
        for code, count in case.totals.items()
    ]


def hours(case: Case) -> Iterator[HourSum]:
    """Of every ceiling on hours that this request adds to."""
    quota = case.index.snapshot.quota
    if quota.hour_limits:
        yield from hour_sums(quota=quota, asked=stints(case), now=case.now)


def is_near_term(*, quota: QuotaFacts, begins_at: datetime, now: datetime) -> bool:
    """What begins so soon is idle: it may be had beyond devices and hours, and is marked so."""
    return quota.near_term_hours is not None and begins_at - now <= timedelta(hours=quota.near_term_hours)


def is_over(case: Case) -> bool:
    return any(one.is_over for one in holdings(case)) or any(one.is_over for one in hours(case))


def largest(case: Case, limit: HourLimit) -> str:
    """The line that asks for most of what is limited: the one to make smaller."""
    mine = {one.device_class: one.devices for one in stints(case) if counts(limit, one)}
    return case.fields.get(max(mine, key=lambda code: (mine[code], code), default=""), "mix")
