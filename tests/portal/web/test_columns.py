"""The columns of an availability page lie on the reader's wall clock, also when the clocks change; by hand."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from portal.web.forms.outlook import Zoom
from portal.web.present.columns import Heading, edges_of, floor_of, headings_of, ticks_of, turned

BERLIN, KATHMANDU = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kathmandu")
LONG_AGO, FAR = datetime(2030, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"2030-{text}Z")


def edges(zoom: Zoom, begin: str, zone: ZoneInfo = BERLIN, **more: datetime) -> tuple[datetime, ...]:
    return edges_of(zoom=zoom, begin=utc(begin), zone=zone, **{"until": FAR, "now": LONG_AGO, **more})


def shown(zoom: Zoom, begin: str) -> list[str]:
    ticks = ticks_of(edges(zoom, begin)[:-1], zoom=zoom, zone=BERLIN)
    return [f"{tick.shown}{tick.rest}" for tick in ticks]


def heads(zoom: Zoom, begin: str) -> list[tuple[str, int]]:
    found = headings_of(edges(zoom, begin)[:-1], zoom=zoom, zone=BERLIN)
    return [(head.shown + head.rest, head.span) for head in found]


@pytest.mark.parametrize(
    ("begin", "expected"),
    [
        ("03-30T12:00", ["03-29T23:00", "03-30T23:00", "03-31T22:00", "04-01T22:00"]),  # the 31st has 23 hours
        ("10-26T12:00", ["10-25T22:00", "10-26T22:00", "10-27T23:00", "10-28T23:00"]),  # the 27th has 25
    ],
)
def test_days_begin_at_local_midnight_also_when_the_clocks_change(begin: str, expected: list[str]) -> None:
    assert edges(Zoom.WEEKS, begin)[:4] == tuple(utc(text) for text in expected)


@pytest.mark.parametrize(
    ("begin", "hours"),
    [("03-31T01:30", [3, 4, 4, 4, 4, 4, 4]), ("10-27T00:30", [5, 4, 4, 4, 4, 4, 4]), ("05-14T00:30", [4] * 7)],
)
def test_a_step_of_four_hours_has_three_or_five_when_the_clocks_change(begin: str, hours: list[int]) -> None:
    """In Berlin the 31st of March has no 02:00 to 03:00, and the 27th of October has it twice: before 04:00."""
    found = edges(Zoom.DAYS, begin)[:8]

    assert [(after - at) / HOUR for at, after in pairwise(found)] == hours
    assert shown(Zoom.DAYS, begin)[:7] == ["00:00", "04:00", "08:00", "12:00", "16:00", "20:00", "00:00"]


def test_an_hour_that_is_skipped_has_no_column_and_one_that_comes_twice_has_two() -> None:
    spring, autumn = shown(Zoom.HOURS, "03-30T23:00"), shown(Zoom.HOURS, "10-26T22:00")

    assert spring[:8] == ["00:00", "00:30", "01:00", "01:30", "03:00", "03:30", "04:00", "04:30"]
    assert autumn[:10] == ["00:00", "00:30", "01:00", "01:30", "02:00", "02:30", "02:00", "02:30", "03:00", "03:30"]
    assert heads(Zoom.HOURS, "03-30T23:00") == [("Sun 31 Mar", 46), ("Mon 1 Apr", 2)]
    assert heads(Zoom.HOURS, "10-26T22:00") == [("Sun 27 Oct", 48)]


def test_the_first_column_is_cut_at_now_and_the_others_lie_on_the_clock() -> None:
    now = utc("05-14T08:20")

    assert edges(Zoom.HOURS, "05-14T08:20", now=now)[:3] == (now, utc("05-14T08:30"), utc("05-14T09:00"))
    assert edges(Zoom.DAYS, "05-14T08:20", now=now)[:3] == (now, utc("05-14T10:00"), utc("05-14T14:00"))
    assert edges(Zoom.WEEKS, "05-14T08:20", now=now)[:3] == (now, utc("05-14T22:00"), utc("05-15T22:00"))


@pytest.mark.parametrize(("zoom", "columns"), [(Zoom.HOURS, 48), (Zoom.DAYS, 42), (Zoom.WEEKS, 60)])
def test_each_zoom_has_its_columns(zoom: Zoom, columns: int) -> None:
    assert len(edges(zoom, "05-14T08:20")) == columns + 1


def test_no_column_begins_after_what_can_be_booked() -> None:
    """28 days from Tuesday 08:20 on end on a Tuesday at 10:20 in Berlin: that day is the 29th column and the last."""
    now = utc("05-14T08:20")

    found = edges(Zoom.WEEKS, "05-14T08:20", now=now, until=now + timedelta(days=28))

    assert (len(found) - 1, found[-2:]) == (29, (utc("06-10T22:00"), utc("06-11T22:00")))


def test_half_hours_are_those_of_the_local_clock() -> None:
    """Kathmandu is five and three quarter hours ahead, so that 08:20 is 14:05 there."""
    assert floor_of(utc("05-14T08:20"), zoom=Zoom.HOURS, zone=KATHMANDU) == utc("05-14T08:15")


def test_turning_keeps_the_time_of_day_over_a_change_of_the_clocks() -> None:
    """28 days after the 20th of March is the 17th of April, at midnight in summer time."""
    later = turned(utc("03-20T12:00"), zoom=Zoom.WEEKS, zone=BERLIN, pages=1)

    assert later == utc("04-16T22:00")
    assert turned(later, zoom=Zoom.WEEKS, zone=BERLIN, pages=-1) == utc("03-19T23:00")
    assert turned(utc("05-14T08:20"), zoom=Zoom.HOURS, zone=BERLIN, pages=1) == utc("05-14T20:00")


def test_a_column_says_its_month_or_day_only_once_and_where_it_is_narrow_in_short() -> None:
    """From Tuesday 22:00 on there are four half hours of Tuesday; from 22:30 on three, too few for the whole label."""
    wide, narrow = "05-14T20:00", "05-14T20:30"

    assert headings_of(edges(Zoom.HOURS, wide)[:-1], zoom=Zoom.HOURS, zone=BERLIN)[0] == Heading("Tue 14 May", "", 4)
    assert headings_of(edges(Zoom.HOURS, narrow)[:-1], zoom=Zoom.HOURS, zone=BERLIN)[0] == Heading("Tue", " 14 May", 3)
    assert heads(Zoom.WEEKS, "05-14T08:20") == [("May 2030", 18), ("Jun 2030", 30), ("Jul 2030", 12)]


def test_ticks_say_where_a_day_begins_and_which_are_weekends() -> None:
    """The 14th of May 2030 is a Tuesday."""
    days = ticks_of(edges(Zoom.WEEKS, "05-14T08:20")[:-1], zoom=Zoom.WEEKS, zone=BERLIN)

    assert [(tick.above, tick.shown, tick.is_quiet) for tick in days[3:6]] == [
        ("F", "17", False),
        ("S", "18", True),
        ("S", "19", True),
    ]
    assert [nth for nth, tick in enumerate(days) if tick.is_first] == [18, 48]
