"""Times as they are typed: each row worked out by hand, in Berlin, on Thursday 21 March 2030 at 10:15."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from heddle.cli.exits import Unreadable
from heddle.cli.moments import minutes_of, moment_of

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2030, 3, 21, 9, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("now", "2030-03-21T09:15:00+00:00"),
        ("2h", "2030-03-21T11:15:00+00:00"),
        ("1h30m", "2030-03-21T10:45:00+00:00"),
        ("3d", "2030-03-24T09:15:00+00:00"),
        ("90s", "2030-03-21T09:16:30+00:00"),
        ("18:00", "2030-03-21T18:00:00+01:00"),
        ("10:15", "2030-03-22T10:15:00+01:00"),  # this moment is over
        ("9:00", "2030-03-22T09:00:00+01:00"),
        ("today 08:00", "2030-03-21T08:00:00+01:00"),
        ("tomorrow 09:00", "2030-03-22T09:00:00+01:00"),
        ("Tomorrow  09:00", "2030-03-22T09:00:00+01:00"),
        ("thu 12:00", "2030-03-21T12:00:00+01:00"),
        ("thu 10:00", "2030-03-28T10:00:00+01:00"),
        ("friday 14:30", "2030-03-22T14:30:00+01:00"),
        ("mon 00:00", "2030-03-25T00:00:00+01:00"),
        ("2030-04-01 09:00", "2030-04-01T09:00:00+02:00"),  # summer by then
        ("2030-04-01", "2030-04-01T00:00:00+02:00"),
        ("2030-04-01T09:00:00Z", "2030-04-01T09:00:00+00:00"),
        ("2030-10-27 02:30", "2030-10-27T02:30:00+02:00"),  # clocks go through it twice: the first
    ],
)
def test_what_is_typed_is_what_is_meant(typed: str, meant: str) -> None:
    assert moment_of(typed, now=NOW, zone=BERLIN).isoformat() == meant


@pytest.mark.parametrize("typed", ["", "soon", "25:00", "fry 09:00", "friends 09:00", "2030-13-01", "2h ago", "-2h"])
def test_what_is_no_time_is_not_guessed(typed: str) -> None:
    with pytest.raises(Unreadable, match="is no time, such as"):
        moment_of(typed, now=NOW, zone=BERLIN)


def test_an_hour_that_clocks_leave_out_is_no_time() -> None:
    with pytest.raises(Unreadable, match="2030-03-31 02:30 does not exist"):
        moment_of("2030-03-31 02:30", now=NOW, zone=BERLIN)


def test_the_machines_own_zone_is_known_at_that_date() -> None:
    typed = moment_of("2030-07-01 09:00", now=NOW, zone=None)

    assert typed.utcoffset() == datetime(2030, 7, 1, 9, 0).astimezone().utcoffset()
    assert typed.replace(tzinfo=None) - timedelta() == datetime(2030, 7, 1, 9, 0)  # noqa: DTZ001


@pytest.mark.parametrize(("typed", "minutes"), [("90m", 90), ("2h", 120), ("1.5h", 90), ("1d12h", 2160), ("1W", 10080)])
def test_lengths(typed: str, minutes: int) -> None:
    assert minutes_of(typed) == minutes


@pytest.mark.parametrize("typed", ["", "2", "h", "2 hours", "0m", "0.1m", "1.01h", "-1h", "90s", "9999999d"])
def test_what_is_no_length_is_not_guessed(typed: str) -> None:
    with pytest.raises(Unreadable, match="such as 90m, 2h, 1h30m or 3d"):
        minutes_of(typed)
