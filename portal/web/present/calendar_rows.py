"""One row of a calendar as it is drawn: bars in lanes, each with its place, its shape and its words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.urls import reverse

from portal.web.present.calendar_lanes import depth, in_lanes
from portal.web.present.calendar_period import minutes_between
from portal.web.present.words import plural
from scheduler.queries.calendar import OTHERS, Bar, BarKind, CalendarRow, RowKind
from scheduler.states import LABELS, TONES, ReservationState

BUSY_TITLE = "Busy"
_CODE = "r-code"  # stands for a code in the address of a reservation's page
_SHAPES: Mapping[BarKind, str] = {BarKind.BUSY: "busy-other", BarKind.MAINTENANCE: "maintenance"}


class Frame(NamedTuple):
    """What else the look of a row depends on: the period and the reader's zone."""

    by: RowKind
    begin: datetime
    end: datetime
    zone: str


@dataclass(frozen=True, slots=True)
class BarView:
    """Minutes of the period; `warm_up` and `clean_up` are how many of them are padding, at its two ends."""

    id: str
    url: str
    shape: str
    title: str
    more: str  # state, project, times: for the list, for the hint, for who hears the page
    lane: int
    begin: int
    end: int
    warm_up: int
    clean_up: int


@dataclass(frozen=True, slots=True)
class RowView:
    id: str
    name: str
    detail: str
    url: str
    lanes: int
    bars: tuple[BarView, ...]
    left_out: int


def row_view(row: CalendarRow, *, frame: Frame) -> RowView:
    zone = ZoneInfo(frame.zone)
    spans = [_span(bar.busy_from, bar.busy_until, frame) for bar in row.bars]
    lanes = in_lanes(spans)
    drawn = tuple(_bars(row, spans, lanes, frame, zone))
    return RowView(
        id=f"row-{frame.by}-{row.code}",
        name=row.name,
        detail=_detail(row, frame.by),
        url=reverse("web:project", args=[row.code]) if frame.by is RowKind.PROJECT and row.code != OTHERS else "",
        lanes=depth(lanes),
        bars=drawn,
        left_out=row.total - len(drawn),
    )


def _bars(
    row: CalendarRow, spans: list[tuple[int, int]], lanes: tuple[int | None, ...], frame: Frame, zone: ZoneInfo
) -> Iterator[BarView]:
    address = reverse("web:reservation", args=[_CODE])
    for nth, (bar, (begin, end), lane) in enumerate(zip(row.bars, spans, lanes, strict=True)):
        if lane is None:
            continue
        yield BarView(
            id=f"bar-{row.code}-{bar.code or nth}",
            url=address.replace(_CODE, bar.code) if bar.kind is BarKind.RESERVATION else "",
            shape=_shape(bar),
            title=_title(bar),
            more=_more(bar, frame.by, zone),
            lane=lane,
            begin=begin,
            end=end,
            warm_up=min(max(0, minutes_between(frame.begin, bar.starts_at) - begin), end - begin),
            clean_up=min(max(0, end - minutes_between(frame.begin, bar.ends_at)), end - begin),
        )


def _span(begin: datetime, end: datetime, frame: Frame) -> tuple[int, int]:
    """Cut at the period, and never so short that it would be nothing."""
    first = minutes_between(frame.begin, max(frame.begin, begin))
    return first, max(first + 1, minutes_between(frame.begin, min(frame.end, end)))


def _shape(bar: Bar) -> str:
    if bar.kind is not BarKind.RESERVATION:
        return _SHAPES[bar.kind]
    return f"{TONES[ReservationState(bar.state)]} {bar.state}{' is-mine' if bar.is_mine else ''}"


def _title(bar: Bar) -> str:
    match bar.kind:
        case BarKind.BUSY:
            return BUSY_TITLE
        case BarKind.MAINTENANCE:
            return f"Maintenance: {bar.title}"
    return bar.title


def _more(bar: Bar, by: RowKind, zone: ZoneInfo) -> str:
    is_known = bar.kind is BarKind.RESERVATION
    told = [
        LABELS[ReservationState(bar.state)] if is_known else "",
        "preemptible" if bar.is_low else "",
        bar.project if is_known and by is not RowKind.PROJECT else "",
        plural(bar.blocks, "block") if bar.blocks else "",
        _times(bar.starts_at, bar.ends_at, zone),
        _padding(bar) if is_known else "",
        "mine" if bar.is_mine else "",
    ]
    return " · ".join(part for part in told if part)


def _times(begin: datetime, end: datetime, zone: ZoneInfo) -> str:
    """`Mon 23 Nov, 10:00 – 12:00`; both days where there are two."""
    first, last = begin.astimezone(zone), end.astimezone(zone)
    day = "" if first.date() == last.date() else f"{last:%a} {last.day} {last:%b}, "
    return f"{first:%a} {first.day} {first:%b}, {first:%H:%M} – {day}{last:%H:%M}"


def _padding(bar: Bar) -> str:
    """Said where it is held longer than it can be used."""
    before, after = max(timedelta(), bar.starts_at - bar.busy_from), max(timedelta(), bar.busy_until - bar.ends_at)
    minutes = round((before + after) / timedelta(minutes=1))
    return f"{plural(minutes, 'minute')} of set-up and clean-up" if minutes else ""


def _detail(row: CalendarRow, by: RowKind) -> str:
    if by is RowKind.CLASS:
        return plural(int(row.detail), "block")
    return "" if by is RowKind.PROJECT else row.detail
