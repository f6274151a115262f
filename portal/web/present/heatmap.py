"""How many of each class are free in each step, as rows of cells with a figure and one of seven levels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.urls import reverse

from portal.web.forms.outlook import Zoom
from portal.web.present.columns import Tick
from scheduler.planning.availability import Free
from scheduler.queries.availability import HOSTS, FreeNow, Outlook

LEVELS = 6  # of them that are not "none"
_KINDS = ("gpu", "xpu", "fpga", "nvme", "cxl_memory", "nic")
_WIDE = 100
_HOUR_MINUTES = 60
_FIGURES_WIDE = {Zoom.HOURS: 100, Zoom.DAYS: 1_000, Zoom.WEEKS: 100}  # from here on they do not fit their columns


@dataclass(frozen=True, slots=True)
class Cell:
    count: int
    look: str  # classes of the style sheet: the level, and whether a day or month begins


@dataclass(frozen=True, slots=True)
class HeatRow:
    """`next_at` and `has_none` are of now, whatever the columns show."""

    code: str
    name: str
    usable: int
    out: int  # not usable: out of service
    now: int
    next_at: datetime | None
    is_wide: bool  # its figures may have three digits or more
    book: str  # the address that begins a booking of one; empty where the asker may not book
    cells: tuple[Cell, ...]


def heat_rows(
    seen: Outlook, *, names: Mapping[str, str], ticks: Sequence[Tick], book: str, hours: int = 0
) -> tuple[HeatRow, ...]:
    """Accelerators first, hosts last. `book` is what a booking's address begins with, or nothing.

    `hours` is for how long what is counted stays free: then a booking lasts that long too.
    """
    order = sorted(seen.free.classes, key=lambda code: (_kind(seen, code), names.get(code, code)))
    rows = [(code, names.get(code, code), seen.free.classes[code]) for code in order]
    rows.append((HOSTS, "Hosts", seen.free.hosts))
    return tuple(_row(code, name, free, seen.now[code], ticks, book, hours) for code, name, free in rows)


def level(count: int, usable: int) -> int:
    """0 is none and 6 is all; what is between is shared out evenly over 1 to 5."""
    if count in (0, usable):
        return LEVELS if count else 0
    return 1 + (LEVELS - 1) * count // usable


def is_dense(rows: Sequence[HeatRow], zoom: Zoom) -> bool:
    """Whether figures would not fit into the columns."""
    return max(row.usable for row in rows) >= _FIGURES_WIDE[zoom]


def booking_address(pool: str) -> str:
    """What the address of a new reservation in this pool begins with."""
    return f"{reverse('web:book')}?{urlencode({'pool': pool})}"


def instant(at: datetime) -> str:
    """RFC 3339 in UTC, to the minute or second."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _row(code: str, name: str, free: Free, now: FreeNow, ticks: Sequence[Tick], book: str, hours: int) -> HeatRow:
    counts = free.whole_hours or free.whole_step
    wish = {"device_class": code, "count": "1"} if code else {}
    wish |= {"starts_at": instant(now.next_at)} if now.next_at else {}
    wish |= {"duration_minutes": str(hours * _HOUR_MINUTES)} if hours else {}
    return HeatRow(
        code=code,
        name=name,
        usable=free.usable,
        out=free.total - free.usable,
        now=now.count,
        next_at=now.next_at,
        is_wide=free.usable >= _WIDE,
        book=f"{book}&{urlencode(wish)}".rstrip("&") if book else "",
        cells=tuple(
            Cell(count, f"l{level(count, free.usable)}{' d' if tick.is_first else ''}")
            for count, tick in zip(counts, ticks, strict=True)
        ),
    )


def _kind(seen: Outlook, code: str) -> int:
    kind = seen.facts[code].kind
    return _KINDS.index(kind) if kind in _KINDS else len(_KINDS)
