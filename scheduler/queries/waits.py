"""What people are told of one that waits: its place and why, what stands in its way, and the estimate. Reads only."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fabric.models import Pool
from scheduler.planning.estimating import Estimate, estimate_from_wire
from scheduler.planning.waiting import OrderKey, Place, order_key, places
from scheduler.queries.paging import Page, read_moment
from scheduler.queries.reservations import asked_of
from scheduler.queries.waitlist import Waiting, queue_of, waiting_pools

WaitKey = tuple[int, OrderKey]  # the pool, and the place in its order
_KEY = re.compile(r"(\d{1,18})\|(\d{1,3})\|([01])\|(-?[01]\.\d{6})\|([^|]{1,40})\|(\d{1,18})", re.ASCII)


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
    place = places(one.queued for one in queue).get(code)
    mine = next((one for one in queue if one.queued.reservation == code), None)
    return _row(mine, place) if mine is not None and place is not None else None


def wait_page(
    *,
    project_ids: Collection[int] | None,
    now: datetime,
    limit: int,
    after: str | None = None,
    pool: str | None = None,
) -> Page[WaitRow]:
    """By pool, each in its order; `project_ids` None is every project. `after` is the key of the last one seen.

    One query, and three for each pool in which somebody waits. Only what is on the page is made ready to be shown.
    """
    waiting = [
        (one, found[one.queued.reservation])
        for each in waiting_pools()
        if pool in (None, each.code)
        for queue in (queue_of(pool=each, now=now),)
        for found in (places(one.queued for one in queue),)
        for one in queue
        if project_ids is None or one.entry.reservation.project_id in project_ids
    ]
    begin = _begin([one for one, _ in waiting], read_wait_key(after or ""))
    kept = waiting[begin : begin + limit]
    following = _key_text(_key(kept[-1][0])) if len(waiting) > begin + limit else None
    return Page(tuple(_row(one, place) for one, place in kept), following)


def read_wait_key(text: str) -> WaitKey | None:
    """None for what is no key."""
    parts = _KEY.fullmatch(text)
    queued_at = read_moment(parts[5]) if parts is not None else None
    if parts is None or queued_at is None:
        return None
    return int(parts[1]), (int(parts[2]), parts[3] == "1", float(parts[4]), queued_at, int(parts[6]))


def _begin(waiting: Sequence[Waiting], last: WaitKey | None) -> int:
    """Behind the last one seen; where that one waits no longer, behind where it would stand."""
    if last is None:
        return 0
    (_, (*_, row)) = last
    seen = next((nth + 1 for nth, one in enumerate(waiting) if one.queued.row == row), None)
    behind = (nth for nth, one in enumerate(waiting) if _key(one) > last)
    return seen if seen is not None else next(behind, len(waiting))


def _key(one: Waiting) -> WaitKey:
    return one.entry.reservation.pool_id, order_key(one.queued)


def _key_text(key: WaitKey) -> str:
    pool, (priority, behind, factor, queued_at, row) = key
    return f"{pool}|{priority}|{int(behind)}|{factor:.6f}|{queued_at.isoformat()}|{row}"


def _row(one: Waiting, place: Place) -> WaitRow:
    entry, reservation = one.entry, one.entry.reservation
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
