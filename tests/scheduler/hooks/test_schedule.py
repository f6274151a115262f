"""The waits between tries, added up by hand."""

from datetime import timedelta

from scheduler import limits
from scheduler.hooks.schedule import TRIES_MAX, WAITS, wait_after


def test_the_whole_schedule_is_less_than_a_day() -> None:
    seconds = [int(wait.total_seconds()) for wait in WAITS]

    assert seconds == [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 28_800]
    assert sum(seconds) == 85_355  # 23 h 42 min 35 s
    assert sum(seconds) < limits.WEBHOOK_HOURS_MAX * 3_600


def test_chance_cuts_at_most_a_fifth() -> None:
    assert wait_after(tries=1, chance=0.0) == timedelta(seconds=5)
    assert wait_after(tries=1, chance=0.5) == timedelta(seconds=4.5)
    assert wait_after(tries=5, chance=1.0) == timedelta(minutes=24)


def test_after_the_last_try_there_is_none() -> None:
    assert TRIES_MAX == 11
    assert wait_after(tries=10, chance=0.0) == timedelta(hours=8)
    assert wait_after(tries=11, chance=0.0) is None
