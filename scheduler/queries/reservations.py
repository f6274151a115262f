"""Lists of reservations, newest first. One reservation whole is in `reservation_detail`."""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from itertools import chain
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.db import connection

from scheduler import fetching
from scheduler.fetching import Row
from scheduler.models import Reservation
from scheduler.planning.promising import promise_of
from scheduler.queries.paging import Page, one_more
from scheduler.states import Promise

Mix = Sequence[Mapping[str, Any]]  # as it was asked for
Content = tuple[int, tuple[tuple[str, int], ...], tuple[tuple[str, int, str], ...]]  # nodes, counts, asked


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationFilters:
    """None means: not asked for. `overlaps_from` and `overlaps_to` bound a half-open period the window must touch."""

    project: str | None = None
    pool: str | None = None
    states: Collection[str] | None = None
    overlaps_from: datetime | None = None
    overlaps_to: datetime | None = None
    created_by_id: int | None = None
    text: str | None = None  # somewhere in the title or the code


class Sort(StrEnum):
    """Of a list. Rows that begin together stay in the order in which they were made."""

    NEWEST = "newest"  # made last, first
    SOONEST = "soonest"  # beginning first, first
    LATEST = "latest"  # beginning last, first


_ORDERS: Mapping[Sort, str] = {
    Sort.NEWEST: "r.id DESC",
    Sort.SOONEST: "r.starts_at, r.id",
    Sort.LATEST: "r.starts_at DESC, r.id DESC",
}
_BEYOND: Mapping[Sort, str] = {  # what comes after a row in that order; nothing where there is no such row
    Sort.NEWEST: "r.id < (SELECT id FROM scheduler_reservation WHERE code = %s)",
    Sort.SOONEST: "(r.starts_at, r.id) > (SELECT starts_at, id FROM scheduler_reservation WHERE code = %s)",
    Sort.LATEST: "(r.starts_at, r.id) < (SELECT starts_at, id FROM scheduler_reservation WHERE code = %s)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationRow:
    code: str
    title: str
    project_slug: str
    project_name: str
    pool_code: str
    pool_name: str
    time_zone: str
    state: str
    state_reason: str
    version: int
    starts_at: datetime
    ends_at: datetime
    busy_from: datetime
    busy_until: datetime
    created_by: str
    created_at: datetime
    hold_expires_at: datetime | None
    priority: str
    is_beyond_quota: bool
    preempt_at: datetime | None  # it was told to give way then
    nodes: int
    counts: tuple[tuple[str, int], ...]  # devices by class over all nodes, in the order asked
    asked: tuple[tuple[str, int, str], ...]  # the same in the words of the mix: class, count, profile of slices or ""

    @property
    def promise(self) -> Promise:
        return promise_of(priority=self.priority, state=self.state, is_beyond_quota=self.is_beyond_quota)


def reservation_page(
    *,
    project_ids: Collection[int] | None,
    filters: ReservationFilters,
    limit: int,
    after: str | None = None,
    sort: Sort = Sort.NEWEST,
) -> Page[ReservationRow]:
    """One query. `project_ids` None means every project; `after` is the code of the last row seen.

    Of the plan and the rest of the request nothing is read: they are most of a row, and no list shows them.
    """
    wanted = _conditions(project_ids, filters)
    if after is not None:
        wanted[_BEYOND[sort]] = [after]
    found = fetching.rows(
        f"{_page()} WHERE {_all_of(wanted)} ORDER BY {_ORDERS[sort]} LIMIT %s",
        [*chain.from_iterable(wanted.values()), limit + 1],
    )
    kept, following = one_more((_read(row) for row in found), limit=limit, key=lambda row: row.code)
    return Page(tuple(kept), following)


def counts_by_state(*, project_ids: Collection[int] | None, filters: ReservationFilters) -> dict[str, int]:
    """How many there are in each state, whatever states the filters name. One query."""
    wanted = _conditions(project_ids, replace(filters, states=None))
    statement = f"SELECT r.state, count(*) {_FROM} WHERE {_all_of(wanted)} GROUP BY r.state"
    return dict(fetching.rows(statement, list(chain.from_iterable(wanted.values()))))


class Names(NamedTuple):
    """What a row is called by that other tables say."""

    project_slug: str
    project_name: str
    pool_code: str
    pool_name: str
    time_zone: str
    creator: str | None


def reservation_row(one: Reservation, *, names: Names | None = None) -> ReservationRow:
    """Without `names` it needs project, pool and creator to be fetched already."""
    return _row(
        **{name: getattr(one, name) for name in _SAME},
        **(names or _names(one))._asdict(),
        content=_content(one.request["mix"], one.price.get("devices") or {}),
    )


def _names(one: Reservation) -> Names:
    creator = one.created_by.get_username() if one.created_by else None
    return Names(one.project.slug, one.project.name, one.pool.code, one.pool.name, one.pool.time_zone, creator)


_PLAIN = ("code", "title", "state", "state_reason", "version", "priority", "is_beyond_quota")
_MOMENTS = ("starts_at", "ends_at", "busy_from", "busy_until", "created_at", "hold_expires_at", "preempt_at")
_SAME = (*_PLAIN, *_MOMENTS)
_FROM = """
FROM scheduler_reservation r
JOIN scheduler_project s ON s.id = r.project_id
JOIN fabric_pool p ON p.id = r.pool_id
"""
_EPOCH = datetime.fromtimestamp(0, UTC)
_CONTENTS_KEPT_MAX = 2_000  # the same few mixes are booked again and again


@cache
def _page() -> str:
    """Worded at first use: only then are all models known. Moments as microseconds, which are read more quickly."""
    people = get_user_model()._meta.db_table
    plain = [f"r.{name}" for name in _PLAIN]
    moments = [f"(extract(epoch FROM r.{name}) * 1000000)::bigint" for name in _MOMENTS]
    return f"""
SELECT {", ".join([*plain, *moments])}, s.slug, s.name, p.code, p.name, p.time_zone,
       (SELECT username FROM {people} u WHERE u.id = r.created_by_id), r.request->'mix', r.price->'devices'
{_FROM}"""


def _read(row: Row) -> ReservationRow:
    """Of `_page`."""
    plain, rest = row[: len(_PLAIN)], row[len(_PLAIN) :]
    moments, (*names, mix, devices) = rest[: len(_MOMENTS)], rest[len(_MOMENTS) :]
    told = (*plain, *(_moment(one) for one in moments), *names)
    same: dict[str, Any] = dict(zip((*_SAME, *Names._fields), told, strict=True))
    return _row(**same, content=_content_of(mix, devices))


def _moment(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else _EPOCH + timedelta(microseconds=microseconds)


@lru_cache(maxsize=_CONTENTS_KEPT_MAX)
def _content_of(mix: str, devices: str | None) -> Content:
    return _content(json.loads(mix), json.loads(devices) if devices else {})


def _content(mix: Mix, devices: Mapping[str, int]) -> Content:
    return sum(_nodes(group) for group in mix), _counts(mix, devices), _asked(mix, devices)


def _row(*, content: Content, creator: str | None, **same: Any) -> ReservationRow:
    nodes, counts, asked = content
    return ReservationRow(**same, created_by=creator or "", nodes=nodes, counts=counts, asked=asked)


def asked_of(one: Reservation) -> tuple[tuple[str, int, str], ...]:
    """Class, count, and the profile where slices are meant: what a booking without a title is known by."""
    return _asked(one.request["mix"], one.price.get("devices") or {})


def asked_of_body(body: Mapping[str, Any]) -> tuple[tuple[str, int, str], ...]:
    """The same of what is only asked for."""
    return _asked(body["mix"], {})


def _conditions(project_ids: Collection[int] | None, filters: ReservationFilters) -> dict[str, list[Any]]:
    """Each with its values."""
    ids = None if project_ids is None else list(project_ids)
    asked: dict[str, list[Any]] = {  # of one project in so many words: then its index gives them in order
        **({"r.project_id = %s": ids} if ids and len(ids) == 1 else {"r.project_id = ANY(%s)": [ids]}),
        "s.slug = %s": [filters.project],
        "p.code = %s": [filters.pool],
        "r.state = ANY(%s)": [None if filters.states is None else [str(state) for state in filters.states]],
        "r.ends_at > %s": [filters.overlaps_from],
        "r.starts_at < %s": [filters.overlaps_to],
        "r.created_by_id = %s": [filters.created_by_id],
    }
    if filters.text is not None:
        somewhere = f"%{connection.ops.prep_for_like_query(filters.text)}%"
        asked["(upper(r.title) LIKE upper(%s) OR upper(r.code) LIKE upper(%s))"] = [somewhere, somewhere]
    return {condition: values for condition, values in asked.items() if values[0] is not None}


def _all_of(conditions: Collection[str]) -> str:
    return " AND ".join(conditions) or "true"


def _counts(mix: Mix, devices: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """As asked for; where a line left open what it is of, or asked for slices, as it was granted."""
    counts: Counter[str] = Counter()
    for group in mix:
        for line in group.get("lines") or ():
            if not line.get("device_class") or line.get("profile"):
                return tuple(devices.items())
            counts[line["device_class"]] += line["count"] * _nodes(group)
    return tuple(counts.items())


def _asked(mix: Mix, devices: Mapping[str, int]) -> tuple[tuple[str, int, str], ...]:
    """Slices as slices. Where a line left open what it is of, the cards that were granted."""
    asked: Counter[tuple[str, str]] = Counter()
    for group in mix:
        for line in group.get("lines") or ():
            if not line.get("device_class"):
                return tuple((code, count, "") for code, count in devices.items())
            asked[line["device_class"], line.get("profile") or ""] += line["count"] * _nodes(group)
    return tuple((code, count, profile) for (code, profile), count in asked.items())


def _nodes(group: Mapping[str, Any]) -> int:
    return int(group.get("nodes", 1))
