"""Series on the wall clock of five zones, across both changes of each: the table is worked out by hand.

Berlin: last Sunday of March 02:00 → 03:00, of October 03:00 → 02:00. New York: second Sunday of March 02:00 → 03:00,
first of November 02:00 → 01:00. Lord Howe moves by half an hour: first Sunday of April 02:00 → 01:30 (+11 to +10:30),
of October 02:00 → 02:30. Casablanca is at +01 but in Ramadan: in 2027 from 7 February 03:00 → 02:00 to 14 March
02:00 → 03:00. Apia: last Sunday of September 03:00 → 04:00 and first of April 04:00 → 03:00 until 2021 (+13, +14), and
no 30 December 2011, when it went from -10 to +14.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from scheduler.limits import OCCURRENCES_MAX
from scheduler.planning.recurrence_rule import read_rule
from scheduler.planning.recurring import Counted, InFold, InGap, Pattern, count_out, questions
from scheduler.refusals import RefusalCode

FAR = datetime(2031, 1, 1, tzinfo=UTC)


def _count(zone: str, first: str, rule: str, *, latest: datetime = FAR, **more: object) -> Counted:
    pattern = Pattern(rule=read_rule(rule), zone=ZoneInfo(zone), first=datetime.fromisoformat(first), **more)
    return count_out(pattern, latest=latest)


def _utc(counted: Counted) -> list[str]:
    assert (counted.left_out, counted.twice) == ((), ())
    return [f"{start.at:%m-%d %H:%M}" for start in counted.starts]


KEPT = [  # zone, first wall clock, three days around the change, in UTC
    ("Europe/Berlin", "2027-03-27T09:00", ["03-27 08:00", "03-28 07:00", "03-29 07:00"]),
    ("Europe/Berlin", "2026-10-24T09:00", ["10-24 07:00", "10-25 08:00", "10-26 08:00"]),
    ("America/New_York", "2027-03-13T09:00", ["03-13 14:00", "03-14 13:00", "03-15 13:00"]),
    ("America/New_York", "2026-10-31T09:00", ["10-31 13:00", "11-01 14:00", "11-02 14:00"]),
    ("Australia/Lord_Howe", "2027-04-03T09:00", ["04-02 22:00", "04-03 22:30", "04-04 22:30"]),
    ("Australia/Lord_Howe", "2027-10-02T09:00", ["10-01 22:30", "10-02 22:00", "10-03 22:00"]),
    ("Africa/Casablanca", "2027-02-06T09:00", ["02-06 08:00", "02-07 09:00", "02-08 09:00"]),
    ("Africa/Casablanca", "2027-03-13T09:00", ["03-13 09:00", "03-14 08:00", "03-15 08:00"]),
    ("Pacific/Apia", "2012-09-29T09:00", ["09-28 20:00", "09-29 19:00", "09-30 19:00"]),
    ("Pacific/Apia", "2012-03-31T09:00", ["03-30 19:00", "03-31 20:00", "04-01 20:00"]),
]


@pytest.mark.parametrize(("zone", "first", "expected"), KEPT)
def test_a_daily_start_keeps_its_wall_clock_across_the_change(zone: str, first: str, expected: list[str]) -> None:
    assert _utc(_count(zone, first, "FREQ=DAILY;COUNT=3")) == expected


GAPS = [  # zone, first of three days, the one that is left out, when it begins later, in UTC
    ("Europe/Berlin", "2027-03-27T02:30", "2027-03-28T02:30", ["03-27 01:30", "03-28 01:30", "03-29 00:30"]),
    ("America/New_York", "2027-03-13T02:30", "2027-03-14T02:30", ["03-13 07:30", "03-14 07:30", "03-15 06:30"]),
    ("Australia/Lord_Howe", "2027-10-02T02:15", "2027-10-03T02:15", ["10-01 15:45", "10-02 15:45", "10-03 15:15"]),
    ("Africa/Casablanca", "2027-03-13T02:30", "2027-03-14T02:30", ["03-13 02:30", "03-14 02:30", "03-15 01:30"]),
    ("Pacific/Apia", "2012-09-29T03:30", "2012-09-30T03:30", ["09-28 14:30", "09-29 14:30", "09-30 13:30"]),
]


@pytest.mark.parametrize(("zone", "first", "left_out", "later"), GAPS)
def test_a_start_that_the_clocks_leave_out_is_asked_about(
    zone: str, first: str, left_out: str, later: list[str]
) -> None:
    rule = "FREQ=DAILY;COUNT=3"

    asked = _count(zone, first, rule)

    assert asked.left_out == (datetime.fromisoformat(left_out),)
    assert (len(asked.starts), asked.twice) == (2, ())
    assert _utc(_count(zone, first, rule, in_gap=InGap.LATER)) == later
    assert _utc(_count(zone, first, rule, in_gap=InGap.SKIP)) == [later[0], later[2]]


FOLDS = [  # zone, first of three days, the one that comes twice, when it is the first and when the second, in UTC
    ("Europe/Berlin", "2026-10-24T02:30", "2026-10-25T02:30", "10-25 00:30", "10-25 01:30"),
    ("America/New_York", "2026-10-31T01:30", "2026-11-01T01:30", "11-01 05:30", "11-01 06:30"),
    ("Australia/Lord_Howe", "2027-04-03T01:45", "2027-04-04T01:45", "04-03 14:45", "04-03 15:15"),
    ("Africa/Casablanca", "2027-02-06T02:30", "2027-02-07T02:30", "02-07 01:30", "02-07 02:30"),
    ("Pacific/Apia", "2012-03-31T03:30", "2012-04-01T03:30", "03-31 13:30", "03-31 14:30"),
]


@pytest.mark.parametrize(("zone", "day_before", "twice", "first", "second"), FOLDS)
def test_a_start_that_comes_twice_is_asked_about(
    zone: str, day_before: str, twice: str, first: str, second: str
) -> None:
    rule = "FREQ=DAILY;COUNT=3"

    asked = _count(zone, day_before, rule)

    assert asked.twice == (datetime.fromisoformat(twice),)
    assert (len(asked.starts), asked.left_out) == (2, ())
    assert _utc(_count(zone, day_before, rule, in_fold=InFold.FIRST))[1] == first
    assert _utc(_count(zone, day_before, rule, in_fold=InFold.SECOND))[1] == second


def test_a_whole_day_that_is_left_out_falls_on_the_next_and_both_are_one() -> None:
    """Apia had no 30 December 2011: 09:00 of it is, a day later, 09:00 of the 31st, where the series is anyway."""
    asked = _count("Pacific/Apia", "2011-12-29T09:00", "FREQ=DAILY;COUNT=3")
    later = _count("Pacific/Apia", "2011-12-29T09:00", "FREQ=DAILY;COUNT=3", in_gap=InGap.LATER)

    assert asked.left_out == (datetime.fromisoformat("2011-12-30T09:00"),)
    assert _utc(later) == ["12-29 19:00", "12-30 19:00"]  # -10 before, +14 after


def test_apia_changes_its_clocks_no_more() -> None:
    assert _utc(_count("Pacific/Apia", "2027-09-25T03:30", "FREQ=DAILY;COUNT=3")) == [
        "09-24 14:30",
        "09-25 14:30",
        "09-26 14:30",
    ]


def test_the_question_names_the_dates_and_what_may_be_said() -> None:
    counted = _count("Europe/Berlin", "2026-10-24T02:30", "FREQ=DAILY;UNTIL=20270401")

    gap, fold = questions(counted, zone=ZoneInfo("Europe/Berlin"))

    assert (gap.code, gap.field, fold.code, fold.field) == (
        RefusalCode.NEEDS_CHOICE,
        "in_gap",
        RefusalCode.NEEDS_CHOICE,
        "in_fold",
    )
    assert gap.message == (
        "The clocks in Europe/Berlin leave out 2027-03-28 02:30. Say in in_gap what you mean: later or skip."
    )
    assert fold.message == (
        "The clocks in Europe/Berlin show twice 2026-10-25 02:30. Say in in_fold what you mean: first or second."
    )
    assert [(one.kind, one.value, one.message) for one in (*gap.suggestions, *fold.suggestions)] == [
        ("in_gap", "later", "Begin 1 h later on those days."),
        ("in_gap", "skip", "Leave those days out."),
        ("in_fold", "first", "Begin when it is shown first."),
        ("in_fold", "second", "Begin when it is shown again."),
    ]


def test_what_is_taken_out_is_not_asked_about_either() -> None:
    out = frozenset({datetime.fromisoformat("2027-03-28T02:30")})

    counted = _count("Europe/Berlin", "2027-03-27T02:30", "FREQ=DAILY;COUNT=3", excluded=out)

    assert _utc(counted) == ["03-27 01:30", "03-29 00:30"]


def test_a_rule_without_an_end_goes_as_far_as_one_may_book_and_says_so() -> None:
    counted = _count("UTC", "2026-11-02T09:00", "FREQ=WEEKLY", latest=datetime(2026, 11, 23, 9, tzinfo=UTC))

    assert _utc(counted) == ["11-02 09:00", "11-09 09:00", "11-16 09:00", "11-23 09:00"]
    assert counted.is_cut


def test_no_more_than_the_ceiling_are_counted_out() -> None:
    counted = _count("UTC", "2026-11-02T09:00", "FREQ=DAILY")

    assert (len(counted.starts), counted.is_too_many) == (OCCURRENCES_MAX, True)
