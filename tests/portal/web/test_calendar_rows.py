"""A row of the calendar as it is drawn: where its bars are, what they look like, what they say."""

from datetime import UTC, datetime
from typing import Any

import pytest

from portal.web.calendar_fragments import row_fragment
from portal.web.present.calendar_rows import BarView, Frame, row_view
from scheduler.queries.calendar import Bar, BarKind, CalendarRow, RowKind
from scheduler.states import ReservationState


def at(hour: int, minute: int = 0, day: int = 23) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


WEEK = Frame(RowKind.HOST, at(0), at(0, day=30), "UTC")
HOURS = (at(10), at(12), at(9, 55), at(12, 5))  # begins, ends, held from, held until


def bar(*when: datetime, kind: BarKind = BarKind.RESERVATION, state: str = "active", **changed: Any) -> Bar:
    told = Bar(kind, "r-1", "Load test", "Chat service", state, *(when or HOURS), blocks=2, is_mine=False)
    return told._replace(**changed)


def row(*bars: Bar, total: int | None = None, name: str = "host-1") -> CalendarRow:
    return CalendarRow("host-1", name, "host-large", bars, len(bars) if total is None else total)


def test_a_bar_says_where_it_is_and_how_much_of_it_is_padding() -> None:
    (drawn,) = row_view(row(bar()), frame=WEEK).bars

    assert drawn == BarView(
        id="bar-host-1-r-1",
        url="/reservations/r-1/",
        shape="ok active",
        title="Load test",
        more="Active · Chat service · 2\u00a0blocks · Mon 23 Nov, 10:00 – 12:00 · "
        "10\u00a0minutes of set-up and clean-up",
        lane=0,
        begin=595,
        end=725,
        warm_up=5,
        clean_up=5,
    )


@pytest.mark.parametrize(
    ("when", "place"),
    [
        ((at(22, day=22), at(2), at(21, 55, 22), at(2, 5)), (0, 125, 0, 5)),  # began before: only its end is padded
        ((at(22, day=22), at(0), at(21, 55, 22), at(0, 5)), (0, 5, 0, 5)),  # nothing but clean-up is left
        ((at(23, day=29), at(3, day=30), at(22, 55, 29), at(3, 5, 30)), (10015, 10080, 5, 0)),  # ends after
        ((at(10), at(12), at(10), at(11)), (600, 660, 0, 0)),  # given back early, without set-up
        ((at(10), at(12), at(9, 55), at(9, 57)), (595, 597, 2, 0)),  # withdrawn while it warmed up
        ((at(10), at(12), at(10), datetime(2026, 11, 23, 10, 0, 20, tzinfo=UTC)), (600, 601, 0, 0)),  # never nothing
    ],
)
def test_a_bar_is_cut_at_the_period(when: tuple[datetime, ...], place: tuple[int, int, int, int]) -> None:
    (drawn,) = row_view(row(bar(*when)), frame=WEEK).bars

    assert (drawn.begin, drawn.end, drawn.warm_up, drawn.clean_up) == place


def test_times_are_told_in_the_readers_zone_with_both_days_where_there_are_two() -> None:
    frame = WEEK._replace(zone="Asia/Tokyo")  # nine hours ahead
    late = bar(at(14), at(16), at(14), at(16), blocks=0, project="")

    assert row_view(row(late), frame=frame).bars[0].more == "Active · Mon 23 Nov, 23:00 – Tue 24 Nov, 01:00"


def test_others_are_busy_and_nothing_more() -> None:
    busy = bar(*(at(9), at(12), at(9), at(12)), kind=BarKind.BUSY, state="", code="", title="", project="", blocks=0)

    (drawn,) = row_view(row(busy), frame=WEEK).bars

    assert (drawn.id, drawn.url, drawn.shape, drawn.title) == ("bar-host-1-0", "", "busy-other", "Busy")
    assert drawn.more == "Mon 23 Nov, 09:00 – 12:00"


def test_maintenance_has_a_shape_and_a_reason_and_leads_nowhere() -> None:
    away = bar(*HOURS[:2], *HOURS[:2], kind=BarKind.MAINTENANCE, state="", code="m-1", title="New fans", project="")

    (drawn,) = row_view(row(away), frame=WEEK).bars

    assert (drawn.url, drawn.shape, drawn.title) == ("", "maintenance", "Maintenance: New fans")


def test_every_state_has_a_shape_and_its_word() -> None:
    shapes = {}
    for state in ReservationState:
        (drawn,) = row_view(row(bar(state=state.value, is_mine=True)), frame=WEEK).bars
        shapes[state.value] = (drawn.shape, drawn.more.split(" · ")[0])

    assert shapes == {
        "waitlisted": ("wait waitlisted is-mine", "Waitlisted"),
        "held": ("wait held is-mine", "Held"),
        "pending_approval": ("wait pending_approval is-mine", "Pending approval"),
        "confirmed": ("info confirmed is-mine", "Confirmed"),
        "composing": ("busy composing is-mine", "Composing"),
        "active": ("ok active is-mine", "Active"),
        "releasing": ("busy releasing is-mine", "Releasing"),
        "ended": ("quiet ended is-mine", "Ended"),
        "cancelled": ("quiet cancelled is-mine", "Cancelled"),
        "expired": ("quiet expired is-mine", "Expired"),
        "rejected": ("bad rejected is-mine", "Rejected"),
        "failed": ("bad failed is-mine", "Failed"),
    }


def test_bars_that_overlap_stand_in_lanes_and_what_is_left_out_is_counted() -> None:
    crowd = [bar(at(9), at(12), at(9), at(12), code=f"r-{nth}") for nth in range(14)]

    view = row_view(row(*crowd, total=20), frame=WEEK)

    assert [one.lane for one in view.bars] == list(range(12))
    assert (view.lanes, view.left_out) == (12, 8)


def test_a_row_is_drawn_anew_as_soon_as_anything_in_it_is_other_than_it_was() -> None:
    first = row_fragment(row(bar()), WEEK)

    assert row_fragment(row(bar()), WEEK) is first
    keys = [
        row_fragment(changed, frame).key
        for changed, frame in [
            (row(bar(state="releasing")), WEEK),
            (row(bar(title="Load tests")), WEEK),
            (row(bar(ends_at=at(13), busy_until=at(13, 5))), WEEK),
            (row(bar(), bar(code="r-2")), WEEK),
            (row(), WEEK),
            (row(bar()), WEEK._replace(zone="Europe/Berlin")),
        ]
    ]
    assert len({first.key, *keys}) == 7


def test_names_are_escaped_and_keep_their_own_direction() -> None:
    shown = row_fragment(row(bar(title="<b>مرحبا</b>"), name="a&b"), WEEK)

    assert '<b dir="auto">&lt;b&gt;مرحبا&lt;/b&gt;</b>' in shown.html
    assert "<bdi>a&amp;b</bdi>" in shown.html
