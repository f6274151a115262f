"""Which rules are read, which days they give, and what is refused by name."""

from datetime import UTC, datetime
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from scheduler.planning.recurrence_rule import BadRule, read_rule

MONDAY = datetime.fromisoformat("2026-11-02T09:00")
BERLIN = ZoneInfo("Europe/Berlin")


def _days(rule: str) -> list[str]:
    return [f"{start:%m-%d}" for start in islice(read_rule(rule).starts(MONDAY, BERLIN), 5)]


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("FREQ=DAILY;COUNT=3", ["11-02", "11-03", "11-04"]),
        ("FREQ=WEEKLY;BYDAY=MO,WE;COUNT=4", ["11-02", "11-04", "11-09", "11-11"]),
        ("RRULE:freq=weekly;count=2", ["11-02", "11-09"]),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=3", ["11-02", "11-16", "11-30"]),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=2", ["11-27", "12-25"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=2", ["11-30", "12-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=31;COUNT=2", ["12-31", "01-31"]),
        ("FREQ=DAILY;UNTIL=20261104", ["11-02", "11-03", "11-04"]),
        ("FREQ=DAILY;UNTIL=20261104T085959", ["11-02", "11-03"]),
        ("FREQ=DAILY;UNTIL=20261104T080000Z", ["11-02", "11-03", "11-04"]),  # 09:00 in Berlin
        ("FREQ=DAILY;UNTIL=20261104T075959Z", ["11-02", "11-03"]),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", []),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=TU", []),
    ],
)
def test_its_days(rule: str, days: list[str]) -> None:
    assert _days(rule) == days


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("", "unsupported"),
        ("COUNT=3", "invalid"),
        ("FREQ=HOURLY", "invalid"),
        ("FREQ=SECONDLY;BYMONTH=2", "invalid"),
        ("FREQ=DAILY;FREQ=DAILY", "invalid"),
        ("FREQ=DAILY;BYHOUR=9", "unsupported"),
        ("FREQ=YEARLY;BYEASTER=1", "unsupported"),
        ("FREQ=YEARLY;BYWEEKNO=7", "unsupported"),
        ("FREQ=DAILY;INTERVAL=0", "invalid"),
        ("FREQ=DAILY;INTERVAL=1000", "invalid"),
        ("FREQ=DAILY;COUNT=0", "invalid"),
        ("FREQ=DAILY;COUNT=201", "too_large"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20261104", "invalid"),
        ("FREQ=DAILY;UNTIL=20261341", "invalid"),
        ("FREQ=DAILY;UNTIL=tomorrow", "invalid"),
        ("FREQ=WEEKLY;BYDAY=2MO", "invalid"),
        ("FREQ=WEEKLY;BYDAY=", "invalid"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "invalid"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "invalid"),
        ("FREQ=YEARLY;BYMONTH=13", "invalid"),
    ],
)
def test_what_is_refused(rule: str, code: str) -> None:
    with pytest.raises(BadRule) as caught:
        read_rule(rule)

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("rule", "is_endless"),
    [("FREQ=DAILY", True), ("FREQ=DAILY;COUNT=3", False), ("FREQ=DAILY;UNTIL=20261104", False)],
)
def test_whether_it_has_an_end(rule: str, is_endless: bool) -> None:
    assert read_rule(rule).is_endless is is_endless


def test_an_end_in_utc_is_an_instant() -> None:
    assert read_rule("FREQ=DAILY;UNTIL=20261104T080000Z").until == datetime(2026, 11, 4, 8, tzinfo=UTC)
