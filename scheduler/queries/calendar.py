"""A pool's calendar: what each host, PRU, device class or project holds of a period, as bars.

Read from the allocations, past ones too: a bar is what is, was or will really be held, so what was cancelled before it
began leaves none. Others' reservations are shown as busy, without a word of whose they are.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from fabric.models import DeviceClass, Host, Pru
from scheduler.models import Allocation, Project
from scheduler.queries._calendar_bars import STATEMENTS, UNION_OF_OTHERS
from scheduler.queries.paging import Page, one_more

BARS_PER_ROW_MAX = 240  # of each row the first so many; how many there are is told
OTHERS = "others"  # the row of everything that belongs to projects the asker does not see


class RowKind(StrEnum):
    """What a row stands for."""

    HOST = "host"
    PRU = "pru"
    CLASS = "class"
    PROJECT = "project"


class BarKind(StrEnum):
    RESERVATION = "reservation"
    BUSY = "busy"  # somebody else's
    MAINTENANCE = "maintenance"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarFilters:
    """None means: not asked for. Whatever is asked for, only reservations are shown that the asker sees."""

    project: str | None = None
    state: str | None = None
    created_by_id: int | None = None

    @property
    def is_narrowed(self) -> bool:
        return (self.project, self.state, self.created_by_id) != (None, None, None)


class Bar(NamedTuple):
    """A tuple, since thousands are compared with those drawn before.

    Held from `busy_from` until `busy_until`, padding included; a busy one says nothing else. `code` is the
    reservation's or the maintenance's, `title` of a maintenance its reason, `blocks` how many of the row it holds.
    """

    kind: BarKind
    code: str
    title: str
    project: str
    state: str
    starts_at: datetime
    ends_at: datetime
    busy_from: datetime
    busy_until: datetime
    blocks: int
    is_mine: bool
    is_low: bool = False  # of low priority: it gives way to the others


class CalendarRow(NamedTuple):
    """`detail` says more in a few words; `total` is how many bars there are, of which the first are given."""

    code: str
    name: str
    detail: str
    bars: tuple[Bar, ...]
    total: int


def calendar_page(
    *,
    pool: str,
    by: RowKind,
    begin: datetime,
    end: datetime,
    filters: CalendarFilters,
    user_id: int,
    project_ids: Collection[int] | None,
    limit: int,
    after: str | None = None,
) -> Page[CalendarRow]:
    """By code. Two queries, three for projects. `project_ids` (None: all) are those whose reservations are shown.

    With filters only rows that have something to show.
    """
    sight = _Sight(pool, begin, end, filters, user_id, None if project_ids is None else tuple(project_ids))
    heads, following = one_more(_heads(by, sight, after)[: limit + 1], limit=limit, key=lambda head: str(head[1]))
    bars = _bars(by, sight, [head[0] for head in heads])
    rows = [_row(head, bars[head[0]]) for head in heads]
    if by is RowKind.PROJECT:
        others = _union_of_others(sight)
        if others and following is None:
            rows.append(CalendarRow(OTHERS, "Other projects", "", others[:BARS_PER_ROW_MAX], len(others)))
    return Page(tuple(rows), following)


class _Sight(NamedTuple):
    """Which part of the calendar one asker looks at."""

    pool: str
    begin: datetime
    end: datetime
    filters: CalendarFilters
    user_id: int
    project_ids: tuple[int, ...] | None

    @property
    def matching(self) -> Q:
        """Allocations of this pool and period, narrowed as asked."""
        wanted = {
            "reservation__project__slug": self.filters.project,
            "reservation__state": self.filters.state,
            "reservation__created_by_id": self.filters.created_by_id,
        }
        found = Q(pool__code=self.pool, during__overlap=(self.begin, self.end))
        found &= Q(**{name: value for name, value in wanted.items() if value is not None})
        if self.filters.is_narrowed and self.project_ids is not None:
            found &= Q(reservation__project_id__in=self.project_ids)
        return found

    @property
    def arguments(self) -> dict[str, Any]:
        return {
            "pool": self.pool,
            "begin": self.begin,
            "end": self.end,
            "is_narrowed": self.filters.is_narrowed,
            "project": self.filters.project,
            "state": self.filters.state,
            "creator": self.filters.created_by_id,
            "sees_all": self.project_ids is None,
            "seen": list(self.project_ids or ()),
            "most": BARS_PER_ROW_MAX,
        }


def _heads(by: RowKind, sight: _Sight, after: str | None) -> "QuerySet[Any, Any]":
    """Id, code, name and detail of the rows."""
    rows, link, code, name, detail = _ROWS[by]
    found = rows(sight)
    if by is RowKind.PROJECT or sight.filters.is_narrowed:
        there = Allocation.objects.filter(sight.matching, **{link: OuterRef("id")})
        found = found.filter(Exists(there.filter(host__isnull=False) if by is RowKind.PROJECT else there))
    if after is not None:
        found = found.filter(**{f"{code}__gt": after})
    return found.order_by(code).values_list("id", code, name, detail)


def _hosts(sight: _Sight) -> "QuerySet[Any]":
    return Host.objects.filter(pool__code=sight.pool).annotate(name=F("code"))


def _prus(sight: _Sight) -> "QuerySet[Any]":
    return Pru.objects.filter(pool__code=sight.pool, is_present=True).annotate(name=F("code"))


def _classes(sight: _Sight) -> "QuerySet[Any]":
    there = Count("blocks", filter=Q(blocks__pool__code=sight.pool))
    return DeviceClass.objects.annotate(there=there).filter(there__gt=0)


def _projects(sight: _Sight) -> "QuerySet[Any]":
    found = Project.objects.annotate(detail=F("slug"))
    return found if sight.project_ids is None else found.filter(id__in=sight.project_ids)


_ROWS = {  # their rows, what an allocation knows them by, and what is told of them
    RowKind.HOST: (_hosts, "host", "code", "name", "template"),
    RowKind.PRU: (_prus, "block__pru", "code", "name", "rack__code"),
    RowKind.CLASS: (_classes, "block__device_class", "code", "name", "there"),
    RowKind.PROJECT: (_projects, "reservation__project", "slug", "name", "detail"),
}


def _bars(by: RowKind, sight: _Sight, rows: Sequence[int]) -> "defaultdict[int, list[tuple[int, Bar]]]":
    """By row: how many there are in all, and each."""
    found: defaultdict[int, list[tuple[int, Bar]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(STATEMENTS[by], {**sight.arguments, "rows": list(rows)})
        for row, total, project_id, creator, is_low, *told in cursor.fetchall():
            is_seen = project_id is None or sight.project_ids is None or project_id in sight.project_ids
            kind = BarKind.MAINTENANCE if project_id is None else BarKind.RESERVATION
            bar = Bar._make((kind, *told, creator == sight.user_id, is_low)) if is_seen else _busy(*told[_HELD])
            found[row].append((total, bar))
    return found


_HELD = slice(6, 8)  # of what is told of a bar: from when, until when


def _busy(busy_from: datetime, busy_until: datetime) -> Bar:
    return Bar(BarKind.BUSY, "", "", "", "", busy_from, busy_until, busy_from, busy_until, 0, False)


def _row(head: tuple[Any, ...], bars: "list[tuple[int, Bar]]") -> CalendarRow:
    _, code, name, detail = head
    total = bars[0][0] if bars else 0
    return CalendarRow(code=code, name=name, detail=str(detail), bars=tuple(bar for _, bar in bars), total=total)


def _union_of_others(sight: _Sight) -> tuple[Bar, ...]:
    """When anything of the pool is held by projects the asker does not see; nothing under filters."""
    with connection.cursor() as cursor:
        cursor.execute(UNION_OF_OTHERS, sight.arguments)
        return tuple(_busy(*when) for when in cursor.fetchall())
