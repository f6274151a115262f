"""What stands around the table of an availability page: its columns, ways to turn and to zoom, choices. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from portal.web.forms.outlook import HOURS_OFFERED, WantedOutlook, Zoom
from portal.web.present.columns import Heading, Tick, edges_of, headings_of, ticks_of, turned
from portal.web.present.heatmap import instant
from portal.web.present.words import duration_of_minutes
from scheduler.queries.availability import PoolChoice

Address = Callable[..., str]  # the present one with some parameters changed
ZOOM_WORDS = {Zoom.HOURS: "Day", Zoom.DAYS: "Week", Zoom.WEEKS: "60 days"}


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """A way to another page of the same; without an address there is none."""

    label: str
    url: str
    is_here: bool = False


@dataclass(frozen=True, slots=True)
class ColumnsView:
    edges: tuple[datetime, ...]
    edge_minutes: str  # since 1970, for the script
    headings: tuple[Heading, ...]
    ticks: tuple[Tick, ...]
    starts: tuple[Choice, ...]  # of a booking by the form; empty is now
    ends: tuple[Choice, ...]

    @property
    def first(self) -> datetime:
        return self.edges[0]

    @property
    def last(self) -> datetime:
        return self.edges[-1]


@dataclass(frozen=True, slots=True)
class OutlookView:
    pool: PoolChoice
    zoom: Zoom
    from_word: str  # as the address has it; empty where it begins now
    hours: int
    hours_words: str
    is_now: bool
    is_cut: bool  # it ends with what can be booked
    columns: ColumnsView
    earlier: Turn
    present: Turn
    later: Turn
    zooms: tuple[Turn, ...]
    pools: tuple[Choice, ...]
    hours_choices: tuple[Choice, ...]

    @property
    def minutes(self) -> int:
        return self.hours * 60


def outlook_view(
    wanted: WantedOutlook, *, pools: Sequence[PoolChoice], zone: tzinfo, now: datetime, address: Address
) -> OutlookView:
    edges = edges_of(zoom=wanted.zoom, begin=wanted.begin, until=wanted.until, zone=zone, now=now)
    back = turned(wanted.begin, zoom=wanted.zoom, zone=zone, pages=-1)
    onward = turned(wanted.begin, zoom=wanted.zoom, zone=zone, pages=1)
    return OutlookView(
        pool=wanted.pool,
        zoom=wanted.zoom,
        from_word="" if wanted.is_now else instant(wanted.begin),
        hours=wanted.hours,
        hours_words=duration_of_minutes(wanted.hours * 60),
        is_now=wanted.is_now,
        is_cut=edges[-1] >= wanted.until,
        columns=_columns(edges, wanted, zone),
        earlier=Turn("Earlier", "" if wanted.is_now else address(**{"from": instant(back) if back > now else None})),
        present=Turn("Now", "" if wanted.is_now else address(**{"from": None})),
        later=Turn("Later", address(**{"from": instant(onward)}) if edges[-1] < wanted.until else ""),
        zooms=tuple(Turn(ZOOM_WORDS[one], address(zoom=one), one == wanted.zoom) for one in Zoom),
        pools=tuple(Choice(one.code, one.name, one == wanted.pool) for one in pools),
        hours_choices=_hours_choices(wanted.hours),
    )


def _columns(edges: tuple[datetime, ...], wanted: WantedOutlook, zone: tzinfo) -> ColumnsView:
    starts, ends = _moments(edges[:-1], zone), _moments(edges[1:], zone)
    return ColumnsView(
        edges=edges,
        edge_minutes=" ".join(str(int(at.timestamp()) // 60) for at in edges),
        headings=headings_of(edges[:-1], zoom=wanted.zoom, zone=zone),
        ticks=ticks_of(edges[:-1], zoom=wanted.zoom, zone=zone),
        starts=(Choice("", "Now", True), *starts[1:]) if wanted.is_now else starts,
        ends=ends,
    )


def _moments(instants: Sequence[datetime], zone: tzinfo) -> tuple[Choice, ...]:
    walls = (at.astimezone(zone) for at in instants)
    return tuple(Choice(instant(at), f"{at:%a} {at.day} {at:%b}, {at:%H:%M}", False) for at in walls)


def _hours_choices(chosen: int) -> tuple[Choice, ...]:
    offered = sorted({*HOURS_OFFERED, chosen} - {0})
    lengths = [Choice(str(one), duration_of_minutes(one * 60), one == chosen) for one in offered]
    return (Choice("", "Each step", chosen == 0), *lengths)
