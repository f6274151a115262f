"""Lists of reservations, newest first. One reservation whole is in `reservation_detail`."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from django.db.models import Count, F, Q, QuerySet

from scheduler.models import Reservation
from scheduler.queries.paging import Page, one_more

Mix = Sequence[Mapping[str, Any]]  # as it was asked for


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


_ORDERS: Mapping[Sort, tuple[str, ...]] = {
    Sort.NEWEST: ("-id",),
    Sort.SOONEST: ("starts_at", "id"),
    Sort.LATEST: ("-starts_at", "-id"),
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
    nodes: int
    counts: tuple[tuple[str, int], ...]  # devices by class over all nodes, in the order asked
    asked: tuple[tuple[str, int, str], ...]  # the same in the words of the mix: class, count, profile of slices or ""


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
    found = Reservation.objects.order_by(*_ORDERS[sort])
    if project_ids is not None:
        found = found.filter(project_id__in=list(project_ids))
    if after is not None:
        found = found.filter(_beyond(after, sort))
    rows = _filtered(found, filters).values(*_SAME, **_OTHERS)[: limit + 1]
    kept, following = one_more((_row(**row) for row in rows), limit=limit, key=lambda row: row.code)
    return Page(tuple(kept), following)


def _beyond(after: str, sort: Sort) -> Q:
    """What comes after that row in this order; nothing where there is no such row."""
    last = Reservation.objects.filter(code=after)
    if sort == Sort.NEWEST:
        return Q(id__lt=last.values("id")[:1])
    side = "gt" if sort == Sort.SOONEST else "lt"
    same = Q(starts_at=last.values("starts_at")[:1], **{f"id__{side}": last.values("id")[:1]})
    return Q(**{f"starts_at__{side}": last.values("starts_at")[:1]}) | same


def counts_by_state(*, project_ids: Collection[int] | None, filters: ReservationFilters) -> dict[str, int]:
    """How many there are in each state, whatever states the filters name. One query."""
    found = _filtered(Reservation.objects.order_by(), replace(filters, states=None))
    if project_ids is not None:
        found = found.filter(project_id__in=list(project_ids))
    return dict(found.values_list("state").annotate(count=Count("id")))


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
        mix=one.request["mix"],
        devices=one.price.get("devices"),
    )


def _names(one: Reservation) -> Names:
    creator = one.created_by.get_username() if one.created_by else None
    return Names(one.project.slug, one.project.name, one.pool.code, one.pool.name, one.pool.time_zone, creator)


_SAME = (
    "code", "title", "state", "state_reason", "version", "starts_at", "ends_at", "busy_from", "busy_until",
    "created_at", "hold_expires_at",
)  # fmt: skip
_OTHERS = {
    "project_slug": F("project__slug"),
    "project_name": F("project__name"),
    "pool_code": F("pool__code"),
    "pool_name": F("pool__name"),
    "time_zone": F("pool__time_zone"),
    "creator": F("created_by__username"),
    "mix": F("request__mix"),
    "devices": F("price__devices"),
}


def _row(*, mix: Mix, devices: Mapping[str, int] | None, creator: str | None, **same: Any) -> ReservationRow:
    return ReservationRow(
        **same,
        created_by=creator or "",
        nodes=sum(_nodes(group) for group in mix),
        counts=_counts(mix, devices or {}),
        asked=_asked(mix, devices or {}),
    )


def asked_of(one: Reservation) -> tuple[tuple[str, int, str], ...]:
    """Class, count, and the profile where slices are meant: what a booking without a title is known by."""
    return _asked(one.request["mix"], one.price.get("devices") or {})


def _filtered(found: QuerySet[Reservation], filters: ReservationFilters) -> QuerySet[Reservation]:
    wanted: dict[str, Any] = {
        "project__slug": filters.project,
        "pool__code": filters.pool,
        "state__in": None if filters.states is None else sorted(filters.states),
        "ends_at__gt": filters.overlaps_from,
        "starts_at__lt": filters.overlaps_to,
        "created_by_id": filters.created_by_id,
    }
    if filters.text is not None:
        found = found.filter(Q(title__icontains=filters.text) | Q(code__icontains=filters.text))
    return found.filter(**{lookup: value for lookup, value in wanted.items() if value is not None})


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
