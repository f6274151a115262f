"""Reservations and maintenance as bars over the columns of an availability page, in as few rows as they need."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from portal.web.present.pools import SCOPE_WORDS
from portal.web.present.states import Pill, reservation_pill
from portal.web.present.words import mix_words
from scheduler.queries.maintenance import MaintenanceRow
from scheduler.queries.reservations import ReservationRow
from scheduler.states import MaintenanceScope

LANES_MAX = 4
_MAINTENANCE = Pill("Maintenance", "warn")


@dataclass(frozen=True, slots=True)
class Bar:
    name: str
    url: str
    pill: Pill
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Piece:
    """So many columns with one bar, or with none."""

    span: int
    bar: Bar | None = None


@dataclass(frozen=True, slots=True)
class Lanes:
    rows: tuple[tuple[Piece, ...], ...]
    hidden: int  # bars for which there was no row


def own_bars(rows: Iterable[ReservationRow], *, names: dict[str, str]) -> list[Bar]:
    return [
        Bar(
            name=row.title or mix_words(row.asked, names),
            url=reverse("web:reservation", args=[row.code]),
            pill=reservation_pill(row.state),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
        )
        for row in rows
    ]


def outage_bars(rows: Iterable[MaintenanceRow]) -> list[Bar]:
    return [
        Bar(
            name=f"{SCOPE_WORDS[MaintenanceScope(row.scope)]} {row.target}",
            url=reverse("web:pool", args=[row.pool]),
            pill=_MAINTENANCE,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
        )
        for row in rows
    ]


def lanes_of(bars: Iterable[Bar], edges: Sequence[datetime]) -> Lanes:
    """Each bar covers every column it touches, and stands in the first row where those are empty."""
    lanes: list[list[tuple[int, int, Bar]]] = []
    hidden = 0
    for bar in sorted(bars, key=lambda bar: (bar.starts_at, bar.ends_at, bar.url)):
        first, last = bisect_right(edges, bar.starts_at) - 1, bisect_left(edges, bar.ends_at)
        first, last = max(first, 0), min(last, len(edges) - 1)
        if first >= last:
            continue
        lane = next((lane for lane in lanes if lane[-1][1] <= first), None)
        if lane is None and len(lanes) == LANES_MAX:
            hidden += 1
        elif lane is None:
            lanes.append([(first, last, bar)])
        else:
            lane.append((first, last, bar))
    return Lanes(tuple(_pieces(lane, len(edges) - 1) for lane in lanes), hidden)


def _pieces(lane: Iterable[tuple[int, int, Bar]], columns: int) -> tuple[Piece, ...]:
    found, at = [], 0
    for first, last, bar in lane:
        found += [Piece(first - at)] if first > at else []
        found.append(Piece(last - first, bar))
        at = last
    return (*found, Piece(columns - at)) if at < columns else tuple(found)
