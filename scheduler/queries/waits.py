"""What people are told of one that waits: its place and why, what stands in its way, and the estimate. Reads only."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fabric.models import Pool
from scheduler.planning.estimating import Estimate, estimate_from_wire
from scheduler.planning.waiting import Place, place_of
from scheduler.queries.paging import Page
from scheduler.queries.reservations import asked_of
from scheduler.queries.waitlist import Waiting, queue_of, waiting_pools


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitRow:
    """`share` are the reasons of its project's fair share; `reasons` what stood in its way at the last look."""

    code: str
    title: str
    asked: tuple[tuple[str, int, str], ...]  # class, count, and the profile where slices are meant
    project: str
    pool: str
    priority: str
    not_before: datetime
    not_after: datetime
    duration_minutes: int
    is_auto_accepted: bool
    accept_minutes: int
    queued_at: datetime
    place: Place
    share: tuple[str, ...]
    reasons: tuple[Mapping[str, Any], ...]
    estimate: Estimate | None
    guarded_from: datetime | None
    looked_at: datetime | None


def wait_row(*, code: str, pool: str, now: datetime) -> WaitRow | None:
    """None for one that does not wait. Four queries."""
    queue = queue_of(pool=Pool.objects.get(code=pool), now=now)
    return next((_row(one, queue) for one in queue if one.queued.reservation == code), None)


def wait_page(
    *,
    project_ids: Collection[int] | None,
    now: datetime,
    limit: int,
    after: str | None = None,
    pool: str | None = None,
) -> Page[WaitRow]:
    """By pool, each in its order; `project_ids` None is every project. `after` is the code of the last one seen.

    One query, and three for each pool in which somebody waits.
    """
    rows = [
        _row(one, queue)
        for each in waiting_pools()
        if pool in (None, each.code)
        for queue in (queue_of(pool=each, now=now),)
        for one in queue
        if project_ids is None or one.entry.reservation.project_id in project_ids
    ]
    begin = next((nth + 1 for nth, row in enumerate(rows) if row.code == after), 0)
    kept = rows[begin : begin + limit]
    return Page(tuple(kept), kept[-1].code if len(rows) > begin + limit else None)


def _row(one: Waiting, queue: Sequence[Waiting]) -> WaitRow:
    entry, reservation = one.entry, one.entry.reservation
    place = place_of(reservation.code, (other.queued for other in queue))
    assert place is not None, "it is one of the queue"
    return WaitRow(
        code=reservation.code,
        title=reservation.title,
        asked=asked_of(reservation),
        project=reservation.project.slug,
        pool=reservation.pool.code,
        priority=reservation.priority,
        not_before=entry.not_before,
        not_after=entry.not_after,
        duration_minutes=entry.duration_minutes,
        is_auto_accepted=entry.is_auto_accepted,
        accept_minutes=entry.accept_minutes,
        queued_at=entry.queued_at,
        place=place,
        share=one.share.reasons,
        reasons=tuple(entry.reasons),
        estimate=estimate_from_wire(entry.estimate, at=entry.estimated_at),
        guarded_from=entry.guarded_from,
        looked_at=entry.looked_at,
    )
