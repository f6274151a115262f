"""Quiet hours and the digest on the wall clock, across both changes of the clocks. Worked out by hand.

Berlin: 2030-03-31 02:00 → 03:00 (01:00 UTC), 2030-10-27 03:00 → 02:00 (01:00 UTC).
New York: 2030-03-10 02:00 → 03:00 (07:00 UTC). Lord Howe: 2030-10-06 02:00 → 02:30 (15:30 UTC of the day before).
Apia left out the whole of 2011-12-30.
"""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from scheduler.notice_topics import NoticeTopic
from scheduler.post.times import DIGESTED, PostTimes, is_quiet, posting_at

NIGHT = PostTimes(quiet_from=time(22), quiet_until=time(7))
LATE = PostTimes(quiet_from=time(1), quiet_until=time(2, 30))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def posted(now: str, times: PostTimes, zone: str = "Europe/Berlin", topic: NoticeTopic = NoticeTopic.ENDING) -> str:
    moment = utc(now)
    at = posting_at(written_at=moment, topic=topic, times=times, zone=ZoneInfo(zone), now=moment)
    return f"{at:%Y-%m-%d %H:%M:%S}"


@pytest.mark.parametrize(
    ("now", "at"),
    [
        ("2030-05-13 12:00", "2030-05-13 12:00:00"),  # 14:00 there
        ("2030-05-13 19:59", "2030-05-13 19:59:00"),  # 21:59
        ("2030-05-13 20:00", "2030-05-14 05:00:00"),  # 22:00: kept until 07:00
        ("2030-05-14 04:59", "2030-05-14 05:00:00"),
        ("2030-05-14 05:00", "2030-05-14 05:00:00"),
        ("2030-03-30 22:00", "2030-03-31 05:00:00"),  # the night the clocks go forward: 07:00 is UTC+2
        ("2030-10-26 21:00", "2030-10-27 06:00:00"),  # back: 07:00 is UTC+1
    ],
)
def test_nothing_comes_in_quiet_hours(now: str, at: str) -> None:
    assert posted(now, NIGHT) == at


@pytest.mark.parametrize(
    ("zone", "now", "at"),
    [
        ("Europe/Berlin", "2030-03-31 00:30", "2030-03-31 01:00:00"),  # 01:30 there; 02:30 does not come: 03:00
        ("America/New_York", "2030-03-10 06:30", "2030-03-10 07:00:00"),
        ("Australia/Lord_Howe", "2030-10-05 15:00", "2030-10-05 15:30:00"),  # 02:00 becomes 02:30
        ("Africa/Casablanca", "2030-05-13 00:30", "2030-05-13 01:30:00"),  # UTC+1 all summer
        ("Europe/Berlin", "2030-10-26 23:30", "2030-10-27 00:30:00"),  # 01:30, and the first 02:30
        ("Europe/Berlin", "2030-10-27 01:10", "2030-10-27 01:30:00"),  # the clock shows 02:10 again: quiet again
    ],
)
def test_an_end_of_quiet_hours_that_is_left_out_or_comes_twice(zone: str, now: str, at: str) -> None:
    assert posted(now, LATE, zone) == at


@pytest.mark.parametrize(
    ("zone", "now", "digest", "at"),
    [
        ("Europe/Berlin", "2030-05-13 12:00", time(9), "2030-05-14 07:00:00"),
        ("Europe/Berlin", "2030-05-13 06:00", time(9), "2030-05-13 07:00:00"),
        ("Europe/Berlin", "2030-03-30 12:00", time(9), "2030-03-31 07:00:00"),
        ("Europe/Berlin", "2030-03-30 12:00", time(2, 30), "2030-03-31 01:00:00"),  # in the gap: its end
        ("Europe/Berlin", "2030-10-26 12:00", time(2, 30), "2030-10-27 00:30:00"),  # comes twice: the first
        ("Pacific/Apia", "2011-12-29 20:00", time(9), "2011-12-30 10:00:00"),  # no 30 December: the 31st begins
    ],
)
def test_the_digest_comes_once_a_day(zone: str, now: str, digest: time, at: str) -> None:
    for topic in DIGESTED:
        assert posted(now, PostTimes(digest_at=digest), zone, topic) == at


def test_what_asks_somebody_to_act_does_not_wait_for_the_digest() -> None:
    at_once = set(NoticeTopic) - DIGESTED

    assert {posted("2030-05-13 12:00", PostTimes(digest_at=time(9)), topic=topic) for topic in at_once} == {
        "2030-05-13 12:00:00"
    }


def test_a_digest_in_quiet_hours_comes_at_their_end() -> None:
    times = PostTimes(quiet_from=time(22), quiet_until=time(7), digest_at=time(6))

    assert posted("2030-05-13 12:00", times, topic=NoticeTopic.OUTCOME) == "2030-05-14 05:00:00"


def test_a_digest_that_is_overdue_is_sent_at_once() -> None:
    now = utc("2030-05-16 12:00")
    args = {"topic": NoticeTopic.OUTCOME, "times": PostTimes(digest_at=time(9)), "zone": ZoneInfo("UTC")}

    assert posting_at(written_at=utc("2030-05-13 12:00"), now=now, **args) == now  # type: ignore[arg-type]


def test_hours_by_day_are_not_over_midnight() -> None:
    lunch = PostTimes(quiet_from=time(12), quiet_until=time(13))

    found = [
        is_quiet(at=utc(f"2030-05-13 {at}"), times=lunch, zone=ZoneInfo("UTC")) for at in ("11:59", "12:00", "13:00")
    ]

    assert found == [False, True, False]
