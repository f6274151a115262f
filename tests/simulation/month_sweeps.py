"""What must be so after the month, worked out from the rows alone: none of the product's own reckoning is asked."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import accumulate, groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from fabric.models import Attachment
from scheduler.models import Ceiling, JournalEntry, Quota, Reservation, WaitlistEntry
from scheduler.states import FINAL, ReservationState
from tests.simulation.month_owners import FIRST, LAST, owned

Span = tuple[datetime, datetime, str, str, str, bool]  # begin, end, project, device class, kind, beyond quota
_CHANGES = ("reservation.resize_asked", "reservation.resized", "reservation.not_resized")
ACCELERATORS = frozenset({"gpu", "xpu", "fpga"})
HOUR, MICROSECOND = timedelta(hours=1), timedelta(microseconds=1)
SLACK = 1e-6  # hours: of sums of floats
_HELD = """
SELECT {begin}, {end}, s.slug, d.code, d.kind, r.is_beyond_quota, r.code
FROM scheduler_allocation a
JOIN scheduler_reservation r ON r.id = a.reservation_id
JOIN scheduler_project s ON s.id = r.project_id
JOIN fabric_resourceblock b ON b.id = a.block_id
JOIN fabric_deviceclass d ON d.id = b.device_class_id
WHERE NOT isempty(a.during) AND {begin} < {end}
ORDER BY a.id
"""


def held() -> list[Span]:
    """Padded, as devices at once are counted: each for the project that had them then."""
    found, owners = list[Span](), owned()
    for begin, end, slug, *what, code in _rows(_HELD.format(begin="lower(a.during)", end="upper(a.during)")):
        for owner, since, until in owners.get(code, ((slug, FIRST, LAST),)):
            if max(begin, since) < min(end, until):
                found.append((max(begin, since), min(end, until), owner, *what))
    return found


def charged() -> list[Span]:
    """Of the window alone, as hours are: all of them for the project that has it in the end."""
    begin, end = "greatest(lower(a.during), r.starts_at)", "least(upper(a.during), r.ends_at)"
    return [tuple(row[:-1]) for row in _rows(_HELD.format(begin=begin, end=end))]


def exceeded() -> list[str]:
    """Ceilings of any project that were exceeded at any instant, but for what was marked as beyond the quota."""
    spans, hours = _by_project(held()), _by_project(charged())
    return [
        told
        for quota in Quota.objects.select_related("project", "pool").order_by("id")
        for told in (
            *_devices(quota, spans[quota.project.slug]),
            *_hours(quota, hours[quota.project.slug]),
            *_money(quota),
        )
    ]


def lost() -> list[str]:
    """Reservations that are not over, that failed, that were not in use for their whole window, or ended untold."""
    found = []
    for one in Reservation.objects.order_by("id"):
        if one.state not in FINAL:
            found.append(f"{one.code} is {one.state}")
        elif one.state == ReservationState.FAILED:
            found.append(f"{one.code} failed: {one.state_reason}")
        elif one.state == ReservationState.ENDED and not _was_given(one):
            found.append(f"{one.code} was not given its whole window")
        elif one.state != ReservationState.ENDED and not _is_told(one):
            found.append(f"{one.code} is {one.state} without a reason")
    return found


def unfair_preemptions(*, notice: timedelta) -> list[str]:
    """Those that gave way: told first, left their notice where in use, waiting again, and of low priority alone."""
    found = []
    for one in Reservation.objects.filter(preempted_for__isnull=False).order_by("id"):
        told = JournalEntry.objects.filter(reservation=one, kind="reservation.preempting").order_by("id").last()
        released = JournalEntry.objects.filter(reservation=one, kind="reservation.releasing").order_by("id").first()
        if told is None or one.priority != "low":
            found.append(f"{one.code} gave way untold")
        elif released is not None and released.at < min(told.at + notice, one.ends_at):
            found.append(f"{one.code} had less than its notice")
        elif not one.copies.exists() and one.ends_at - max(told.at, one.starts_at) > HOUR:
            found.append(f"{one.code} is not back on the waitlist")
    return found


def unserved() -> list[str]:
    """Those that waited and neither got their turn nor a reason why not."""
    found = []
    for entry in WaitlistEntry.objects.select_related("reservation").order_by("pk"):
        one = entry.reservation
        turns = JournalEntry.objects.filter(reservation=one, kind__in=("reservation.held", "reservation.confirmed"))
        if not turns.exists() and not one.state_reason:
            found.append(f"{one.code} ({one.state})")
    return found


def twice_attached() -> list[str]:
    """Blocks that were attached twice at the same instant."""
    found = []
    rows = Attachment.objects.order_by("block_id", "since", "id").values_list("block_id", "since", "until")
    for block, spans in groupby(rows, key=lambda row: row[0]):
        last: datetime | None = None
        for _, since, until in spans:
            if last is not None and since < last:
                found.append(str(block))
            last = until
    return found


def hours_attached() -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
    """Device-hours by project and class, in all and of windows alone: the integral of attachments, exactly.

    What was handed over counts for who has it in the end.
    """
    owners = {one.code: one for one in Reservation.objects.select_related("project")}
    sums: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    rows = Attachment.objects.values_list("composition__owner", "block__device_class__code", "since", "until")
    for code, device_class, since, until in rows:
        one = owners[code]
        within = min(until, one.ends_at) - max(since, one.starts_at)
        mine = sums[one.project.slug, device_class]
        mine["all"] += (until - since) // MICROSECOND
        mine["window"] += max(within, timedelta()) // MICROSECOND
    return {key: (_in_hours(found["all"]), _in_hours(found["window"])) for key, found in sums.items()}


def _in_hours(micros: int) -> Decimal:
    return (Decimal(micros) / 3_600_000_000).quantize(Decimal("0.0001"))


def _devices(quota: Quota, spans: list[Span]) -> Iterator[str]:
    yield from _most(quota, "accelerators", quota.accelerators_max, _of(spans, ACCELERATORS))
    for ceiling in Ceiling.objects.filter(quota=quota).select_related("device_class"):
        what = ceiling.device_class.code if ceiling.device_class else ceiling.kind
        yield from _most(quota, what, ceiling.devices_max, _of(spans, {what}))


def _most(quota: Quota, what: str, ceiling: int | None, spans: list[Span]) -> Iterator[str]:
    moves = sorted([(begin, 1) for begin, *_ in spans] + [(end, -1) for _, end, *_ in spans])
    most = max(accumulate(step for _, step in moves), default=0)  # what ends goes before what begins at its instant
    if ceiling is not None and most > ceiling:
        yield f"{quota.project} held {most} {what} of {ceiling}"


def _hours(quota: Quota, spans: list[Span]) -> Iterator[str]:
    zone = ZoneInfo(quota.pool.time_zone)
    mine = _of(spans, ACCELERATORS)
    yield from _in_months(quota, quota.gpu_hours_per_month, mine, zone)
    yield from _rolling(quota, 7, quota.hours_per_7_days, mine)
    yield from _rolling(quota, 30, quota.hours_per_30_days, mine)
    for ceiling in Ceiling.objects.filter(quota=quota).select_related("device_class"):
        what = ceiling.device_class.code if ceiling.device_class else ceiling.kind
        yield from _in_months(quota, ceiling.hours_per_month, _of(spans, {what}), zone)


def _in_months(quota: Quota, ceiling: int | None, spans: list[Span], zone: ZoneInfo) -> Iterator[str]:
    months = {begin.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0) for begin, *_ in spans}
    for month in sorted(months | {_next_month(month) for month in months}):
        used = _sum(spans, month, _next_month(month))
        if ceiling is not None and used > ceiling + SLACK:
            yield f"{quota.project} used {used:.2f} hours of {ceiling} in {month:%Y-%m}"


def _next_month(month: datetime) -> datetime:
    return (month + timedelta(days=32)).replace(day=1)


def _rolling(quota: Quota, days: int, ceiling: int | None, spans: list[Span]) -> Iterator[str]:
    """The sum changes its slope only where a span begins or ends, at either side of the period."""
    length = timedelta(days=days)
    ends = {at + shift for begin, end, *_ in spans for at in (begin, end) for shift in (timedelta(), length)}
    most = max((_sum(spans, end - length, end) for end in ends), default=0.0)
    if ceiling is not None and most > ceiling + SLACK:
        yield f"{quota.project} used {most:.2f} hours of {ceiling} in {days} days"


def _money(quota: Quota) -> Iterator[str]:
    zone, months = ZoneInfo(quota.pool.time_zone), defaultdict[str, Decimal](Decimal)
    for one in Reservation.objects.filter(project=quota.project, pool=quota.pool):
        if one.price.get("usd"):
            due = one.price.get("due", one.price)["usd"]
            months[f"{one.starts_at.astimezone(zone):%Y-%m}"] += Decimal(due) if _is_priced(one) else 0
    for month, usd in sorted(months.items()):
        if quota.budget_usd_per_month is not None and usd > quota.budget_usd_per_month:
            yield f"{quota.project} spent {usd} of {quota.budget_usd_per_month} in {month}"


def _is_priced(one: Reservation) -> bool:
    return one.state == ReservationState.ENDED or "due" in one.price


def _was_given(one: Reservation) -> bool:
    """As many devices as it was to have, from its start, or from when consent came or an offer was taken, to its end.

    How many that was before its mix was changed in use follows from what each change says that came and went.
    """
    rows = list(Attachment.objects.filter(composition__owner=one.code).values_list("since", "until"))
    told = JournalEntry.objects.filter(reservation=one).order_by("id")
    ended = told.filter(kind="reservation.releasing").last()
    until = min(one.ends_at, ended.at if ended else one.ends_at)
    agreed = told.filter(kind="reservation.confirmed").last()
    first = max(one.starts_at, agreed.at if agreed else one.starts_at)
    due = _devices_due(one, list(told.filter(kind__in=_CHANGES).values_list("kind", "at", "facts")))
    moments = {first, *(at for row in rows for at in row), *(at for at, _ in due)}
    for at in (at for at in moments if first <= at < until):
        has = sum(since <= at < gone for since, gone in rows)
        if has != next(count for since, count in reversed(due) if since <= at):
            return False
    return bool(rows)


def _devices_due(one: Reservation, changes: list[Any]) -> list[tuple[datetime, int]]:
    """From when on how many, in order of time; worked out backwards from the mix it had last."""
    count = sum(
        int(group.get("nodes") or 1) * sum(int(line["count"]) for line in group["lines"])
        for group in one.request["mix"]
    )
    due, asked = list[tuple[datetime, int]](), None
    for kind, at, facts in reversed(changes):
        if kind == "reservation.resize_asked" and asked is not None:
            due.append((asked, count))
            count += len(facts["removed"]) - len(facts["added"])
        asked = at if kind == "reservation.resized" else None
    return [(FIRST, count), *reversed(due)]


def _is_told(one: Reservation) -> bool:
    """By who did it: cancelled by a person needs no further reason."""
    return bool(one.state_reason) or one.state == ReservationState.CANCELLED


def _of(spans: Iterable[Span], what: Iterable[str]) -> list[Span]:
    wanted = set(what)
    return [span for span in spans if not span[5] and wanted & {span[3], span[4]}]


def _sum(spans: Iterable[Span], begin: datetime, end: datetime) -> float:
    parts = (min(last, end) - max(first, begin) for first, last, *_ in spans)
    return sum((part for part in parts if part > timedelta()), timedelta()) / HOUR


def _by_project(spans: Iterable[Span]) -> defaultdict[str, list[Span]]:
    found: defaultdict[str, list[Span]] = defaultdict(list)
    for span in spans:
        found[span[2]].append(span)
    return found


def _rows(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())
