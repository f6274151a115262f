"""What of each of a project's ceilings is used: at once, and in hours. Of facts that were read before."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler import limits
from scheduler.planning.hours import hours_so_far
from scheduler.planning.snapshot import QuotaFacts
from scheduler.planning.timeline import Timeline

AT_ONCE = "at once"
_DAYS_AHEAD_MAX = limits.YEARS_AHEAD_MAX * 366


@dataclass(frozen=True, slots=True)
class CeilingUse:
    """Without class and kind it is of accelerators. `used` at the worst from now on, of devices or of hours.

    `period` is AT_ONCE or one of `planning.hours.Period`, with its bounds where it has some.
    """

    device_class: str
    kind: str
    period: str
    ceiling: int
    used: float
    begins_at: datetime | None = None
    ends_at: datetime | None = None


def ceilings(*, quota: QuotaFacts, timeline: Timeline, now: datetime) -> Iterator[CeilingUse]:
    span = now, now + timedelta(days=_DAYS_AHEAD_MAX)
    if quota.accelerators_max is not None:
        most = timeline.accelerators_of(quota.project, *span)
        yield CeilingUse("", "", AT_ONCE, quota.accelerators_max, most)
    for code, ceiling in sorted(quota.per_class_max.items()):
        yield CeilingUse(code, "", AT_ONCE, ceiling, timeline.devices_of(quota.project, code, *span))
    for kind, ceiling in sorted(quota.per_kind_max.items()):
        yield CeilingUse("", kind, AT_ONCE, ceiling, timeline.devices_of_kind(quota.project, kind, *span))
    for one in hours_so_far(quota=quota, now=now):
        limit = one.limit
        yield CeilingUse(limit.device_class, limit.kind, one.period, one.most, one.hours, one.begins_at, one.ends_at)
