"""Berlin skips 02:00–03:00 on 31 March 2030 and has 02:00–03:00 twice on 27 October 2030."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from portal.web.forms.local_time import read_local
from scheduler.refusals import FieldError

BERLIN = ZoneInfo("Europe/Berlin")


def read(text: str, fold: str = "", zone: ZoneInfo = BERLIN) -> datetime | str:
    found = read_local(text, zone=zone, fold=fold, field="starts_at")
    return found.code if isinstance(found, FieldError) else found.astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2030-05-13T10:00", datetime(2030, 5, 13, 8, 0, tzinfo=UTC)),
        ("2030-01-13T10:00:30", datetime(2030, 1, 13, 9, 0, 30, tzinfo=UTC)),
        ("2030-03-31T01:59", datetime(2030, 3, 31, 0, 59, tzinfo=UTC)),
        ("2030-03-31T03:00", datetime(2030, 3, 31, 1, 0, tzinfo=UTC)),
    ],
)
def test_a_clear_wall_clock_is_one_instant(text: str, instant: datetime) -> None:
    assert read(text) == instant


@pytest.mark.parametrize("text", ["2030-03-31T02:00", "2030-03-31T02:30", "2030-03-31T02:59"])
def test_a_skipped_hour_is_refused(text: str) -> None:
    assert read(text) == "gap"


def test_a_skipped_hour_says_what_the_clock_shows_instead() -> None:
    found = read_local("2030-03-31T02:30", zone=BERLIN, fold="", field="starts_at")

    assert found == FieldError(
        "starts_at", "gap", "The clocks in Europe/Berlin skip this time that night; 03:30 would be that moment."
    )


def test_a_doubled_hour_is_asked_about_and_the_answer_is_taken() -> None:
    text = "2030-10-27T02:30"

    assert read(text) == "fold"
    assert read(text, "first") == datetime(2030, 10, 27, 0, 30, tzinfo=UTC)
    assert read(text, "second") == datetime(2030, 10, 27, 1, 30, tzinfo=UTC)
    assert read(text, "third") == "fold"


def test_an_answer_to_a_question_not_asked_changes_nothing() -> None:
    assert read("2030-05-13T10:00", "second") == datetime(2030, 5, 13, 8, 0, tzinfo=UTC)


def test_half_an_hour_is_skipped_where_clocks_move_by_half_an_hour() -> None:
    lord_howe = ZoneInfo("Australia/Lord_Howe")  # 2030-10-06, 02:00 → 02:30

    assert read("2030-10-06T02:15", zone=lord_howe) == "gap"
    assert read("2030-10-06T02:30", zone=lord_howe) == datetime(2030, 10, 5, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["tomorrow", "2030-13-01T10:00", "2030-02-30T10:00", "2030-05-13", "2030-05-13T25:00", "0001-01-01T00:00"]
)
def test_what_is_no_time_is_invalid(text: str) -> None:
    assert read(text) == "invalid"


@pytest.mark.parametrize("text", ["9999-12-31T23:59", "2030-05-13T10:00Z", "٢٠٣٠-05-13T10:00", "2030-05-13T10:00\n"])
def test_what_would_break_arithmetic_or_hide_is_invalid(text: str) -> None:
    assert read(text) == "invalid"


def test_nothing_is_required() -> None:
    assert read("") == "required"


@pytest.mark.parametrize(
    ("zone", "text", "code"),
    [
        ("America/New_York", "2027-03-14T02:30", "gap"),
        ("America/New_York", "2026-11-01T01:30", "fold"),
        ("Australia/Lord_Howe", "2027-10-03T02:15", "gap"),
        ("Australia/Lord_Howe", "2027-04-04T01:45", "fold"),
        ("Africa/Casablanca", "2027-03-14T02:30", "gap"),  # the end of Ramadan
        ("Africa/Casablanca", "2027-02-07T02:30", "fold"),
        ("Pacific/Apia", "2011-12-30T12:00", "gap"),  # a whole day
        ("Pacific/Apia", "2012-04-01T03:30", "fold"),
    ],
)
def test_every_zone_is_asked_about_at_both_of_its_changes(zone: str, text: str, code: str) -> None:
    assert read(text, zone=ZoneInfo(zone)) == code
