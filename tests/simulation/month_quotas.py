"""Were a project's ceilings kept at every instant? Swept over the rows of what was held, naive on purpose.

It shares nothing with the rules: plain lists are added up again for every instant at which something changes. What was
taken beyond the quota, as it was idle and near, is marked so and left out.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from scheduler.models import Allocation, Ceiling, Quota
from tests.simulation.month_owners import FIRST, LAST, owned

Span = tuple[datetime, datetime]

ACCELERATORS = ("gpu", "xpu", "fpga")
HOUR = timedelta(hours=1)
SLACK_HOURS = 1e-6  # of floats


@dataclass(frozen=True)
class Held:
    device_class: str
    kind: str
    devices: int
    busy: Span
    charged: Span


def exceeded(*, now: datetime) -> list[str]:
    """A sentence for every ceiling that was, or will be, exceeded; what is booked ahead is looked at `now` alone."""
    found: list[str] = []
    for quota in Quota.objects.select_related("project", "pool").order_by("id"):
        rows = _rows(quota)
        whole = (quota.accelerators_max, quota.gpu_hours_per_month, quota.hours_per_7_days, quota.hours_per_30_days)
        mine = [one for one in rows if one.kind in ACCELERATORS]
        found += _of(f"{quota} accelerators", mine, *whole, quota.hours_ahead_max, quota.pool.time_zone, now)
        for one in Ceiling.objects.filter(quota=quota).select_related("device_class"):
            code = one.device_class.code if one.device_class else ""
            mine = [row for row in rows if (row.device_class == code if code else row.kind == one.kind)]
            limits = (one.devices_max, one.hours_per_month, one.hours_per_7_days, one.hours_per_30_days)
            found += _of(f"{quota} {code or one.kind}", mine, *limits, one.hours_ahead_max, quota.pool.time_zone, now)
    return found


def _of(
    what: str,
    rows: list[Held],
    devices: int | None,
    month: int | None,
    week: int | None,
    thirty: int | None,
    ahead: int | None,
    time_zone: str,
    now: datetime,
) -> Iterator[str]:
    if devices is not None:
        for at in {row.busy[0] for row in rows}:
            held = sum(row.devices for row in rows if row.busy[0] <= at < row.busy[1])
            if held > devices:
                yield f"{what}: {held} of {devices} devices at {at}"
    for most, days in ((week, 7), (thirty, 30)):
        for end in _ends(rows, days) if most is not None else ():
            hours = _hours(rows, end - timedelta(days=days), end)
            if most is not None and hours > most + SLACK_HOURS:
                yield f"{what}: {hours} of {most} hours in the {days} days until {end}"
    if month is not None:
        for begin, end in _months(rows, ZoneInfo(time_zone)):
            if (hours := _hours(rows, begin, end)) > month + SLACK_HOURS:
                yield f"{what}: {hours} of {month} hours in the month from {begin}"
    if ahead is not None:
        hours = _hours([row for row in rows if row.charged[0] > now], now, datetime.max.replace(tzinfo=UTC))
        if hours > ahead + SLACK_HOURS:
            yield f"{what}: {hours} of {ahead} hours ahead at {now}"


def _ends(rows: list[Held], days: int) -> set[datetime]:
    edges = {at for row in rows for at in row.charged}
    return edges | {at + timedelta(days=days) for at in edges}


def _months(rows: list[Held], zone: ZoneInfo) -> set[tuple[datetime, datetime]]:
    firsts = {at.astimezone(zone).replace(day=1, hour=0, minute=0, second=0) for row in rows for at in row.charged}
    return {(first.astimezone(UTC), (first + timedelta(days=32)).replace(day=1).astimezone(UTC)) for first in firsts}


def _hours(rows: list[Held], begin: datetime, end: datetime) -> float:
    parts = (row.devices * max(timedelta(), min(end, row.charged[1]) - max(begin, row.charged[0])) for row in rows)
    return sum(parts, timedelta()) / HOUR


def _rows(quota: Quota) -> list[Held]:
    """Alike ones of one reservation together."""
    owners = owned()
    formerly = [code for code, times in owners.items() if quota.project.slug in {slug for slug, *_ in times}]
    mine = Allocation.objects.filter(
        Q(reservation__project=quota.project) | Q(reservation__code__in=formerly),
        reservation__pool=quota.pool,
        reservation__is_beyond_quota=False,
        block__isnull=False,
    ).select_related("reservation__project", "block__device_class")
    counted: Counter[tuple[str, str, Span, Span]] = Counter()
    for row in mine:
        of, booked = row.block.device_class, row.reservation
        if row.during.isempty:
            continue
        held = (row.during.lower, row.during.upper)
        busy = _within(held, booked.busy_from, booked.busy_until)
        is_mine_at_last = booked.project_id == quota.project_id
        charged = _within(held, booked.starts_at, booked.ends_at) if is_mine_at_last else (held[0], held[0])
        for slug, since, until in owners.get(booked.code, ((quota.project.slug, FIRST, LAST),)):
            if slug == quota.project.slug:
                counted[of.code, of.kind, _within(busy, since, until), charged] += 1
                charged = (held[0], held[0])  # once, however often it came back
    return [Held(code, kind, count, busy, charged) for (code, kind, busy, charged), count in counted.items()]


def _within(span: Span, begin: datetime, end: datetime) -> Span:
    first = max(span[0], begin)
    return first, max(first, min(span[1], end))
