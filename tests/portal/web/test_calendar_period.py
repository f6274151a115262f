"""Which days a calendar shows, and what stands above them, also where the clocks change."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from portal.web.present.calendar_axis import Day, axis_of
from portal.web.present.calendar_period import Period, Span, period_of

BERLIN, UTC_ZONE = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")
WEDNESDAY = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)  # in Berlin it is Thursday already
DAY, WEEK, MONTH, SIXTY = Span


def at(day: int, hour: int, month: int = 11, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "zone", "begin", "end"),
    [
        ("day", BERLIN, at(25, 23), at(26, 23)),
        ("day", UTC_ZONE, at(25, 0), at(26, 0)),
        ("week", BERLIN, at(25, 23), at(2, 23, 12)),
        ("month", BERLIN, at(31, 23, 10), at(30, 23)),
        (
            "month",
            ZoneInfo("Asia/Kolkata"),
            datetime(2026, 10, 31, 18, 30, tzinfo=UTC),
            datetime(2026, 11, 30, 18, 30, tzinfo=UTC),
        ),
        ("month", ZoneInfo("Pacific/Auckland"), at(31, 11, 10), at(30, 11)),
        ("60-days", UTC_ZONE, at(25, 0), at(24, 0, 1, 2027)),
        ("fortnight", UTC_ZONE, at(25, 0), at(2, 0, 12)),
    ],
)
def test_a_period_begins_at_a_midnight_of_the_reader(span: str, zone: ZoneInfo, begin: datetime, end: datetime) -> None:
    period = period_of(span=span, first="", now=WEDNESDAY, zone=zone)

    assert (period.begin, period.end) == (begin, end)


@pytest.mark.parametrize(
    ("span", "first", "begins", "earlier", "later"),
    [
        ("day", "2026-03-01", "2026-03-01", "2026-02-28", "2026-03-02"),
        ("week", "2026-11-26", "2026-11-26", "2026-11-19", "2026-12-03"),
        ("month", "2027-01-31", "2027-01-01", "2026-12-01", "2027-02-01"),
        ("month", "2028-03-15", "2028-03-01", "2028-02-01", "2028-04-01"),
        ("60-days", "2026-12-01", "2026-12-01", "2026-10-02", "2027-01-30"),
    ],
)
def test_one_goes_on_by_whole_periods(span: str, first: str, begins: str, earlier: str, later: str) -> None:
    period = period_of(span=span, first=first, now=WEDNESDAY, zone=BERLIN)

    assert [day.isoformat() for day in (period.first, period.earlier, period.later)] == [begins, earlier, later]


@pytest.mark.parametrize(
    "first", ["", "yesterday", "2026-13-01", "0001-01-01", "9999-12-31", "2026-W05", "٢٠٢٦-١١-٢٥x"]
)
def test_a_day_that_cannot_be_read_is_today(first: str) -> None:
    assert period_of(span="day", first=first, now=WEDNESDAY, zone=BERLIN).first == date(2026, 11, 26)


@pytest.mark.parametrize(
    ("span", "first", "words"),
    [
        (DAY, date(2026, 11, 23), "Mon 23 Nov 2026"),
        (WEEK, date(2026, 11, 23), "23 – 29 Nov 2026"),
        (WEEK, date(2026, 11, 26), "26 Nov – 2 Dec 2026"),
        (WEEK, date(2026, 12, 28), "28 Dec 2026 – 3 Jan 2027"),
        (MONTH, date(2026, 11, 1), "November 2026"),
    ],
)
def test_a_period_is_named(span: Span, first: date, words: str) -> None:
    days = {DAY: 1, WEEK: 7, MONTH: 30}[span]

    assert Period(span, first, days, BERLIN).words == words


# Germany turns its clocks on the last Sundays of March and October: 29 March and 25 October 2026.
@pytest.mark.parametrize(
    ("first", "sunday", "minutes"),
    [
        ("2026-03-23", (6 * 1440, 6 * 1440 + 23 * 60), 167 * 60),
        ("2026-10-19", (6 * 1440, 6 * 1440 + 25 * 60), 169 * 60),
    ],
)
def test_the_sunday_on_which_the_clocks_change_is_as_long_as_it_is(
    first: str, sunday: tuple[int, int], minutes: int
) -> None:
    axis = axis_of(period_of(span="week", first=first, now=WEDNESDAY, zone=BERLIN), now=WEDNESDAY)

    assert (axis.days[-1].begin, axis.days[-1].end) == sunday
    assert axis.minutes == minutes
    assert axis.now is None


@pytest.mark.parametrize(
    ("first", "hours"),
    [
        ("2026-11-25", [(360, "06:00"), (720, "12:00"), (1080, "18:00")]),
        ("2026-03-29", [(300, "06:00"), (660, "12:00"), (1020, "18:00")]),
        ("2026-10-25", [(420, "06:00"), (780, "12:00"), (1140, "18:00")]),
    ],
)
def test_hours_stand_where_the_wall_clock_shows_them(first: str, hours: list[tuple[int, str]]) -> None:
    axis = axis_of(period_of(span="week", first=first, now=WEDNESDAY, zone=BERLIN), now=WEDNESDAY)

    assert [(hour.at, hour.label) for hour in axis.hours if hour.at < axis.days[0].end] == hours


def test_an_hour_that_comes_twice_is_named_twice_and_a_skipped_one_not_at_all() -> None:
    labels = {}
    for first in ("2026-03-29", "2026-10-25"):
        axis = axis_of(period_of(span="day", first=first, now=WEDNESDAY, zone=BERLIN), now=WEDNESDAY)
        labels[first] = [hour.label for hour in axis.hours][:4]

    assert labels == {
        "2026-03-29": ["01:00", "03:00", "04:00", "05:00"],
        "2026-10-25": ["01:00", "02:00", "02:00", "03:00"],
    }


def test_a_day_is_labelled_and_weekends_and_today_are_told_apart() -> None:
    friday_noon = datetime(2026, 11, 27, 11, 0, tzinfo=UTC)

    axis = axis_of(period_of(span="week", first="2026-11-27", now=friday_noon, zone=BERLIN), now=friday_noon)

    assert axis.days[:2] == (
        Day(0, 1440, "Fri", "27", "Nov", is_weekend=False, is_today=True, is_quiet=False),
        Day(1440, 2880, "Sat", "28", "", is_weekend=True, is_today=False, is_quiet=False),
    )
    assert [day.month for day in axis.days] == ["Nov", "", "", "", "Dec", "", ""]
    assert axis.now == 12 * 60


def test_over_sixty_days_only_mondays_are_labelled_with_the_month_where_one_begins() -> None:
    axis = axis_of(period_of(span="60-days", first="2026-11-21", now=WEDNESDAY, zone=BERLIN), now=WEDNESDAY)

    assert [(day.number, day.month) for day in axis.days if not day.is_quiet] == [
        ("23", "Nov"),
        ("30", ""),
        ("7", "Dec"),
        ("14", ""),
        ("21", ""),
        ("28", ""),
        ("4", "Jan"),
        ("11", ""),
        ("18", ""),
    ]
